"""What every store of files does: whole and verified or not there at all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rota.core.errors import Conflict, Malformed, Missing
from rota.store.blobs import Blobs, FolderBlobs
from tests.real import bucket

Opened = Callable[[], Blobs]


@pytest.fixture(params=["folder", pytest.param("bucket", marks=pytest.mark.real)])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opened]:
    """Opens the same store again and again, as servers do that follow each other."""
    if request.param == "folder":
        yield lambda: FolderBlobs(tmp_path)
        return
    with bucket.lent() as url:
        from rota.store.bucket import BucketBlobs

        yield lambda: BucketBlobs(url, tmp_path)


DATA = b"0123456789" * 100
DIGEST = hashlib.sha256(DATA).hexdigest()


def send(blobs: Blobs, user: str, data: bytes, *, at: int = 0) -> bool:
    """Send *data* as what follows byte *at* of DATA."""
    upload = blobs.upload(user, DIGEST, at=at, size=len(DATA))
    try:
        upload.write(data)
        return upload.finish()
    finally:
        upload.close()


def test_a_file_comes_in_pieces_and_is_whole(opened: Opened) -> None:
    """Another process goes on where the first one ended."""
    assert not send(opened(), "ann", DATA[:300])
    blobs = opened()
    assert blobs.begun("ann", DIGEST) == 300
    assert blobs.size_of("ann", DIGEST) is None
    assert send(blobs, "ann", DATA[300:], at=300)
    with blobs.open("ann", DIGEST) as file:
        assert file.read() == DATA
    assert blobs.used("ann") == len(DATA)


def test_what_is_not_what_its_name_says_is_thrown_away(opened: Opened) -> None:
    """And may be sent again."""
    blobs = opened()
    with pytest.raises(Malformed, match="another digest"):
        send(blobs, "ann", b"x" * len(DATA))
    assert blobs.begun("ann", DIGEST) == 0
    with pytest.raises(Malformed, match="longer"):
        send(blobs, "ann", DATA + b"x")
    assert send(blobs, "ann", DATA)


def test_one_sends_at_a_time_and_goes_on_where_it_was(opened: Opened) -> None:
    """Anything else would make a mess of the part."""
    blobs = opened()
    upload = blobs.upload("ann", DIGEST, at=0, size=len(DATA))
    with pytest.raises(Conflict, match="somebody else"):
        blobs.upload("ann", DIGEST, at=0, size=len(DATA))
    upload.close()
    with pytest.raises(Conflict, match="go on there"):
        blobs.upload("ann", DIGEST, at=5, size=len(DATA))


def test_what_is_removed_is_gone(opened: Opened) -> None:
    """And no longer counted."""
    blobs = opened()
    send(blobs, "ann", DATA)
    assert [held.digest for held in blobs.held("ann")] == [DIGEST]
    blobs.remove("ann", DIGEST)
    assert (blobs.used("ann"), list(blobs.held("ann"))) == (0, [])


def test_it_is_read_from_anywhere(opened: Opened) -> None:
    """A download that broke off goes on where it was."""
    send(opened(), "ann", DATA)
    with opened().open("ann", DIGEST) as file:
        file.seek(995)
        assert (file.read(3), file.tell(), file.read()) == (b"567", 998, b"89")


def test_g30_each_user_has_files_of_his_own(opened: Opened) -> None:
    """Whatever he is called."""
    blobs = opened()
    for user in ("ann", "../x", "a/b", "ü.é"):
        send(blobs, user, DATA)

    assert sorted(opened().users()) == ["../x", "a/b", "ann", "ü.é"]
    assert opened().size_of("bob", DIGEST) is None
    with pytest.raises(Missing):
        opened().open("bob", DIGEST)


def test_jobs_whose_files_stay(opened: Opened) -> None:
    """Noted for good, until it is undone; no file of its own."""
    send(opened(), "ann", DATA)
    for job in (12, 3):
        opened().pin("ann", job)
    assert opened().pins("ann") == [3, 12]
    opened().unpin("ann", 12)
    opened().unpin("ann", 12)

    assert opened().pins("ann") == [3]
    assert [held.digest for held in opened().held("ann")] == [DIGEST]


def test_what_is_asked_for_counts_as_used(opened: Opened) -> None:
    """Cleaning looks at that."""
    send(opened(), "ann", DATA)
    (before,) = opened().held("ann")

    assert opened().touch("ann", DIGEST)
    assert not opened().touch("ann", "0" * 64)
    (after,) = opened().held("ann")
    assert after.used_at >= before.used_at

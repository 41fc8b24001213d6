"""The store of files: whole and verified or not there at all, each user's own."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from rota.core.errors import Conflict, Malformed, Missing
from rota.store.blobs import FolderBlobs

DATA = b"0123456789" * 100
DIGEST = hashlib.sha256(DATA).hexdigest()


def send(blobs: FolderBlobs, user: str, data: bytes, *, at: int = 0) -> bool:
    """Send *data* as what follows byte *at* of DATA."""
    upload = blobs.upload(user, DIGEST, at=at, size=len(DATA))
    try:
        upload.write(data)
        return upload.finish()
    finally:
        upload.close()


def test_a_file_comes_in_pieces_and_is_whole(tmp_path: Path) -> None:
    """Another process goes on where the first one ended."""
    assert not send(FolderBlobs(tmp_path), "ann", DATA[:300])
    blobs = FolderBlobs(tmp_path)
    assert blobs.begun("ann", DIGEST) == 300
    assert blobs.size_of("ann", DIGEST) is None
    assert send(blobs, "ann", DATA[300:], at=300)
    with blobs.open("ann", DIGEST) as file:
        assert file.read() == DATA
    assert blobs.used("ann") == len(DATA)


def test_g30_nobody_sees_the_files_of_others(tmp_path: Path) -> None:
    """Not even whether they are there; and no name leads to another folder."""
    blobs = FolderBlobs(tmp_path / "blobs")
    send(blobs, "ann", DATA)
    for user in ("bob", "..", "../blobs/ann", ".", "ann/"):
        assert blobs.size_of(user, DIGEST) is None
        with pytest.raises(Missing):
            blobs.open(user, DIGEST)
    assert send(blobs, "../x", DATA)
    assert sorted(blobs.users()) == ["../x", "ann"]
    assert [path.name for path in tmp_path.iterdir()] == ["blobs"]


def test_what_is_not_what_its_name_says_is_thrown_away(tmp_path: Path) -> None:
    """And may be sent again."""
    blobs = FolderBlobs(tmp_path)
    with pytest.raises(Malformed, match="another digest"):
        send(blobs, "ann", b"x" * len(DATA))
    assert blobs.begun("ann", DIGEST) == 0
    with pytest.raises(Malformed, match="longer"):
        send(blobs, "ann", DATA + b"x")
    assert send(blobs, "ann", DATA)


def test_one_sends_at_a_time_and_goes_on_where_it_was(tmp_path: Path) -> None:
    """Anything else would make a mess of the part."""
    blobs = FolderBlobs(tmp_path)
    upload = blobs.upload("ann", DIGEST, at=0, size=len(DATA))
    with pytest.raises(Conflict, match="somebody else"):
        blobs.upload("ann", DIGEST, at=0, size=len(DATA))
    upload.close()
    with pytest.raises(Conflict, match="go on there"):
        blobs.upload("ann", DIGEST, at=5, size=len(DATA))


def test_what_is_removed_is_gone(tmp_path: Path) -> None:
    """And no longer counted."""
    blobs = FolderBlobs(tmp_path)
    send(blobs, "ann", DATA)
    assert [held.digest for held in blobs.held("ann")] == [DIGEST]
    blobs.remove("ann", DIGEST)
    assert (blobs.used("ann"), list(blobs.held("ann"))) == (0, [])

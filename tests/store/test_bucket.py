"""A bucket that does not answer: nothing is lost, and the sentence says so.

What every store of files does is in tests/contracts/test_blobs.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("obstore")

from rota.core.errors import Refused, Unreachable
from rota.store.bucket import BucketBlobs
from tests.contracts.test_blobs import DATA, DIGEST, send
from tests.real import bucket


@pytest.mark.real
def test_what_came_while_the_bucket_was_away_is_not_sent_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits here, whole, and goes there with the next word about it."""
    with bucket.lent() as url:
        with monkeypatch.context() as away:
            away.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
            with pytest.raises(Unreachable, match="ask again later"):
                send(BucketBlobs(url, tmp_path), "ann", DATA)
        blobs = BucketBlobs(url, tmp_path)
        assert blobs.size_of("ann", DIGEST) is None
        assert blobs.begun("ann", DIGEST) == len(DATA)
        assert send(blobs, "ann", b"", at=len(DATA))
        with blobs.open("ann", DIGEST) as file:
            assert file.read() == DATA
        assert not list(tmp_path.rglob(DIGEST))


def test_an_address_that_is_none_is_refused(tmp_path: Path) -> None:
    """Before anything is asked."""
    for url in ("s3://", "gs://bucket"):
        with pytest.raises(Refused, match="write s3://BUCKET/PREFIX"):
            BucketBlobs(url, tmp_path)

"""The store of files in a folder: no name leads out of it.

What every such store does is in tests/contracts/test_blobs.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from rota.core.errors import Missing, Refused
from rota.store.blobs import FolderBlobs, blobs_at
from tests.contracts.test_blobs import DATA, DIGEST, send


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


def test_a_shared_folder_must_be_there(tmp_path: Path) -> None:
    """A share that is not mounted must not be filled from below."""
    send(blobs_at(str(tmp_path), Path("/nowhere")), "ann", DATA)

    assert blobs_at(None, tmp_path.parent).size_of("ann", DIGEST) is None
    assert blobs_at(str(tmp_path), Path("/other")).size_of("ann", DIGEST) == len(DATA)
    with pytest.raises(Refused, match="is no folder"):
        blobs_at(str(tmp_path / "not mounted"), tmp_path)

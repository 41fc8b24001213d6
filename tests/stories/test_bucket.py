"""Files of jobs in a bucket: in, out, and over the time in which the bucket is away.

About rota.store.bucket and ``rota up --blobs``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real import bucket
from tests.server.running import until
from tests.stories.test_migrate_store import Site

pytestmark = pytest.mark.real


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A home whose files lie in a bucket."""
    with bucket.lent() as url:
        found = Site(tmp_path / "home")
        found.up("--blobs", url)
        yield found
        found.rota("down", "--kill-jobs")


def test_a_bucket_that_is_away_delays_outputs_and_loses_no_job(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The node keeps what the job made, and asks again until it is stored."""
    folder, go = tmp_path / "work", tmp_path / "go"
    folder.mkdir()
    (folder / "in.txt").write_text("from here")
    (folder / "new.txt").write_text("too late")
    monkeypatch.chdir(folder)
    wait = f"while [ ! -e {go} ]; do sleep 0.05; done; tr a-z A-Z < in.txt > out.txt"
    site.rota(
        "submit", "--inputs", "in.txt", "--outputs", "out.txt", "--", "sh", "-c", wait
    )  # fmt: skip
    assert until(lambda: site.job(1)["state"] == "running")
    assert not list((site.home / "blobs").rglob("??/*"))
    with bucket.away():
        go.touch()
        refused = site.rota(
            "submit", "--inputs", "new.txt", "--", "cat", "new.txt", code=125
        )
        assert "cannot be had now" in refused.stderr
        assert site.job(1)["state"] not in ("failed", "done")
    site.rota("wait", "1", "--timeout", "60s")

    (folder / "in.txt").unlink()
    site.rota("fetch", "1")
    assert "FROM HERE" in [path.read_text() for path in folder.rglob("out.txt")]

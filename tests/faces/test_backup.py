"""``rota backup``: a copy while the server serves, and what a restored one knows."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from rota.client.http import Client
from tests.client.cluster import Cluster
from tests.faces.conftest import Rota


def test_a_copy_for_its_owner_alone(rota: Rota, cluster: Cluster, tmp_path: Path) -> None:
    """It is never laid over a file; nothing is left in the home."""
    path = tmp_path / "copy.db"
    said = rota("backup", str(path), "--json")
    assert said.json == {"schema": "rota.backup/1", "file": str(path),
                         "bytes": path.stat().st_size}  # fmt: skip
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = rota("backup", str(path))
    assert (again.code, os.listdir(tmp_path)) == (2, ["copy.db"])
    assert "never overwrites" in again.err
    assert not (cluster.home / "copying").exists()
    assert rota("backup", str(tmp_path / "no" / "copy.db")).code == 2


def test_a_restored_copy_is_the_queue_of_that_moment(tmp_path: Path) -> None:
    """What waited waits, what ended since runs once more, what came since is not there."""
    home, copy = tmp_path / "home", tmp_path / "copy.db"
    with Cluster(home) as cluster:
        with Client(home=str(home)) as client:
            keys = {"cwd": str(tmp_path), "output": "%j.txt"}
            waits = client.submit({"argv": ["true"], "held": True, **keys})[0].id
            late = client.submit(
                {"command": "echo $ROTA_ATTEMPT >> late", "held": True, **keys}
            )[0].id
            client.backup(str(copy))
            client.release(late)
            client.wait(late, timeout_s=30)
            lost = client.submit({"argv": ["true"], **keys})[0].id
            client.wait(lost, timeout_s=30)
        assert cluster.rota("down").returncode == 0
        (home / "rota.db-wal").unlink(missing_ok=True)
        (home / "rota.db-shm").unlink(missing_ok=True)
        copy.replace(home / "rota.db")
        assert cluster.rota("up", "--detach", "--cores", "2").returncode == 0
        with Client(home=str(home)) as client:
            states = {job.id: job.state for job in client.all_jobs()}
            assert states == {waits: "held", late: "held"}
            client.release(late)
            assert client.wait(late, timeout_s=30).state == "done"
            assert client.check_store() == []
    assert len((tmp_path / "late").read_text().split()) == 2

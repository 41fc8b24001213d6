"""jtm-worker, -remove-pool, -check-worker, -check-manager."""

from __future__ import annotations

from rota.client.http import Client
from tests.faces.jtm.conftest import Jtm


def test_a_dry_run_shows_the_script(jtm: Jtm, client: Client) -> None:
    """What Slurm would get; nothing is made."""
    said = jtm(
        "worker", "-wt", "dynamic", "-p", "big", "-t", "01:00:00", "-c", "8", "-m", "4G",
        "-nwpn", "2", "-q", "regular", "-A", "m342", "-dr",
    )  # fmt: skip
    assert said.code == 0 and said.lines[0] == "#!/bin/sh"
    assert "#SBATCH --time=60" in said.lines and "#SBATCH --qos=regular" in said.lines
    assert "big" not in [pool["name"] for pool in client.pools()["pools"]]


def test_a_pool_by_hand(jtm: Jtm, client: Client) -> None:
    """Static keeps one pilot; a pool that is there is changed."""
    client.pool_asked("add", "jtm", kind="local", max=1)
    try:
        assert jtm("worker", "-wt", "dynamic", "-tp", "hand", "-t", "00:10:00").code == 0
        assert jtm("worker", "-wt", "static", "-tp", "hand", "-t", "00:20:00").code == 0
        (pool,) = (p for p in client.pools()["pools"] if p["name"] == "hand")
        assert (pool["kind"], pool["keys"]["min"]) == ("local", 1)
        assert jtm("remove-pool", "-p", "hand").code == 0
    finally:
        client.pool_asked("remove", "jtm")


def test_who_is_there(jtm: Jtm) -> None:
    """Workers are counted, of all pools or of one; the manager is the server."""
    assert jtm("check-worker").code == 0 and jtm("check-manager", "-cl", "cori").code == 0
    assert jtm("check-worker", "-p", "nobody")[:2] == (1, "0\n")
    assert jtm("remove-pool", "-p", "nobody").code == 252
    assert jtm("remove-pool").code == 2
    said = jtm("worker", "-tp", "small")
    assert said.code == 2 and "rota invite" in said.err
    assert jtm("worker", "-wt", "odd").code == 2

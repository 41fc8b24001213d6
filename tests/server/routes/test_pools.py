"""Pools over REST: added, changed, shown, refused."""

from __future__ import annotations

from rota.wire.api.pools import POOLS_SCHEMA
from tests.server.running import Server


def test_a_pool_is_added_changed_and_kept_over_a_restart(server: Server) -> None:
    """It is on disk when the answer comes."""
    keys = {"kind": "slurm", "time": "1h", "memory": "2GB", "max": 3}
    told = server.good("POST", "/pools/add", {"name": "big", "set": keys})
    assert told["pool"] == "big"
    server.good("POST", "/pools/set", {"name": "big", "set": {"max": 5, "time": None}})
    server.stop(9)
    server.start()
    page = server.good("GET", "/pools")
    assert page["schema"] == POOLS_SCHEMA
    [shown] = page["pools"]
    assert shown["keys"] == {"kind": "slurm", "memory": "2 GiB", "max": 5}
    assert (shown["state"], shown["max"], shown["pilots"]) == ("open", 5, [])
    server.good("POST", "/pools/remove", {"name": "big"})
    assert server.good("GET", "/pools")["pools"] == []


def test_refusals_name_the_key_and_the_cure(server: Server) -> None:
    """And change nothing."""
    for name, keys, said in (
        ("big", {"kind": "lsf"}, "'lsf' is not one of local, slurm"),
        ("big", {"kind": "slurm", "tiem": "1h"}, "did you mean `time`?"),
        ("a-b", {"kind": "slurm"}, "'a-b' is not a name of up to 24 letters"),
    ):
        status, told = server.call("POST", "/pools/add", {"name": name, "set": keys})
        assert (status, said in told["error"]) == (400, True), told
    status, told = server.call("POST", "/pools/drain", {"name": "big"})
    assert (status, told["error"]) == (404, "there is no pool big; pools are: none")
    status, told = server.call("GET", "/pools/log?name=big")
    assert status == 404

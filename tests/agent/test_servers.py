"""Which server is next, what is remembered, and whose time is over."""

from __future__ import annotations

from pathlib import Path

from rota.agent.servers import Servers


def test_round_and_round(tmp_path: Path) -> None:
    """Those that were given, then those that a server told of."""
    servers = Servers(str(tmp_path), ["unix:/a", "unix:/b"])
    servers.learn(3, ["unix:/b", "http://c:1", "no address", 7])
    seen = []
    for _ in range(4):
        seen.append(servers.current)
        servers.next()

    assert seen == ["unix:/a", "unix:/b", "http://c:1", "unix:/a"]


def test_G26_an_epoch_that_is_over_is_known_after_a_restart(tmp_path: Path) -> None:
    """The agent may have been killed between one leader and the next."""
    Servers(str(tmp_path), ["unix:/a"]).learn(5, ["unix:/b"])
    again = Servers(str(tmp_path), ["unix:/a"])

    assert again.is_old(4) and not again.is_old(5) and not again.is_old(6)
    assert again.all == ["unix:/a", "unix:/b"]


def test_a_beat_says_no_servers_and_takes_none_away(tmp_path: Path) -> None:
    """Only a welcome lists them; who is turned to stays the same."""
    servers = Servers(str(tmp_path), ["unix:/a"])
    servers.learn(1, ["unix:/b", "unix:/c"])
    servers.next()
    servers.next()
    servers.learn(2, None)

    assert servers.all == ["unix:/a", "unix:/b", "unix:/c"]
    assert servers.current == "unix:/c"


def test_what_is_remembered_may_be_torn(tmp_path: Path) -> None:
    """Then it is as if nothing was."""
    for text in ("", "[]", '{"urls": 3, "epoch": "x"}'):
        (tmp_path / "servers.json").write_text(text)
        servers = Servers(str(tmp_path), ["unix:/a"])
        assert (servers.all, servers.epoch) == (["unix:/a"], 0)

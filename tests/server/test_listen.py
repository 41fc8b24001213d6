"""Addresses: read, refused, and kept to this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from rota.core.errors import Malformed, Refused
from rota.server.listen import (
    host_names,
    is_loopback,
    listen_again,
    listen_tcp,
    parse_address,
)
from tests.server.running import Server


@pytest.mark.parametrize(
    ("text", "address"),
    [("127.0.0.1:80", ("127.0.0.1", 80)), ("[::1]:0", ("::1", 0)), ("box:9", ("box", 9))],
)
def test_addresses(text: str, address: tuple[str, int]) -> None:
    """Host and port."""
    assert parse_address(text) == address


@pytest.mark.parametrize("text", ["", "80", ":80", "host", "host:", "host:99999", "host:x"])
def test_what_is_no_address(text: str) -> None:
    """Says how one is written."""
    with pytest.raises(Malformed, match=r"127\.0\.0\.1:8400"):
        parse_address(text)


def test_g29_loopback_is_this_machine_only() -> None:
    """Anything else is asked for."""
    assert is_loopback("127.0.0.1:1")
    assert is_loopback("localhost:1")
    assert is_loopback("[::1]:1")
    assert not is_loopback("0.0.0.0:1")
    assert not is_loopback("box:1")


def test_names_that_clients_may_use() -> None:
    """Its own only."""
    assert host_names(None) == {"localhost"}
    assert host_names("127.0.0.1:1") == {"localhost", "127.0.0.1"}
    assert "box" in host_names("box:1")


def test_a_port_that_is_taken_is_refused() -> None:
    """Not shared."""
    with listen_tcp("127.0.0.1:0") as first, pytest.raises(Refused, match="cannot listen"):
        listen_tcp(f"127.0.0.1:{first.getsockname()[1]}")


def test_without_tcp_there_is_no_port(tmp_path: Path) -> None:
    """The unix socket is always there."""
    with Server(tmp_path / "home", "--no-tcp") as server:
        assert server.facts()["tcp"] is None
        assert server.good("GET", "")


def test_a_start_that_is_refused_leaves_no_server_behind(tmp_path: Path) -> None:
    """A wrong address, a store there is none for, a database that is not there."""
    wrong = (
        ("--listen", "nowhere", 2),
        ("--database", "mysql://x/y", 2),
        ("--database", "postgresql://127.0.0.1:1/y", 125),
    )
    for option, value, code in wrong:
        server = Server(tmp_path / "home", option, value)
        process = server.spawn()
        _, err = process.communicate(timeout=20)
        assert process.returncode == code
        assert err.startswith("rota server: ")
        assert "Traceback" not in err
        assert not (tmp_path / "home" / "server.json").exists()


def test_any_free_port_is_the_one_of_last_time(tmp_path: Path) -> None:
    """Unless somebody else has it now; a port that was named is taken, and not noted."""
    noted = tmp_path / "port"
    with listen_again("127.0.0.1:0", noted) as first:
        port = first.getsockname()[1]
        with listen_again("127.0.0.1:0", noted) as second:
            other = second.getsockname()[1]
    assert port != other
    with listen_again("127.0.0.1:0", noted) as third:
        assert third.getsockname()[1] == other
    with listen_again(f"127.0.0.1:{port}", noted) as named:
        assert named.getsockname()[1] == port
    assert noted.read_text() == f"{other}\n"

"""Beyond this machine only TLS: the home's certificate, the site's, and who is believed."""

from __future__ import annotations

import asyncio
import socket
import ssl
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rota.client.aio import AsyncClient
from rota.client.http import Client
from rota.client.tls import NotTrusted
from rota.core.errors import Refused, Unreachable
from rota.core.pin import split_pin
from rota.server.tls import own_certificate, sites_certificate
from tests.server.running import Server, until

AT = 1_800_000_000_000


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that listens on all addresses."""
    home = tmp_path_factory.mktemp("secured") / "home"
    with Server(home, "--listen", "0.0.0.0:0") as running:
        yield running


def token_of(server: Server) -> str:
    """Return its owner's token."""
    return (server.home / "token").read_text().strip()


def test_g29_beyond_loopback_there_is_only_tls(secured: Server) -> None:
    """Plain HTTP gets no answer; the address carries the fingerprint."""
    bare, pin = split_pin(secured.facts()["tcp"])
    assert bare.startswith("https://127.0.0.1:")
    assert pin is not None
    port = int(bare.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=20) as plain:
        plain.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert not plain.recv(100).startswith(b"HTTP")


def test_both_clients_pin_the_certificate(secured: Server) -> None:
    """Again and again on one connection."""
    url = secured.facts()["tcp"]
    with Client(url, token=token_of(secured)) as client:
        for _ in range(3):
            assert client.info()["is_admin"]

    async def ask() -> bool:
        async with AsyncClient(url, token=token_of(secured)) as twin:
            return bool((await twin.info())["is_admin"])

    assert asyncio.run(ask())


def test_another_certificate_is_not_trusted(secured: Server) -> None:
    """Whoever answers: no token is shown to them."""
    bare, _ = split_pin(secured.facts()["tcp"])
    wrong = f"{bare}#sha256={'0' * 64}"
    with pytest.raises(NotTrusted, match="shows another certificate"):
        Client(wrong, token="x").info()
    with pytest.raises(NotTrusted, match=r"not trusted here.*#sha256="):
        Client(bare, token="x").info()

    async def ask() -> None:
        async with AsyncClient(wrong, token="x") as twin:
            await twin.info()

    with pytest.raises(NotTrusted, match="shows another certificate"):
        asyncio.run(ask())


def test_who_speaks_no_tls_is_named(tmp_path: Path) -> None:
    """An https address of a server that listens on loopback."""
    with Server(tmp_path / "home") as server:
        url = server.facts()["tcp"].replace("http:", "https:")
        with pytest.raises(Unreachable, match="does not speak TLS"):
            Client(url, token="x").info()


def test_the_home_is_found_by_its_address(secured: Server, tmp_path: Path) -> None:
    """Whose socket does not answer, is asked over TLS, with the home's own token."""
    (tmp_path / "server.json").write_text((secured.home / "server.json").read_text())
    (tmp_path / "token").write_text(token_of(secured))
    assert Client(home=str(tmp_path)).info()["is_admin"]


def test_an_agent_comes_over_tls(secured: Server, tmp_path: Path) -> None:
    """With the fingerprint it works; with another one it says why it does not."""
    bare, _ = split_pin(secured.facts()["tcp"])
    token = str(secured.home / "agent-token")
    command = [sys.executable, "-m", "rota.agent", "--token-file", token]
    wrong = [*command, "--home", f"{tmp_path}/b", "--server", f"{bare}#sha256={'0' * 64}"]
    good = [*command, "--home", f"{tmp_path}/a", "--server", secured.facts()["tcp"],
            "--name", "far"]  # fmt: skip
    said = tmp_path / "said"
    with said.open("wb") as out:
        agents = [subprocess.Popen(words, stderr=out) for words in (good, wrong)]
    try:
        job = secured.submit(argv=["echo", "x" * 100_000])
        assert secured.until(job, "done", "failed")["state"] == "done"
        _, log, _ = secured.raw("GET", f"/api/v1/jobs/{job}/log")
        assert log == b"x" * 100_000 + b"\n"
        until(lambda: "shows another certificate" in said.read_text())
    finally:
        for agent in agents:
            agent.terminate()
            agent.wait(20)
    assert len(secured.good("GET", "/nodes")["nodes"]) == 1


def test_the_key_is_its_owners_alone(tmp_path: Path) -> None:
    """And the certificate stays the same from start to start."""
    first = own_certificate(tmp_path, hosts=["box", "192.0.2.1"], at=AT)
    again = own_certificate(tmp_path, hosts=["other"], at=AT)
    assert first.pin == again.pin
    assert first.names == {"box"}
    assert stat.S_IMODE(first.key.stat().st_mode) == 0o600
    assert stat.S_IMODE(first.key.parent.stat().st_mode) == 0o700


def test_the_sites_own_certificate_is_taken(tmp_path: Path) -> None:
    """Also in one file with its key; the fingerprint is pinned if it signs itself."""
    made = own_certificate(tmp_path, hosts=["box.example"], at=AT)
    both = tmp_path / "both.pem"
    both.write_text(made.cert.read_text() + made.key.read_text())
    both.chmod(0o600)
    found = sites_certificate(both, None)
    assert (found.pin, found.names) == (made.pin, {"box.example"})
    assert isinstance(found.context(), ssl.SSLContext)


def test_what_is_no_certificate_is_refused(tmp_path: Path) -> None:
    """Missing, garbled, of another key, or with a key that everybody can read."""
    made = own_certificate(tmp_path, hosts=["box"], at=AT)
    (tmp_path / "other").mkdir()
    other = own_certificate(tmp_path / "other", hosts=["box"], at=AT)
    bad = tmp_path / "bad.pem"
    bad.write_text("nothing")
    for cert in (tmp_path / "none.pem", bad):
        with pytest.raises(Refused, match="cannot read the certificate"):
            sites_certificate(cert, None)
    with pytest.raises(Refused, match="cannot use the certificate"):
        sites_certificate(made.cert, other.key).context()
    other.key.chmod(0o644)
    with pytest.raises(Refused, match="chmod 600"):
        sites_certificate(other.cert, other.key)

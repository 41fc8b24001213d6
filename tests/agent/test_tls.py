"""The sealed line: a handshake through buffers, and who is not believed."""

from __future__ import annotations

import hashlib
import ssl
from pathlib import Path

import pytest

from rota.agent.tls import Tls, Untrusted
from rota.server.tls import Certificate, own_certificate


class Peer:
    """The server's end, in memory."""

    def __init__(self, certificate: Certificate) -> None:
        self.came, self.goes = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.line = certificate.context().wrap_bio(self.came, self.goes, server_side=True)

    def answer(self, sealed: bytes) -> bytes:
        """Take what came, go on with the handshake, return what goes."""
        self.came.write(sealed)
        try:
            self.line.do_handshake()
        except ssl.SSLWantReadError:
            return self.goes.read()
        return self.goes.read()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """Some server's."""
    return own_certificate(
        tmp_path_factory.mktemp("home"), hosts=["box"], at=1_800_000_000_000
    )


def test_what_is_sealed_early_goes_out_after_the_handshake(
    certificate: Certificate,
) -> None:
    """Byte by byte as well; and large pieces whole."""
    peer, line = Peer(certificate), Tls("box", certificate.pin)
    hello = line.seal(b"GET /")
    for byte in peer.answer(hello):
        assert line.open(bytes([byte])) == b""
    tickets = peer.answer(line.take())
    assert peer.line.read(100) == b"GET /"
    assert line.open(tickets) == b""

    large = bytes(range(256)) * 1000
    peer.line.write(large)
    assert line.open(peer.goes.read()) == large
    peer.came.write(line.seal(large))
    got = b""
    while len(got) < len(large):
        got += peer.line.read(1 << 20)
    assert got == large


def test_another_certificate_is_not_believed(certificate: Certificate) -> None:
    """Nothing of ours was said to it by then."""
    wrong = hashlib.sha256(b"other").hexdigest()
    peer, line = Peer(certificate), Tls("box", wrong)
    with pytest.raises(Untrusted, match="another certificate"):
        line.open(peer.answer(line.seal(b"secret")))


def test_without_a_fingerprint_an_authority_must_vouch(certificate: Certificate) -> None:
    """Ours signs itself, and nobody does."""
    peer, line = Peer(certificate), Tls("box", None)
    with pytest.raises(Untrusted, match="not trusted here"):
        line.open(peer.answer(line.seal(b"secret")))


def test_who_speaks_no_tls_is_not_believed(tmp_path: Path) -> None:
    """Plain words end it."""
    line = Tls("box", "0" * 64)
    line.seal(b"x")
    with pytest.raises(Untrusted):
        line.open(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 10)

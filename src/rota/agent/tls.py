"""TLS for the line to the server: bytes in, bytes out; or a socket, for who may wait.

    seal(plain) ──▶ bytes to send          open(bytes that came) ──▶ plain
                        take() ──▶ further bytes to send: the handshake's
    secured(socket, url) ──▶ the same socket, secured

Imported only for https addresses: a node that needs no ``ssl`` does not load it.
"""

from __future__ import annotations

import hashlib
import socket
import ssl
from typing import Optional
from urllib.parse import urlsplit

from rota.core.pin import another_certificate, split_pin

_PIECE = 1 << 18


class Untrusted(Exception):
    """Somebody answers there, but not provably our server; the text says why."""


class Tls:
    """One secured connection."""

    def __init__(self, host: str, pin: Optional[str]) -> None:
        """Begin to secure a connection to *host*, whose certificate has print *pin*."""
        self._pin = pin
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._line = _context(pin).wrap_bio(self._in, self._out, server_hostname=host)
        self._early = bytearray()
        self._is_ready = False

    def seal(self, plain: bytes) -> bytes:
        """Return what to send for *plain*; nothing yet while hands are being shaken."""
        self._early += plain
        if not self._is_ready:
            self._shake()
        self._write()
        return self.take()

    def open(self, sealed: bytes) -> bytes:
        """Return what *sealed*, as it came from the socket, says.

        Raises:
            Untrusted: this is not the server that was meant.
        """
        self._in.write(sealed)
        if not self._is_ready:
            self._shake()
        if not self._is_ready:
            return b""
        pieces = []
        try:
            while True:
                piece = self._line.read(_PIECE)
                if not piece:
                    break
                pieces.append(piece)
        except ssl.SSLWantReadError:
            return b"".join(pieces)
        except ssl.SSLError as error:
            raise Untrusted(f"the secured line is broken: {error}") from None
        return b"".join(pieces)

    def take(self) -> bytes:
        """Return what waits to be sent."""
        return self._out.read()

    def _shake(self) -> None:
        try:
            self._line.do_handshake()
        except ssl.SSLWantReadError:
            return
        except ssl.SSLError as error:
            raise Untrusted(f"its certificate is not trusted here: {error}") from None
        shown = self._line.getpeercert(binary_form=True) or b""
        found = hashlib.sha256(shown).hexdigest()
        if self._pin is not None and found != self._pin:
            raise Untrusted(another_certificate(self._pin, found))
        self._is_ready = True
        self._write()

    def _write(self) -> None:
        rest = memoryview(bytes(self._early)) if self._is_ready else memoryview(b"")
        while rest:
            rest = rest[self._line.write(rest) :]
        if self._is_ready:
            self._early.clear()


def secured(connection: socket.socket, url: str) -> ssl.SSLSocket:
    """Return *connection*, made to *url* and waiting, once it is secured.

    Raises:
        Untrusted: this is not the server that was meant.
        OSError: the line broke.
    """
    bare, pin = split_pin(url)
    host = urlsplit(bare).hostname
    try:
        line = _context(pin).wrap_socket(connection, server_hostname=host)
    except ssl.SSLError as error:
        raise Untrusted(f"its certificate is not trusted here: {error}") from None
    found = hashlib.sha256(line.getpeercert(binary_form=True) or b"").hexdigest()
    if pin is not None and found != pin:
        line.close()
        raise Untrusted(another_certificate(pin, found))
    return line


def _context(pin: Optional[str]) -> ssl.SSLContext:
    if pin is None:
        return ssl.create_default_context()
    # The fingerprint says more than any authority could; it is compared by ourselves.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context

"""TLS for the clients: the certificate that was agreed on, or one that the system trusts.

    https://host:port#sha256=…    this certificate and no other, whoever signed it
    https://host:port             vouched for by the system's authorities (SSL_CERT_FILE)

Imported only for such addresses: ``ssl`` costs more than the rest of a command.
"""

from __future__ import annotations

import hashlib
import socket
import ssl
from typing import TYPE_CHECKING

from rota.core.errors import Unreachable
from rota.core.pin import another_certificate

if TYPE_CHECKING:
    from typing import Any

    from rota.client.find import Address


class NotTrusted(Unreachable):
    """Somebody answers there, but not provably the server that was meant."""


def context_for(address: Address) -> ssl.SSLContext:
    """Return what a connection to *address* is made with."""
    if address.pin is None:
        return ssl.create_default_context()
    # The fingerprint says more than any authority could; ``check`` compares it.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def check(address: Address, secured: Any) -> None:
    """See that *secured*, an SSL object, leads to whom *address* means.

    Raises:
        NotTrusted: it does not.
    """
    found = hashlib.sha256(secured.getpeercert(binary_form=True) or b"").hexdigest()
    if address.pin is not None and found != address.pin:
        why = another_certificate(address.pin, found)
        raise NotTrusted(f"the server at {address} is not trusted: {why}")


def refused(address: Address, error: Exception) -> NotTrusted:
    """Return the error for a handshake that failed with *error*."""
    if isinstance(error, ssl.SSLCertVerificationError):
        cure = (
            "write the address with its fingerprint, https://…#sha256=…, as rota up on "
            "that machine shows it, or name your authority's file in SSL_CERT_FILE"
        )
        why = f"its certificate is not trusted here ({error.verify_message})"
        return NotTrusted(f"the server at {address} is not trusted: {why}; {cure}")
    return NotTrusted(f"the server at {address} does not speak TLS as we do: {error}")


def secure(made: Any, address: Address) -> Secured:
    """Return *made*, a connected ``_socket``, secured.

    Raises:
        NotTrusted: somebody else answers.
    """
    timeout = made.gettimeout()
    plain = socket.socket(fileno=made.detach())
    plain.settimeout(timeout)
    try:
        secured = context_for(address).wrap_socket(plain, server_hostname=address.where)
    except ssl.SSLError as error:
        plain.close()
        raise refused(address, error) from None
    except OSError:
        plain.close()
        raise
    try:
        check(address, secured)
    except NotTrusted:
        secured.close()
        raise
    return Secured(secured)


class Secured:
    """A secured socket as ``Connection`` uses one: it can be peeked at for its end."""

    def __init__(self, secured: ssl.SSLSocket) -> None:
        self._secured = secured
        self.settimeout, self.sendall = secured.settimeout, secured.sendall
        self.close = secured.close

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Return what came; with MSG_PEEK only ask, on a socket without a timeout.

        Raises:
            BlockingIOError: nothing is there, and the connection is alive.
        """
        try:
            return self._secured.recv(size)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise BlockingIOError from None
        except ssl.SSLZeroReturnError:
            return b""

"""The server's certificate: made once and kept in its home, or the site's own.

    HOME/tls/cert.pem, key.pem    made when first needed; clients pin its fingerprint
    --cert FILE --key FILE        the site's; clients trust who signed it

Whoever may read the key may be the server: it is its owner's alone.
"""

from __future__ import annotations

import hashlib
import ipaddress
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rota.core.errors import Refused
from rota.server.home import write_whole

if TYPE_CHECKING:
    from cryptography import x509

FOLDER, CERT, KEY = "tls", "cert.pem", "key.pem"
YEARS = 20
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Certificate:
    """Where it lies, and what clients have to know of it.

    Shapes:
        pin:   its fingerprint, for addresses; None when an authority vouches for it
        names: host names it is made out to
    """

    cert: Path
    key: Path
    pin: str | None
    names: frozenset[str]

    def context(self) -> ssl.SSLContext:
        """Return what sockets are secured with; ``load`` renews it in place."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        self.load(context)
        return context

    def load(self, context: ssl.SSLContext) -> None:
        """Have *context* show this certificate to whoever connects from now on.

        Raises:
            Refused: the files cannot be read, or do not belong together.
        """
        try:
            context.load_cert_chain(self.cert, self.key, password=_no_password)
        except (OSError, ssl.SSLError) as error:
            raise Refused(
                f"cannot use the certificate {self.cert} with the key {self.key}: {error}"
            ) from None


def own_certificate(home: Path, *, hosts: Iterable[str], at: int) -> Certificate:
    """Return the certificate of *home*; it is made now if there is none.

    Shapes:
        hosts: names and addresses it is made out to;  at: ms since the epoch
    """
    folder = home / FOLDER
    cert, key = folder / CERT, folder / KEY
    if not (cert.exists() and key.exists()):
        folder.mkdir(mode=0o700, exist_ok=True)
        key_text, cert_text = _made(sorted(set(hosts)), at)
        write_whole(key, key_text)
        write_whole(cert, cert_text)
    return _read(cert, key)


def sites_certificate(cert: Path, key: Path | None) -> Certificate:
    """Return the site's own; the key may stand in the same file.

    Raises:
        Refused: it cannot be read, or others can read the key.
    """
    found = _read(cert, key or cert)
    try:
        mode = found.key.stat().st_mode
    except OSError as error:
        raise Refused(f"cannot read the key {found.key}: {error.strerror}") from None
    if mode & 0o007:
        raise Refused(f"everybody can read the key {found.key}; chmod 600 {found.key}")
    return found


def _read(cert: Path, key: Path) -> Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        found = x509.load_pem_x509_certificate(cert.read_bytes())
    except (OSError, ValueError) as error:
        raise Refused(f"cannot read the certificate {cert}: {error}") from None
    signs_itself = found.issuer == found.subject
    pin = hashlib.sha256(found.public_bytes(Encoding.DER)).hexdigest()
    return Certificate(cert, key, pin if signs_itself else None, _names(found))


def _names(found: x509.Certificate) -> frozenset[str]:
    from cryptography import x509

    try:
        also = found.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return frozenset()
    return frozenset(name.lower() for name in also.value.get_values_for_type(x509.DNSName))


def _made(hosts: list[str], at: int) -> tuple[str, str]:
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "rota")])
    # A day back: the clocks of two machines are never quite alike.
    since = datetime.fromtimestamp((at - _DAY_MS) / 1000, UTC)
    cert = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(since + timedelta(days=365 * YEARS))
        .add_extension(
            x509.SubjectAlternativeName([_general(host) for host in hosts]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    text = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return text.decode(), cert.public_bytes(serialization.Encoding.PEM).decode()


def _general(host: str) -> x509.GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host.encode("idna").decode())


def _no_password() -> str:
    """Nobody is there to be asked: a key under a password is refused."""
    return ""

"""Fingerprints of certificates: how an address says whom exactly it means.

    https://host:8400#sha256=9f86d0…     the server that shows this very certificate
    https://host:8400                    any that the system's authorities vouch for

A fingerprint is SHA-256 of the certificate as it travels (DER), 64 hexadecimal digits.
"""

from __future__ import annotations

from typing import Optional, Tuple

MARK = "#sha256="
_DIGITS = 64


def split_pin(url: str) -> Tuple[str, Optional[str]]:
    """Return *url* without its fingerprint, and the fingerprint, None when it has none.

    Raises:
        ValueError: what stands behind # is no fingerprint.
    """
    bare, mark, rest = url.partition("#")
    if not mark:
        return url, None
    name, _, digits = rest.partition("=")
    pin = digits.replace(":", "").lower()
    if name != "sha256" or len(pin) != _DIGITS or not set(pin) <= set("0123456789abcdef"):
        raise ValueError(
            f"{rest[:80]!r} is no fingerprint: write #sha256= and {_DIGITS} "
            "hexadecimal digits, as the server's operator gives them"
        )
    return bare, pin


def with_pin(url: str, pin: Optional[str]) -> str:
    """Return *url* with its fingerprint."""
    return url + MARK + pin if pin else url


def another_certificate(wanted: str, found: str) -> str:
    """Return the sentence for a server whose certificate is not the one that was meant."""
    return (
        f"it shows another certificate (sha256 {found[:16]}…) than the one that was "
        f"agreed on ({wanted[:16]}…): either it has a new one, or somebody else answers "
        "there; ask its operator for the address as it is now (rota up shows it)"
    )

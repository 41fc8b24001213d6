"""Fingerprints in addresses."""

from __future__ import annotations

import pytest

from rota.core.pin import another_certificate, split_pin, with_pin

PIN = "0123456789abcdef" * 4


def test_an_address_and_its_fingerprint_come_apart() -> None:
    """And together again."""
    url = with_pin("https://box:8400", PIN)
    assert split_pin(url) == ("https://box:8400", PIN)
    assert split_pin("https://box:8400") == ("https://box:8400", None)
    assert with_pin("https://box:8400", None) == "https://box:8400"


def test_a_fingerprint_may_be_written_as_openssl_does() -> None:
    """Capitals, and a colon between bytes."""
    shown = ":".join(PIN[at : at + 2].upper() for at in range(0, 64, 2))
    assert split_pin(f"https://box:1#sha256={shown}")[1] == PIN


@pytest.mark.parametrize("bad", ["#", "#sha256=", "#sha256=abc", "#md5=" + PIN, "#" + PIN])
def test_what_is_none_is_refused(bad: str) -> None:
    """Not taken for an address without one, which would be trusted differently."""
    with pytest.raises(ValueError, match="is no fingerprint"):
        split_pin("https://box:1" + bad)


def test_both_certificates_are_named() -> None:
    """So that people can compare."""
    said = another_certificate("a" * 64, "b" * 64)
    assert "aaaa" in said
    assert "bbbb" in said

"""What an operator says of a provider, and which addresses nobody reads along with."""

from __future__ import annotations

import pytest

from rota.core.login import Provider, host_of, is_safe, provider_of


def test_what_is_not_said_is_usual() -> None:
    """The button is called by the issuer's host; openid is always asked for."""
    assert provider_of(None) is None
    said = {"issuer": "https://login.example.org:8443/x", "client_id": "rota"}
    usual = Provider(said["issuer"], "rota", name="login.example.org")
    assert provider_of(said) == usual
    found = provider_of({**said, "scopes": ["email"], "user": "email", "name": "Us"})
    assert found is not None
    assert (found.scopes, found.claim, found.name) == (("openid", "email"), "email", "Us")


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://example.org/a", True),
        ("http://127.0.0.1:80/a", True),
        ("http://[::1]:80/a", True),
        ("http://localhost", True),
        ("http://example.org/", False),
        ("http://localhost.example.org/", False),
        ("http://localhost:80@example.org/", False),
        ("http://localhost@example.org/", False),
        ("http://example.org?@localhost/", False),
        ("ftp://localhost/", False),
        ("localhost", False),
    ],
)
def test_g31_secrets_go_over_https_or_stay_on_this_machine(url: str, safe: bool) -> None:
    """Names that only begin like ours do not count (G31)."""
    assert is_safe(url) is safe


def test_hosts_are_without_ports() -> None:
    """Addresses with colons keep their brackets."""
    assert host_of("http://[::1]:80/a") == "[::1]"
    assert host_of("https://a.example:1/b") == "a.example"

"""What of a provider's answers is believed, without a server of ours."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from rota.core.errors import NotAllowed, Refused
from rota.core.login import Provider
from rota.server.oidc import Attempt, begin, finish
from tests.server.provider import CLIENT, SECRET, FakeProvider

ATTEMPT = Attempt("secret", "http://127.0.0.1:1/login/done")


def _of(fake: FakeProvider, secret: str = "") -> Provider:
    return Provider(fake.issuer, CLIENT, secret)


def _finish(fake: FakeProvider, folder: Path) -> dict[str, Any]:
    (folder / "secret").write_text(SECRET)
    provider = _of(fake, str(folder / "secret"))
    back = fake.log_in(begin(provider, ATTEMPT))
    code = dict(parse_qsl(urlsplit(back).query))["code"]
    return finish(provider, ATTEMPT, code, at=int(time.time() * 1000))


def test_what_is_sent_tells_nothing_of_the_secret() -> None:
    """Each word is another, and the same again from the same secret."""
    words = {ATTEMPT.word(what) for what in ("state", "nonce", "verifier")}
    assert len(words) == 3
    assert ATTEMPT.word("state") == Attempt("secret", "elsewhere").word("state")
    assert ATTEMPT.word("state") != Attempt("another", ATTEMPT.back).word("state")
    with FakeProvider() as fake:
        asked = dict(parse_qsl(urlsplit(begin(_of(fake), ATTEMPT)).query))
    assert asked["scope"] == "openid profile"
    assert ATTEMPT.word("verifier") not in asked.values()
    assert "secret" not in asked.values()


def test_g29_an_issuer_that_is_called_otherwise_is_not_this_one() -> None:
    """Its tokens would be of somebody else (G29)."""
    with FakeProvider() as fake:
        other = replace(_of(fake), issuer=fake.issuer + "/")
        with pytest.raises(Refused, match="must be written as it is there"):
            begin(other, ATTEMPT)


def test_g31_no_secret_goes_where_others_read_along(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Though the provider itself names such an address (G31)."""
    with FakeProvider() as fake:
        about = {**fake.about(), "authorization_endpoint": "http://example.org/auth"}
        monkeypatch.setattr(fake, "about", lambda: about)
        with pytest.raises(Refused, match="must be an https address"):
            begin(_of(fake), ATTEMPT)


@pytest.mark.parametrize("alg", ["none", "HS256"])
def test_g29_a_signature_that_anybody_could_make_proves_nothing(
    tmp_path: Path, alg: str
) -> None:
    """None at all, or by a key that is no secret: the one that is shown (G29)."""
    with FakeProvider() as fake:
        fake.forges = alg
        with pytest.raises(NotAllowed, match="proves nothing"):
            _finish(fake, tmp_path)


def test_a_token_is_believed_with_the_nonce_of_its_login(tmp_path: Path) -> None:
    """The claims are what the provider said."""
    with FakeProvider() as fake:
        assert _finish(fake, tmp_path)["preferred_username"] == "ann"


def test_without_a_readable_secret_there_is_a_sentence() -> None:
    """It names the setting."""
    with FakeProvider() as fake:
        lost = replace(_of(fake), secret_file="/nowhere/at/all")
        with pytest.raises(Refused, match=r"cannot read oidc\.client_secret_file"):
            finish(lost, ATTEMPT, "code", at=0)

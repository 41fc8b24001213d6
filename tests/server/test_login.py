"""Logging in to the page by a provider: a good one, every kind of bad one, and none."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from joserfc.jwk import RSAKey

from rota.server.scopes import COOKIE
from tests.server.provider import CLIENT, SECRET, FakeProvider
from tests.server.running import WAIT_S, Server

CONFIG = """
roles: {{ann: operator, "*": viewer}}
oidc:
  issuer: {issuer}
  client_id: {client}
  client_secret_file: {secret}
  name: the site
"""


@dataclass
class Visit:
    """A browser at the page, as far as cookies go."""

    server: Server
    provider: FakeProvider
    cookies: dict[str, str]

    def get(self, path: str) -> tuple[int, str, http.client.HTTPMessage]:
        """Ask for *path* over TCP; return status, body, headers, and keep cookies."""
        where = urlsplit(self.server.facts()["tcp"]).netloc
        link = http.client.HTTPConnection(where, timeout=WAIT_S)
        try:
            kept = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            link.request("GET", path, headers={"Cookie": kept} if kept else {})
            answer = link.getresponse()
            for line in answer.headers.get_all("set-cookie", []):
                name, _, value = line.partition(";")[0].partition("=")
                self.cookies[name] = value.strip('"')
            return answer.status, answer.read().decode(), answer.headers
        finally:
            link.close()

    def log_in(self) -> tuple[int, str, http.client.HTTPMessage]:
        """Go there and come back; return what the page's own server says then."""
        status, told, headers = self.get("/login")
        assert status == 303, told
        return self.get(self.provider.log_in(headers["location"]))

    def session(self) -> tuple[int, Any]:
        """Return who one is now."""
        status, told, _ = self.get("/api/v1/session")
        return status, json.loads(told)


@pytest.fixture(scope="module")
def both(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Server, FakeProvider]]:
    """A server and its provider, shared by the tests of this module."""
    folder = tmp_path_factory.mktemp("login")
    with (
        FakeProvider() as provider,
        Server(configured(folder, provider.issuer)) as server,
    ):
        yield server, provider


@pytest.fixture
def visit(both: tuple[Server, FakeProvider]) -> Iterator[Visit]:
    """A browser without cookies, at a provider that is honest until told otherwise."""
    server, provider = both
    honest = provider.claims, provider.lies, provider.signs
    yield Visit(server, provider, {})
    provider.claims, provider.lies, provider.signs = honest


def configured(folder: Path, issuer: str, more: str = "") -> Path:
    """Return a home in *folder* whose pages are logged in to at *issuer*."""
    (folder / "secret").write_text(SECRET + "\n")
    home = folder / "home"
    home.mkdir()
    text = CONFIG.format(issuer=issuer, client=CLIENT, secret=folder / "secret")
    (home / "config.yaml").write_text(text + more)
    return home


def test_who_the_provider_names_has_a_session_in_their_role(visit: Visit) -> None:
    """The cookies are for this page only, and the audit log tells who came."""
    assert visit.get("/api/v1/login")[1:2] == (
        '{"schema":"rota.login/1","name":"the site","address":"/login"}',
    )
    status, _, headers = visit.log_in()
    assert (status, headers["location"]) == (303, "/")
    page = next(c for c in headers.get_all("set-cookie", []) if c.startswith(COOKIE))
    assert "httponly" in page.lower()
    assert "samesite=strict" in page.lower()
    status, told = visit.session()
    assert (status, told["user"], told["role"]) == (200, "ann", "operator")
    assert told["csrf"]
    line = visit.server.good("GET", "/audit?action=log_in")["audit"][0]
    assert (line["user"], line["role"], line["refused"]) == ("ann", "operator", None)
    assert line["origin"] == f"127.0.0.1 by {visit.provider.issuer}"


def test_whom_roles_do_not_name_has_the_role_of_everybody(visit: Visit) -> None:
    """A provider says who somebody is, never what they may do here."""
    visit.provider.claims = {"sub": "8", "preferred_username": "zoe", "role": "admin"}
    assert visit.log_in()[0] == 303
    assert visit.session()[1]["role"] == "viewer"


def test_g29_the_owner_of_the_server_is_what_the_file_says_by_a_provider(
    visit: Visit,
) -> None:
    """Whoever may choose a name there must not become the administrator here (G29)."""
    name = visit.server.good("GET", "/session")["user"]
    visit.provider.claims = {"sub": "9", "preferred_username": name}
    status, told, _ = visit.log_in()
    if name == "root":
        assert (status, "root" in told) == (403, True)
    else:
        assert visit.session()[1]["role"] == "viewer"


def with_(**more: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return a lie: claims with *more* in them; None takes one out."""

    def lie(claims: dict[str, Any]) -> dict[str, Any]:
        return {k: v for k, v in {**claims, **more}.items() if v is not None}

    return lie


LIES = {
    "nonce": (with_(nonce="another's"), "nonce"),
    "no nonce": (with_(nonce=None), "nonce"),
    "audience": (with_(aud="another"), "aud"),
    "audience of several": (with_(aud=[CLIENT, "another"]), "another client"),
    "client": (with_(azp="another"), "another client"),
    "issuer": (with_(iss="https://elsewhere.example"), "iss"),
    "expired": (with_(exp=1_000_000), "expired"),
    "no end": (with_(exp=None), "exp"),
    "no subject": (with_(sub=None), "sub"),
    "no name": (with_(preferred_username=None), "preferred_username"),
    "strange name": (with_(preferred_username="<b>ann</b>"), "is no name here"),
}


@pytest.mark.parametrize("lie", LIES)
def test_g29_a_token_that_is_not_for_this_login_opens_nothing(
    visit: Visit, lie: str
) -> None:
    """Each is refused with a sentence that names what is wrong, as text (G29)."""
    visit.provider.lies, word = LIES[lie]
    status, told, _ = visit.log_in()
    assert status == 403
    assert word in told
    assert "<b>" not in told
    assert visit.session()[0] == 401


def test_g29_a_token_of_another_key_opens_nothing(visit: Visit) -> None:
    """Though it calls itself by the name of the right one (G29)."""
    visit.provider.signs = RSAKey.generate_key(2048, {"kid": "k1"})
    status, told, _ = visit.log_in()
    assert (status, "bad_signature" in told) == (403, True)
    assert visit.session()[0] == 401


def test_g33_a_login_that_another_browser_began_ends_nowhere(visit: Visit) -> None:
    """Nobody is logged in as somebody else by a link (G33)."""
    _, _, headers = visit.get("/login")
    back = visit.provider.log_in(headers["location"])
    stranger = Visit(visit.server, visit.provider, {})
    assert stranger.get(back)[0] == 403
    visit.get("/login")
    status, told, _ = visit.get(back)
    assert (status, "not begun in this browser" in told) == (403, True)


def test_a_code_is_good_once(visit: Visit) -> None:
    """The provider refuses it the second time, and that is said."""
    _, _, headers = visit.get("/login")
    back, kept = visit.provider.log_in(headers["location"]), dict(visit.cookies)
    assert visit.get(back)[0] == 303
    visit.cookies = kept
    status, told, _ = visit.get(back)
    assert (status, "the code was refused (400)" in told) == (400, True)


def test_what_the_provider_refuses_is_said_in_its_words(visit: Visit) -> None:
    """As text, whatever it is."""
    _, _, headers = visit.get("/login")
    state = visit.provider.log_in(headers["location"]).partition("state=")[2]
    status, told, _ = visit.get(f"/login/done?error=access_denied%3Ci%3E&state={state}")
    assert (status, "access_denied&lt;i&gt;" in told) == (403, True)


def test_others_are_served_while_a_provider_keeps_silent(visit: Visit) -> None:
    """A login that waits holds nobody up."""
    visit.provider.released.clear()
    where = urlsplit(visit.server.facts()["tcp"]).netloc
    waiting = http.client.HTTPConnection(where, timeout=WAIT_S)
    try:
        waiting.request("GET", "/login")
        assert visit.server.good("GET", "/stat")
        assert waiting.sock is not None
        visit.provider.released.set()
        assert waiting.getresponse().status == 303
    finally:
        visit.provider.released.set()
        waiting.close()


def test_groups_and_a_provider_that_is_away(tmp_path: Path) -> None:
    """Only members come in; without the provider there is a sentence, and tokens go on."""
    with FakeProvider() as provider:
        home = configured(tmp_path, provider.issuer, "  groups: [hpc]\n")
        server = Server(home)
        server.start()
        visit = Visit(server, provider, {})
        status, told, _ = visit.log_in()
        assert (status, "ann is in none of the groups hpc" in told) == (403, True)
        line = server.good("GET", "/audit?action=log_in")["audit"][0]
        assert "none of the groups" in line["refused"]
        provider.claims = {**provider.claims, "groups": ["all", "hpc"]}
        assert visit.log_in()[0] == 303
    try:
        status, told, _ = visit.get("/login")
        assert (status, "the login provider does not answer" in told) == (503, True)
        assert visit.session()[1]["user"] == "ann"
    finally:
        server.stop()


def test_without_a_provider_there_is_no_such_login(server: Server) -> None:
    """And the page is told so, before anybody is known."""
    with FakeProvider() as provider:
        visit = Visit(server, provider, {})
    assert json.loads(visit.get("/api/v1/login")[1])["name"] is None
    status, told, _ = visit.get("/login")
    assert (status, "config.yaml has no oidc" in told) == (404, True)

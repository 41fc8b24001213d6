"""Who is asking: peer credentials, tokens, the page's cookie; and other sites."""

from __future__ import annotations

import http.client
import json
import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from rota.server.auth import bearer, hash_of, is_ours, name_of, new_token
from rota.server.scopes import cookie_of, csrf_of
from tests.server.running import Server

NAMES = frozenset(("localhost",))


def tcp(
    server: Server, method: str, path: str, headers: dict[str, str], body: Any = None
) -> tuple[int, dict[str, str], bytes]:
    """Send one request over TCP."""
    where = urlsplit(server.facts()["tcp"]).netloc
    link = http.client.HTTPConnection(where, timeout=20)
    data = None if body is None else json.dumps(body)
    link.request(method, path, data, headers)
    answer = link.getresponse()
    found = answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()
    link.close()
    return found


def token_of(server: Server, name: str = "token") -> dict[str, str]:
    """Return the header that shows a token."""
    return {"Authorization": f"Bearer {(server.home / name).read_text().strip()}"}


def test_g29_tcp_wants_a_token(shared: Server) -> None:
    """Being near is not enough (promise 10)."""
    status, headers, body = tcp(shared, "GET", "/api/v1", {})
    assert (status, headers["www-authenticate"]) == (401, "Bearer")
    assert json.loads(body)["kind"] == "not_allowed"


def test_the_owners_token_opens_the_api(shared: Server) -> None:
    """As the owner, an administrator."""
    status, _, body = tcp(shared, "GET", "/api/v1", token_of(shared))
    told = json.loads(body)
    assert (status, told["user"], told["is_admin"]) == (200, name_of(os.getuid()), True)


@pytest.mark.parametrize(
    "word", ["Bearer x", "Bearer", "Basic eA==", "Bearer " + "a" * 9999]
)
def test_other_words_open_nothing(shared: Server, word: str) -> None:
    """And nothing is said about why."""
    status, _, body = tcp(shared, "GET", "/api/v1", {"Authorization": word})
    assert status == 401
    assert "aaaa" not in body.decode()


def test_g30_an_agents_token_cannot_submit(shared: Server) -> None:
    """A stolen one opens the agents' door only (G30)."""
    header = token_of(shared, "agent-token")
    assert tcp(shared, "POST", "/api/v1/jobs", header, {"jobs": [{}]})[0] == 403


def test_g31_tokens_are_files_of_the_owner_and_hashes_elsewhere(shared: Server) -> None:
    """Neither the database nor the log nor a process list has one (G31)."""
    for name in ("token", "agent-token"):
        path = shared.home / name
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        token = path.read_bytes().strip()
        for file in ("rota.db", "rota.db-wal", "server.json"):
            assert token not in (shared.home / file).read_bytes()
        assert token.decode() not in shared.log()
    assert stat.S_IMODE(shared.home.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "", "localhost.evil.example"]
)
def test_g33_another_name_is_not_answered(shared: Server, host: str) -> None:
    """DNS rebinding: the name in the request is the attacker's (G33)."""
    status, _, _ = tcp(shared, "GET", "/health", {"Host": host})
    assert status == 403


def test_g33_another_site_is_not_answered(shared: Server) -> None:
    """Not even with the right token."""
    header = {**token_of(shared), "Origin": "http://evil.example"}
    assert tcp(shared, "GET", "/api/v1", header)[0] == 403
    url = shared.facts()["tcp"]
    assert tcp(shared, "GET", "/api/v1", {**token_of(shared), "Origin": url})[0] == 200


def test_g33_the_page_gets_a_cookie_and_changes_nothing_by_it_alone(
    shared: Server,
) -> None:
    """Once; scripts cannot read it, other sites cannot send it."""
    token = (shared.home / "token").read_text().strip()
    status, headers, _ = tcp(shared, "GET", f"/?token={token}", {})
    assert (status, headers["location"]) == (303, "/")
    cookie = headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert token not in cookie
    pair = {"Cookie": cookie.partition(";")[0]}
    assert tcp(shared, "GET", "/api/v1", pair)[0] == 200
    submit = {"jobs": [{"argv": ["true"], "cwd": "/"}]}
    assert tcp(shared, "POST", "/api/v1/jobs", pair, submit)[0] == 403
    wrong = {**pair, "X-Rota-Page": "1"}
    assert tcp(shared, "POST", "/api/v1/jobs", wrong, submit)[0] == 403
    told = json.loads(tcp(shared, "GET", "/api/v1/session", pair)[2])
    assert told["csrf"] == csrf_of(pair["Cookie"].partition("=")[2])
    page = {**pair, "X-Rota-Page": told["csrf"]}
    assert tcp(shared, "POST", "/api/v1/jobs", page, submit)[0] == 201
    ended = tcp(shared, "POST", "/api/v1/session/end", page)
    assert ended[0] == 200
    assert tcp(shared, "GET", "/api/v1", pair)[0] == 401


def test_a_wrong_token_gets_no_cookie(shared: Server) -> None:
    """The page's door is no weaker."""
    status, headers, _ = tcp(shared, "GET", "/?token=guess", {})
    assert status == 401
    assert "set-cookie" not in headers


OTHER = """
import os, socket, sys
request = sys.stdin.buffer.read()
os.setgid(65534); os.setuid(65534)
s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])
s.sendall(request)
data = b""
while b"}" not in data[-2:]:
    data += s.recv(65536)
print(data.decode())
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_g29_the_kernel_says_who_connects(server: Server) -> None:
    """Another user is himself, whatever he says: he sees, but touches nothing of others."""
    job = server.submit(held=True)
    for path in (server.home, *server.home.parents):
        if path == Path(tempfile.gettempdir()):
            break
        path.chmod(path.stat().st_mode | 0o055)
    (server.home / "rota.sock").chmod(0o666)

    def as_nobody(request: str) -> str:
        command = [sys.executable, "-c", OTHER, str(server.home / "rota.sock")]
        done = subprocess.run(
            command, input=request, capture_output=True, text=True, timeout=20
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    seen = as_nobody("GET /api/v1 HTTP/1.1\r\nX-User: root\r\n\r\n")
    assert f'"user":"{name_of(65534)}","is_admin":false,"role":"user"' in seen
    body = json.dumps({"targets": [str(job)]})
    head = f"POST /api/v1/jobs/kill HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n"
    assert "403 Forbidden" in as_nobody(head + body)
    assert "403 Forbidden" in as_nobody(
        f"POST /api/v1/jobs/{job}/input HTTP/1.1\r\nContent-Length: 2\r\n\r\n{{}}"
    )
    log = as_nobody(f"GET /api/v1/jobs/{job}/log HTTP/1.1\r\n\r\n")
    assert "403 Forbidden" in log
    view = as_nobody(f"GET /api/v1/jobs/{job} HTTP/1.1\r\n\r\n")
    assert '"spec":null' in view
    assert server.job(job)["state"] == "held"


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("localhost", True), ("localhost:8400", True), ("127.0.0.1:1", True),
        ("[::1]:8400", True), ("[::1]", True), ("10.0.0.7:80", True),
        ("evil.example", False),
        ("localhost.evil:1", False), ("", False), ("[::1].evil", False),
    ],
)  # fmt: skip
def test_names_that_are_ours(host: str, ours: bool) -> None:
    """An address cannot be made to point elsewhere; a name can."""
    assert is_ours(host, NAMES) is ours


def test_headers_are_read_as_they_come() -> None:
    """In any case, with anything around."""
    assert bearer({b"authorization": b"bearer  abc "}) == "abc"
    assert bearer({}) is None
    assert cookie_of({b"cookie": b"a=b; rota_page=xyz; c"}) == "xyz"
    assert cookie_of({b"cookie": b"rota_page="}) is None


def test_tokens_are_long_and_different() -> None:
    """Nobody guesses 256 bits."""
    one, two = new_token(), new_token()
    assert one != two
    assert len(one) >= 43
    assert len(hash_of(one)) == 64

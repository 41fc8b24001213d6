"""Hostile input at the front door: bombs, traversal, strange numbers and names, injection.

Each is refused with a sentence and changes nothing, and the server answers the next one.
"""

from __future__ import annotations

import json
import socket
import zlib
from hashlib import sha256
from typing import Any

import pytest

from tests.server.running import Node, Server

DEEP = b'{"jobs": [' + b"[" * 200_000 + b"]" * 200_000 + b"]}"
WIDE = json.dumps({"jobs": [{f"k{n}": n for n in range(100_000)}]}).encode()
HUGE = b'{"jobs": [{"argv": ["true"], "cwd": "/", "priority": 1' + b"0" * 5000 + b"}]}"
YAML = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]\n"
    for n in range(12)
)


_LOGGED = [0]


@pytest.fixture(autouse=True)
def _answers_afterwards(shared: Server) -> Any:
    before = shared.good("GET", "/jobs/ranges")["jobs"]
    yield
    assert shared.good("GET", "/jobs/ranges")["jobs"] == before
    written = shared.log()
    assert "Traceback" not in written[_LOGGED[0] :], written[-3000:]
    _LOGGED[0] = len(written)


@pytest.mark.parametrize(
    "body", [DEEP, WIDE, HUGE, b'{"jobs": [{"argv": ["\xff"]}]}', b"\0"]
)
def test_g35_a_body_that_would_blow_up_is_refused(shared: Server, body: bytes) -> None:
    """Nested too deep, with too many keys, numbers beyond all bounds, no text at all."""
    status, told = shared.call("POST", "/jobs", body)
    assert status == 400
    assert len(json.dumps(told)) < 5_000_000


def test_g35_a_yaml_bomb_is_refused(shared: Server) -> None:
    """Nine to the twelfth is never made."""
    body = {"text": f"command: x\n{YAML}", "from": "native"}
    status, told = shared.call("POST", "/convert", body)
    assert status == 400, told


def test_g24_a_deflated_bomb_is_not_blown_up(shared: Server) -> None:
    """No more is inflated than was said to come."""
    bomb = zlib.compress(b"\0" * (64 << 20), 9)
    headers = {
        "Content-Encoding": "deflate", "X-Rota-Offset": "0", "X-Rota-Size": "1000",
    }  # fmt: skip
    path = f"/api/v1/blobs/{sha256(b'').hexdigest()}"
    status, body, _ = shared.raw("PUT", path, bomb, headers)
    assert (status, b"longer than the 1000 bytes" in body) == (400, True), body


@pytest.mark.parametrize(
    "path",
    [
        "/blobs/..%2f..%2frota.db", "/blobs/%2e%2e", "/../../etc/passwd",
        "/jobs/1/log/../../..",
        "/jobs/99999999999999999999999", "/jobs/-1", "/jobs/1%00", "/jobs/٣",
        "/jobs/1/log?stream=file:../../../etc/passwd", "/jobs?cursor=-1", "/jobs?limit=1e9",
        "/jobs?since=99999999999999999d", "/jobs?name=" + "*" * 500 + "x",
        "/audit?since=now;DROP", "/usage?by=user%27--", "/jobs?user=%27%20OR%201=1--",
    ],
)  # fmt: skip
def test_g32_paths_and_queries_lead_nowhere(shared: Server, path: str) -> None:
    """Out of no folder, into no query; what is strange is refused or matches nothing."""
    status, body, _ = shared.raw("GET", "/api/v1" + path.replace("٣", "%D9%A3"))
    assert status in (200, 400, 404), (status, body)
    if status == 200:
        told = json.loads(body)
        assert told.get("jobs", told.get("groups", told.get("audit"))) == [], told
    assert b"root:" not in body


@pytest.mark.parametrize(
    "key",
    [
        {"name": "a\x1b[2J"}, {"name": "x\r\nBcc: all@example.org"}, {"name": "x" * 10_000},
        {"tags": ["<script>"]}, {"account": "../../x"}, {"queue": "a b"},
        {"share": ["a;rm"]}, {"notify": "ann@example.org\r\nBcc: x@y.z"},
        {"env": {"A=B": "c"}},
        {"env": {"A": "b\0c"}}, {"cwd": "relative"}, {"cwd": "/a\0b"}, {"cores": -1},
        {"cores": 10**30}, {"memory": "1e400GB"}, {"time": "-1h"}, {"priority": 1e308},
        {"argv": ["x", "\0"]}, {"output": "a\nb"}, {"array": "0-99999999999999"},
        {"outputs": ["../../etc/*"]},
    ],
    ids=lambda key: f"{next(iter(key))}={str(next(iter(key.values())))[:20]!r}",
)  # fmt: skip
def test_g32_g35_no_key_carries_what_would_be_read_otherwise(
    shared: Server, key: dict[str, Any]
) -> None:
    """Lines of mail, of terminals, of scripts and of paths; the field is named."""
    job = {"argv": ["true"], "cwd": "/", "held": True, **key}
    status, told = shared.call("POST", "/jobs", {"jobs": [job], "dry_run": True})
    assert status == 400, told
    assert any(next(iter(key)) in one["field"] for one in told["complaints"]), told
    assert "\x1b" not in told["error"]


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET\r\n\r\n", b"\0" * 4096,
        b"GET / HTTP/9.9\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"POST /api/v1/jobs HTTP/1.1\r\nContent-Length: -5\r\n\r\n{}",
        b"POST /api/v1/jobs HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"POST /api/v1/jobs HTTP/1.1\r\nContent-Length: 2\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /api/v1/tokens HTTP/1.1\r\n\r\n",
        b"POST /api/v1/jobs HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /api/v1/jobs HTTP/1.1\r\nHost: a\r\n b: folded\r\n\r\n",
        b"GET /api/v1/agent HTTP/1.1\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
    ],
)  # fmt: skip
def test_g35_what_is_no_request_gets_no_answer_but_a_refusal(
    shared: Server, sent: bytes
) -> None:
    """Of another protocol, of lengths that are none, two requests in one."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
        link.settimeout(5)
        link.connect(str(shared.home / "rota.sock"))
        link.sendall(sent)
        link.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := link.recv(65_536):
            answer += piece
    assert b"200 OK" not in answer
    assert b"rota.tokens" not in answer


@pytest.mark.parametrize(
    "frame",
    [
        "[" * 100_000, "null", "{}", '[{"t": "finished"}]', '[{"t": "beat", "at": 1e400}]',
        '[{"t": "declined", "a": [-1, 0, 1], "reason": {"code": "ok", "text": ""}}]',
        '[{"t": "samples", "rows": [[1, 2, 3, 4, 5, 6, 7, 8, 99999999999999999999999]]}]',
        json.dumps([{"t": "progress", "a": [1, 0, 1], "done": 1, "text": "x" * 500_000}]),
    ],
    ids=range(8),
)  # fmt: skip
def test_g35_a_frame_of_a_forger_hurts_only_its_sender(shared: Server, frame: str) -> None:
    """Other nodes are served as before."""
    forger = Node(shared, name="forger")
    forger.hear("welcome")
    forger.socket.send(frame)
    honest = Node(shared, name="honest")
    honest.hear("welcome")
    honest.say({"t": "beat", "at": 1})
    honest.hear("beat")
    forger.close()
    honest.close()

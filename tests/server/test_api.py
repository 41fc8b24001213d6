"""The application: refusals by the tree of errors, bodies bounded, nothing leaks."""

from __future__ import annotations

import json
import socket

from tests.server.running import Server


def exchange(server: Server, request: bytes) -> bytes:
    """Send bytes; return all that comes back."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(20)
        line.connect(str(server.home / "rota.sock"))
        line.sendall(request)
        found = b""
        while part := line.recv(65536):
            found += part
            if b"\r\n\r\n" in found and b"}" in found[-2:]:
                break
        return found


def test_answers_are_not_kept_by_anybody(shared: Server) -> None:
    """They are the state of now."""
    _, _, headers = shared.raw("GET", "/api/v1")
    assert headers["cache-control"] == "no-store"


def test_g34_a_body_too_large_is_refused_before_it_is_read(shared: Server) -> None:
    """By what it says of itself."""
    head = (
        b"POST /api/v1/jobs/hold HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n"
    )
    told = exchange(shared, head)
    assert b" 400 " in told
    assert b"larger than 4 MiB" in told


def test_g34_a_body_that_grows_too_large_is_refused(shared: Server) -> None:
    """Whatever it says of itself."""
    status, body, _ = shared.raw("POST", "/api/v1/jobs/hold", b"x" * (5 << 20))
    assert (status, json.loads(body)["kind"]) == (400, "malformed")


def test_the_wrong_method_is_told_as_json(shared: Server) -> None:
    """With its own status."""
    status, told = shared.call("POST", "/nodes")
    assert (status, told["kind"]) == (405, "malformed")


def test_two_requests_on_one_connection(shared: Server) -> None:
    """Kept alive."""
    link = shared.open()
    for _ in range(2):
        link.request("GET", "/health")
        assert link.getresponse().read() == b'{"status":"ok"}'
    link.close()


def test_what_is_no_http_does_no_harm(shared: Server) -> None:
    """The next one is served."""
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(shared.home / "rota.sock"))
        line.sendall(b"\x16\x03\x01\x02\x00\x01\x00")
        assert b"400" in line.recv(4096)
    assert shared.good("GET", "")

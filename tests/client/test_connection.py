"""One connection: kept, reopened, and never sending twice what must not be done twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from rota.client import calls
from rota.client.connection import Connection
from rota.client.find import Address, find
from rota.core.errors import Unreachable
from tests.client.cluster import Cluster
from tests.client.stub import CLOSE, DROP, OK, Stub


def body_of(line: Connection, call: calls.Call) -> bytes:
    """Send *call*; return the whole body of its answer."""
    answer, body = line.send(call), b""
    while piece := line.read(answer):
        body += piece
    return body


def test_a_connection_is_kept(socket_path: Path) -> None:
    """Two requests, one connection."""
    with Stub(socket_path, [OK]) as stub:
        line = Connection(Address("unix", str(socket_path)))
        body_of(line, calls.jobs())
        body_of(line, calls.jobs())

        assert (len(stub.requests), stub.connections) == (2, 1)


def test_a_connection_that_was_let_go_is_opened_again(socket_path: Path) -> None:
    """An idle connection ends; a submit after that is sent once, on a fresh one."""
    with Stub(socket_path, [OK]) as stub:
        line = Connection(Address("unix", str(socket_path)))
        body_of(line, calls.jobs())
        stub.hang_up()
        body_of(line, calls.submit([{"argv": ["x"]}]))

        assert (len(stub.requests), stub.connections) == (2, 2)


def test_connection_close_is_obeyed(socket_path: Path) -> None:
    """A server may want each request on its own connection."""
    with Stub(socket_path, [CLOSE]) as stub:
        line = Connection(Address("unix", str(socket_path)))
        body_of(line, calls.info())
        body_of(line, calls.info())

        assert stub.connections == 2


def test_a_question_whose_answer_was_lost_is_asked_again(socket_path: Path) -> None:
    """Reading twice changes nothing."""
    with Stub(socket_path, [OK, DROP, OK]) as stub:
        line = Connection(Address("unix", str(socket_path)))
        body_of(line, calls.jobs())

        assert body_of(line, calls.jobs()) == b'{"jobs": []}'
        assert len(stub.requests) == 3


def test_a_submit_whose_answer_was_lost_is_not_repeated(socket_path: Path) -> None:
    """Nobody knows whether it was taken: that is said, with what to do (G02)."""
    with Stub(socket_path, [OK, DROP]) as stub:
        line = Connection(Address("unix", str(socket_path)))
        body_of(line, calls.jobs())
        with pytest.raises(Unreachable, match="--key"):
            line.send(calls.submit([{"argv": ["x"]}]))

        assert len(stub.requests) == 2


def test_a_submit_with_a_key_is_repeated(socket_path: Path) -> None:
    """The key makes it safe."""
    with Stub(socket_path, [OK, DROP, OK]) as stub:
        line = Connection(Address("unix", str(socket_path)))
        body_of(line, calls.jobs())
        line.send(calls.submit([{"argv": ["x"]}], key="k"))

        assert len(stub.requests) == 3


def test_an_interrupted_question_leaves_no_answer_for_the_next(socket_path: Path) -> None:
    """Ctrl-C between sending and reading: what was asked then is not read now."""
    late = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwro"
    with Stub(socket_path, [late, OK]) as stub:
        line = Connection(Address("unix", str(socket_path)))
        answer = line.send(calls.info())
        assert line.read(answer) == b"wro"

        assert body_of(line, calls.jobs()) == b'{"jobs": []}'
        assert stub.connections == 2


def test_nobody_there_says_which_address_and_the_cure(tmp_path: Path) -> None:
    """The sentence a newcomer sees first."""
    with pytest.raises(Unreachable) as caught:
        Connection(find(home=str(tmp_path))).send(calls.info())

    assert str(caught.value) == (
        f"no server at unix:{tmp_path}/rota.sock: there is no such socket; "
        f"start one with: rota up --home {tmp_path}"
    )
    assert caught.value.exit_code == 125


def test_a_silent_server_is_not_waited_for_for_ever(socket_path: Path) -> None:
    """Every wait has a bound and a name (G22)."""
    with Stub(socket_path, [b"HTTP/1.1 "]):
        line = Connection(Address("unix", str(socket_path)))
        with pytest.raises(Unreachable, match=r"no answer within 0\.05 s"):
            line.send(calls.Call("GET", "", wait_s=0.05))


def test_what_is_no_rota_server_is_told_as_such(socket_path: Path) -> None:
    """Something else listens there."""
    line = Connection(Address("unix", str(socket_path)))
    with (
        Stub(socket_path, [b"SSH-2.0-x\r\n\r\n"]),
        pytest.raises(Unreachable, match="not HTTP"),
    ):
        line.send(calls.info())


def test_a_socket_deep_in_the_tree_is_reached(tmp_path: Path) -> None:
    """The kernel's 107 bytes are no limit for a home."""
    folder = tmp_path / ("d" * 60) / ("e" * 60)
    folder.mkdir(parents=True)
    short = Path(f"/proc/self/fd/{_opened(folder)}/rota.sock")
    with Stub(short, [OK]):
        line = Connection(Address("unix", str(folder / "rota.sock")))

        assert body_of(line, calls.jobs()) == b'{"jobs": []}'


def test_tcp_with_the_home_s_token_when_the_socket_is_gone(cluster: Cluster) -> None:
    """server.json knows the second way in."""
    line = Connection(find(home=str(cluster.home)))
    line.address.where += ".gone"

    assert b'"rota.server/1"' in body_of(line, calls.info())
    assert line.address.kind == "http"


def _opened(folder: Path) -> int:
    import os

    return os.open(folder, os.O_PATH | os.O_DIRECTORY)

"""JSON lines between agent and shepherd: whole, in order, however they are cut."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from rota.agent import lines as module
from rota.agent.lines import Lines, connect, listen
from rota.agent.reactor import Reactor


def pair() -> tuple[Reactor, Lines, Lines, list[bytes], list[str]]:
    """Return two connected ends in one loop, what the second got, and who has ended."""
    reactor, got, ended = Reactor(), [], []
    left, right = socket.socketpair()
    one = Lines(
        left, reactor, on_line=lambda *_: None, on_end=lambda _: ended.append("one")
    )
    two = Lines(
        right, reactor, on_line=lambda _, text: got.append(text),
        on_end=lambda _: ended.append("two"),
    )  # fmt: skip
    return reactor, one, two, got, ended


def turn_until(reactor: Reactor, seen: list[object], count: int) -> None:
    """Turn *reactor* until *seen* has *count* entries."""
    late: list[int] = []
    timer = reactor.after(10_000, lambda: late.append(1))
    while len(seen) < count:
        reactor.turn()
        assert not late, "never came"
    timer.cancel()


def test_lines_arrive_whole_and_in_order() -> None:
    """Far more than a socket holds, in pieces as they come."""
    reactor, one, two, got, ended = pair()
    for number in range(300):
        one.send({"n": number, "text": "ü" * 3000})
    turn_until(reactor, got, 300)
    assert got[0].startswith(b'{"n":0,') and got[-1].startswith(b'{"n":299,')
    one.close()
    turn_until(reactor, ended, 2)
    assert ended == ["one", "two"] and not one.is_open and not two.is_open
    one.send({"into": "nothing"})
    reactor.close()


def test_a_reader_that_does_not_read_is_hung_up_on(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """It may come back and ask; memory is bounded."""
    monkeypatch.setattr(module, "UNSENT_MAX", 1 << 20)
    reactor, one, two, _, ended = pair()
    while one.is_open:
        one.send_text("x" * 100_000)
    assert ended == ["one"]
    two.close()
    reactor.close()


def test_a_socket_may_lie_deep(tmp_path: Path) -> None:
    """Deeper than the 107 bytes the kernel takes; and only its owner may connect."""
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    deep.mkdir(parents=True)
    listener = listen(str(deep))
    line = connect(str(deep / "sock"))
    assert oct(os.stat(deep / "sock").st_mode & 0o777) == "0o600"
    line.close()
    listener.close()

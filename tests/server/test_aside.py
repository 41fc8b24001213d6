"""Questions to the whole memory, asked of a copy of the process."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from typing import Any

import pytest

from rota.core.errors import Broken, Refused
from rota.engine.mind import Mind
from rota.engine.state import Memory
from rota.server.aside import Aside


def _asked(look: Callable[[], Any], *, limit_s: float = 60.0, large: int = 0) -> Any:
    memory: Memory = Mind().memory
    aside = Aside(limit_s=limit_s, large=large)
    return asyncio.run(aside.ask(memory, look, answer=dict[str, Any]))


def test_a_copy_answers_and_what_it_does_nobody_sees() -> None:
    """It is another process with the same memory."""
    seen: list[int] = []

    def look() -> dict[str, Any]:
        seen.append(1)
        return {"pid": os.getpid(), "seen": len(seen)}

    told = _asked(look)
    assert told["seen"] == 1 and told["pid"] != os.getpid()
    assert not seen
    with pytest.raises(ProcessLookupError):
        os.kill(told["pid"], 0)


def test_a_small_memory_is_asked_where_it_is() -> None:
    """A process would cost more than the answer."""
    assert _asked(lambda: {"pid": os.getpid()}, large=1)["pid"] == os.getpid()


def test_the_loop_goes_on_meanwhile() -> None:
    """The copy waits here for what only the loop can do: it would wait for ever."""
    reading, writing = os.pipe()
    # A copy closes what it holds but its pipe and the first three: it waits on input.
    before = os.dup(0)
    os.dup2(reading, 0)

    async def both() -> Any:
        aside = Aside(large=0)

        def look() -> dict[str, Any]:
            return {"said": os.read(0, 2).decode()}

        told = asyncio.create_task(aside.ask(Mind().memory, look, answer=dict[str, Any]))
        await asyncio.sleep(0)
        os.write(writing, b"go")
        return await told

    try:
        assert asyncio.run(both()) == {"said": "go"}
    finally:
        os.dup2(before, 0)
        for number in (before, reading, writing):
            os.close(number)


def test_who_takes_too_long_is_ended_and_told() -> None:
    """The server is not to fill with copies."""
    with pytest.raises(Refused, match="takes more than 0 s; ask again"):
        _asked(lambda: signal.pause(), limit_s=0.05)


def test_what_goes_wrong_there_goes_wrong_here() -> None:
    """With the words of the copy; one that was killed says so, too."""

    def wrong() -> Any:
        raise KeyError("nobody")

    with pytest.raises(Broken, match="nobody"):
        _asked(wrong)
    with pytest.raises(Broken, match="ended with -9"):
        _asked(lambda: os.kill(os.getpid(), signal.SIGKILL))


def test_signals_to_the_copy_are_its_own() -> None:
    """It does not tell the server's loop of them."""
    with pytest.raises(Broken, match="ended with -15"):
        _asked(lambda: (os.kill(os.getpid(), signal.SIGTERM), signal.pause()))

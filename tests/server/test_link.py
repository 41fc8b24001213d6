"""A line to an agent that does not behave: bounds, and who waits on it."""

from __future__ import annotations

import asyncio

import pytest

from rota.core.errors import Full
from rota.core.job import AttemptRef
from rota.server.auth import Pass
from rota.server.link import READS_MAX, UNSENT_MAX, Link

A = AttemptRef(1, 0, 1)


def line() -> Link:
    """Return a line; nothing is sent on it here."""
    return Link(None, session=1, shown=Pass("", None))  # type: ignore[arg-type]


def test_who_does_not_read_is_hung_up_on() -> None:
    """It comes back and says what it has; nothing grows for ever."""
    link = line()
    for _ in range(UNSENT_MAX + 1):
        link.queue({})
    assert link.closed is None
    link.flush()
    assert link.closed == "it does not read what it is told"


def test_the_first_reason_to_hang_up_is_the_one_told() -> None:
    """Later ones follow from it."""
    link = line()
    link.close("first")
    link.close("second")
    assert link.closed == "first"


def test_reads_are_bounded_and_end_with_their_readers() -> None:
    """A reader that goes away is forgotten."""

    async def scene() -> None:
        link = line()

        def read() -> asyncio.Task[object]:
            reading = link.read(A, stream="stdout", offset=0, size_max=1, follow=True)
            return asyncio.create_task(reading)

        tasks = [read() for _ in range(READS_MAX)]
        await asyncio.sleep(0)
        with pytest.raises(Full):
            await read()
        tasks[0].cancel()
        await asyncio.wait([tasks[0]])
        late = read()
        await asyncio.sleep(0)
        assert not late.done()
        for task in (*tasks, late):
            task.cancel()
        await asyncio.wait([*tasks, late])

    asyncio.run(scene())

"""Totals: right, and counted in slices, once for all who ask."""

from __future__ import annotations

import asyncio

from rota.core.account import User
from rota.core.job import JobSpec
from rota.engine.events import Submitted
from rota.engine.mind import Mind
from rota.server import totals
from rota.server.feed import Feed
from rota.server.totals import Counting


def mind_with(count: int) -> Mind:
    """Return a mind with so many jobs of two users."""
    mind = Mind()
    for name in ("ann", "bob"):
        specs = [JobSpec(argv=("x",), queue=name[0], held=True)] * count
        mind.handle(Submitted(1, User(name), specs))
    return mind


def test_totals_by_state_user_and_queue() -> None:
    """Of all that lives."""

    async def scene() -> None:
        found = await Counting(mind=mind_with(3), feed=Feed()).totals()
        assert found.counts == {"held": 6}
        assert found.users == {"ann": {"held": 3}, "bob": {"held": 3}}
        assert found.queues == {"a": {"held": 3}, "b": {"held": 3}}

    asyncio.run(scene())


def test_many_are_counted_in_slices_and_once() -> None:
    """Others have their turn in between; who asks meanwhile gets the same."""

    async def scene() -> None:
        counting = Counting(mind=mind_with(3 * totals.SLICE), feed=Feed())
        turns = 0
        asked = [asyncio.create_task(counting.totals()) for _ in range(3)]
        while not all(task.done() for task in asked):
            turns += 1
            await asyncio.sleep(0)
        assert turns >= 6
        assert len({id(task.result()) for task in asked}) == 1

    asyncio.run(scene())


def test_they_are_counted_again_when_something_changed() -> None:
    """Small ones at once."""

    async def scene() -> None:
        mind, feed = mind_with(1), Feed()
        counting = Counting(mind=mind, feed=feed)
        assert (await counting.totals()).counts == {"held": 2}
        mind.handle(Submitted(2, User("ann"), [JobSpec(argv=("x",))]))
        feed.seq += 1
        assert (await counting.totals()).counts == {"held": 2, "queued": 1}

    asyncio.run(scene())

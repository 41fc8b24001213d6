"""The feed: lines by number, from memory or not, and waiting for ends."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from rota.core.lifecycle import State
from rota.engine.records import Happened, JobChanged, Record, TaskSaved
from rota.server.feed import RING_MAX, Feed, line_of


def line(job: int = 1) -> Happened:
    """Return a line of history."""
    return Happened(5, job, None, None, "submit", None, "queued", None, "ann")


def changed(job: int, state: State) -> JobChanged:
    """Return the row of a job."""
    return JobChanged(job, state, {state: 1}, [], None, None, None)


def task(job: int, index: int, state: State) -> TaskSaved:
    """Return the row of a task."""
    return TaskSaved(job, index, state, 1, None, {}, 0, None, None, None, None, None)


@given(st.lists(st.integers(0, 40), max_size=30), st.integers(0, 900), st.integers(1, 50))
def test_lines_go_on_after_any_number(sizes: list[int], after: int, limit: int) -> None:
    """Without gaps or doubles, however they came; before its time the store has them."""
    first = 100
    feed = Feed(seq=first)
    seq = first
    for size in sizes:
        seq += size
        feed.committed([line(job=n) for n in range(seq - size + 1, seq + 1)], seq)
    found = feed.lines(after, limit=limit)
    if after >= seq:
        assert found == []
    elif after < first:
        assert found is None
    else:
        assert found is not None
        numbers = [number for number, _ in found]
        assert numbers == list(range(after + 1, min(seq, after + limit) + 1))
        assert all(row.job == number for number, row in found)


def test_what_fell_out_of_memory_is_the_stores() -> None:
    """The ring is bounded."""
    feed = Feed()
    feed.committed([line()] * (RING_MAX + 10), RING_MAX + 10)
    assert feed.lines(9, limit=1) is None
    assert [n for n, _ in feed.lines(10, limit=1) or ()] == [11]


def test_who_waits_for_an_end_is_told_when_it_is_on_disk() -> None:
    """A task's own, or the whole job's; not before, and nobody else."""

    async def scene() -> None:
        feed = Feed()
        ends = feed.ending([(1, None), (1, 7), (2, None)])
        feed.committed([task(1, 7, State.RUNNING), changed(1, State.RUNNING)], 0)
        assert not any(end.done() for end in ends.values())
        feed.committed([task(1, 7, State.DONE), changed(1, State.RUNNING)], 0)
        assert [end.done() for end in ends.values()] == [False, True, False]
        feed.committed([changed(1, State.CANCELLED)], 0)
        assert [end.done() for end in ends.values()] == [True, True, False]
        feed.drop(ends)
        feed.close()
        assert not ends[2, None].cancelled()

    asyncio.run(scene())


def test_watchers_are_woken_and_the_latest_is_kept_for_them_only() -> None:
    """With nobody watching nothing is kept."""

    async def scene() -> None:
        feed = Feed()
        rows: list[Record] = [changed(3, State.DONE)]
        feed.committed(rows, 0)
        assert feed.latest(3) is None
        waker = feed.watch()
        feed.committed(rows, 0)
        assert waker.is_set()
        assert feed.latest(3) == rows[0]
        feed.unwatch(waker)
        assert (feed.watchers, feed.latest(3)) == (0, None)

    asyncio.run(scene())


def test_a_line_is_as_the_store_returns_it() -> None:
    """So that streams cannot tell where it came from."""
    row = line_of(line(), 9)
    assert (row["seq"], row["job"], row["after"]) == (9, 1, "queued")

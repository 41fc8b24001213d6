"""The loop: what it promises about order, disk and time, with a real mind and store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.core.account import User
from rota.core.errors import Broken, Missing, Refused, Unreachable
from rota.core.job import AttemptRef, JobSpec
from rota.core.resources import Node
from rota.engine.events import (
    Asked,
    Effect,
    Event,
    NodeJoined,
    NodeLeft,
    Reported,
    Run,
    Started,
    Submitted,
)
from rota.engine.mind import Mind
from rota.engine.records import JobAdded, Record
from rota.server import loop as loop_module
from rota.server.loop import GATHER_MIN, INBOX_MAX, Clock, Joined, Loop
from rota.store.contract import StoreFull
from rota.store.sqlite import SqliteStore

ANN = User("ann", 1000)
TRUE = JobSpec(argv=("true",), cwd="/")


class Diary:
    """A world that writes down what it is told, in order."""

    def __init__(self) -> None:
        self.lines: list[Any] = []

    def committed(self, records: Sequence[Record], seq: int) -> None:
        self.lines.append(("committed", seq, list(records)))

    def perform(self, effects: Sequence[Effect | Joined]) -> None:
        self.lines.extend(effects)


class WeakDisk(SqliteStore):
    """A store on a disk that fails when the test says so."""

    trouble: Exception | None = None
    tried = 0

    def commit(self, batch: Sequence[Record]) -> int:
        self.tried += 1
        if self.trouble is not None:
            raise self.trouble
        return super().commit(batch)


Story = Callable[[Loop, Diary, WeakDisk], Coroutine[Any, Any, None]]


def play(tmp_path: Path, story: Story) -> Loop:
    """Run *story* beside a loop on a fresh store; return the loop, ended."""

    async def scene() -> Loop:
        store = WeakDisk(tmp_path / "rota.db", ballast=4096)
        diary = Diary()
        loop = Loop(mind=Mind(), store=store, clock=Clock(), world=diary)
        loop.start()
        try:
            await asyncio.wait_for(story(loop, diary, store), 20)
        finally:
            await loop.stop()
            store.close()
        return loop

    return asyncio.run(scene())


def submit(loop: Loop, *specs: JobSpec) -> Coroutine[Any, Any, Any]:
    """Ask for jobs."""
    return loop.ask(lambda t: Submitted(loop.clock.now(), ANN, specs or (TRUE,), t))


def test_a_reply_comes_after_its_rows_are_on_disk(tmp_path: Path) -> None:
    """Whoever is told "accepted" can cut the power in the same instant."""

    async def story(loop: Loop, diary: Diary, store: WeakDisk) -> None:
        told = await submit(loop)
        assert told["jobs"][0]["id"] == 1
        other = SqliteStore(tmp_path / "rota.db", ballast=4096)
        assert [job.added.id for job in other.load().jobs] == [1]
        other.close()
        assert loop.seq == 1

    play(tmp_path, story)


def test_orders_leave_after_what_caused_them_is_committed(tmp_path: Path) -> None:
    """No agent hears of an attempt that the store does not know."""

    async def story(loop: Loop, diary: Diary, store: WeakDisk) -> None:
        loop.post(NodeJoined(loop.clock.now(), Node("n", (0, 1), 1 << 30), "b", 7))
        await submit(loop)
        while not any(isinstance(line, Run) for line in diary.lines):
            await asyncio.sleep(0)
        kinds = [line if isinstance(line, Joined) else type(line) for line in diary.lines]
        run = kinds.index(Run)
        rows = [line for line in diary.lines[:run] if isinstance(line, tuple)]
        assert any(isinstance(r, JobAdded) for _, _, records in rows for r in records)
        assert kinds.index(Joined("n", 7)) < run

    play(tmp_path, story)


def test_many_at_once_share_few_commits(tmp_path: Path) -> None:
    """A busy server makes large batches by itself."""

    async def story(loop: Loop, diary: Diary, store: WeakDisk) -> None:
        replies = await asyncio.gather(*(submit(loop) for _ in range(300)))
        assert sorted(r["jobs"][0]["id"] for r in replies) == list(range(1, 301))
        assert store.tried <= 5

    play(tmp_path, story)


def test_g05_a_full_disk_withholds_answers_and_lets_them_go_later(tmp_path: Path) -> None:
    """Nothing is promised while it cannot be kept; nothing is lost either."""

    async def story(loop: Loop, diary: Diary, store: WeakDisk) -> None:
        store.trouble = StoreFull("no room")
        asked = asyncio.create_task(submit(loop))
        while store.tried < 2:
            await asyncio.sleep(0.01)
        assert loop.is_full()
        assert not asked.done()
        assert diary.lines == []
        store.trouble = None
        assert (await asked)["jobs"][0]["id"] == 1
        assert not loop.is_full()

    play(tmp_path, story)


def test_a_broken_disk_stops_the_server_and_says_so(tmp_path: Path) -> None:
    """What cannot be remembered is not told."""

    async def story(loop: Loop, diary: Diary, store: WeakDisk) -> None:
        store.trouble = Broken("the disk is damaged")
        with pytest.raises(Broken, match="the server has stopped: the disk is damaged"):
            await submit(loop)
        await loop.stopped.wait()
        assert diary.lines == []

    loop = play(tmp_path, story)
    assert isinstance(loop.failure, Broken)


def test_a_refusal_of_the_mind_reaches_who_asked(tmp_path: Path) -> None:
    """With its class, so that the edge can translate it."""

    async def story(loop: Loop, diary: Diary, store: WeakDisk) -> None:
        with pytest.raises(Refused):
            await loop.ask(lambda t: Asked(loop.clock.now(), ANN, "hold", [(9, None)], t))

    play(tmp_path, story)


def test_a_stopping_server_answers_who_waits(tmp_path: Path) -> None:
    """Nobody is left hanging: asked before or after, the answer is "stopping"."""

    async def story(loop: Loop, diary: Diary, store: WeakDisk) -> None:
        store.trouble = StoreFull("no room")
        asked = asyncio.create_task(submit(loop))
        while not store.tried:
            await asyncio.sleep(0.01)
        loop._give_up(Unreachable("stopping"))
        with pytest.raises(Unreachable):
            await asked
        store.trouble = None

    loop = play(tmp_path, story)
    with pytest.raises(Unreachable, match="stopping"):
        asyncio.run(submit(loop))


def test_a_timer_of_the_mind_is_kept(tmp_path: Path) -> None:
    """A job with a begin time is queued by itself when that has come."""

    async def story(loop: Loop, diary: Diary, store: WeakDisk) -> None:
        begin = loop.clock.now() + 150
        await submit(loop, JobSpec(argv=("true",), begin_at=begin))
        assert loop.mind.counts() == {"held": 1}
        while loop.mind.counts() != {"queued": 1}:
            await asyncio.sleep(0.005)
        assert loop.clock.now() >= begin

    play(tmp_path, story)


def test_a_full_inbox_makes_senders_wait(tmp_path: Path) -> None:
    """Back-pressure: an agent that reports faster than we decide is read more slowly."""

    async def story(loop: Loop, diary: Diary, store: WeakDisk) -> None:
        for _ in range(3 * INBOX_MAX):
            loop.post(NodeLeft(1, "nobody", 1))
        late = asyncio.create_task(loop.put(NodeLeft(1, "nobody", 1)))
        await asyncio.sleep(0)
        assert not late.done()
        await late

    play(tmp_path, story)


def test_reports_in_numbers_gather_but_nobody_who_asks_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One batch for fifty reports costs what one for a single report does."""
    monkeypatch.setattr(loop_module, "GATHER_S", 3600.0)
    seen: list[int] = []

    class Watched(Mind):
        def handle(self, event: Event) -> list[Effect]:
            if isinstance(event, Reported):
                seen.append(event.session)
            return super().handle(event)

    def report(loop: Loop, session: int) -> None:
        reports = [Started(AttemptRef(n, 0, 1), 5) for n in range(GATHER_MIN)]
        loop.post(Reported(loop.clock.now(), "n", session, reports))

    async def story(loop: Loop, diary: Diary, store: WeakDisk) -> None:
        loop.mind = Watched()
        report(loop, 1)
        while seen != [1]:
            await asyncio.sleep(0)
        report(loop, 2)
        report(loop, 3)
        for _ in range(20):
            await asyncio.sleep(0)
        assert seen == [1]
        await submit(loop)
        assert seen == [1, 2, 3]

    play(tmp_path, story)


# ── the clock ─────────────────────────────────────────────────────────────────────────


class Watch:
    """Hands of a clock that a test moves."""

    def __init__(self) -> None:
        self.wall_s, self.boot_s = 1_000_000.0, 50.0

    def clock(self, last_at: int = 0) -> Clock:
        return Clock(last_at=last_at, wall=lambda: self.wall_s, boot=lambda: self.boot_s)


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(0, 1e5)), max_size=30))
def test_g21_the_clock_never_steps_back(jumps: list[tuple[float, float]]) -> None:
    """Whatever the wall clock does, and it keeps within a twentieth of real time."""
    watch = Watch()
    clock = watch.clock()
    before = clock.now()
    for wall, passed in jumps:
        watch.wall_s += wall
        watch.boot_s += passed
        after = clock.now()
        assert after >= before
        assert abs((after - before) - passed * 1000) <= passed * 50 + 2
        before = after


def test_g21_the_clock_goes_on_where_the_last_server_was() -> None:
    """Across a restart, even if the machine's clock was set back in between."""
    assert Watch().clock(last_at=2_000_000_000).now() == 2_000_000_000


def test_the_clock_leans_towards_the_wall() -> None:
    """After a jump it catches up, slowly."""
    watch = Watch()
    clock = watch.clock()
    start = clock.now()
    watch.wall_s += 60 + 1000
    watch.boot_s += 1000
    assert clock.now() - start == pytest.approx(1_050_000, abs=2)
    watch.wall_s += 1000
    watch.boot_s += 1000
    assert clock.now() == pytest.approx(watch.wall_s * 1000, abs=2)


def test_missing_is_not_broken() -> None:
    """The two ends of the tree stay apart: a refusal never stops a server."""
    assert not issubclass(Missing, Broken)

"""The walk along the queue."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from rota.sched.backfill import Backfill, walk, walk_queues


@dataclass
class Job:
    name: str
    cores: int
    queue: str = "q"


@dataclass
class Room:
    """So many cores; promises are noted, not kept."""

    free: int
    started: list[str] = field(default_factory=list)
    promised: list[str] = field(default_factory=list)

    def start(self, job: Job) -> bool:
        if job.cores > self.free:
            return False
        self.free -= job.cores
        self.started.append(job.name)
        return True

    def promise(self, job: Job) -> None:
        self.promised.append(job.name)


QUEUE = [Job("a", 2), Job("WIDE", 9), Job("b", 1), Job("HUGE", 8), Job("c", 1)]


@pytest.mark.parametrize(
    ("backfill", "started", "promised"),
    [
        (Backfill.NONE, "a b c", ""),
        (Backfill.STRICT, "a", ""),
        (Backfill.EASY, "a b c", "WIDE"),
        (Backfill.CONSERVATIVE, "a b c", "WIDE HUGE"),
    ],
)
def test_who_may_pass_whom(backfill: Backfill, started: str, promised: str) -> None:
    """Nobody, everybody, or all but the promised."""
    room = Room(4)
    walk(QUEUE, room, backfill=backfill)
    assert (" ".join(room.started), " ".join(room.promised)) == (started, promised)
    queues = Room(4)
    walk_queues(QUEUE, queues, lambda job: backfill)
    assert queues.started == room.started
    if backfill is not Backfill.STRICT:
        assert queues.promised == room.promised


def test_a_strict_queue_blocks_itself_only() -> None:
    """Other queues pass it, but keep the start it is promised."""
    line = [Job("a", 9, "strict"), Job("b", 1, "strict"), Job("c", 1, "easy")]
    room = Room(4)
    rules = {"strict": Backfill.STRICT, "easy": Backfill.EASY}
    stays = walk_queues(line, room, lambda job: rules[job.queue])
    assert room.started == ["c"]
    assert room.promised == ["a"]
    assert [job.name for job in stays] == ["a", "b"]


def test_those_who_pass_may_have_an_order_of_their_own() -> None:
    """The first that stays is found in the queue's order."""
    room = Room(3)
    walk(QUEUE, room, backfill=Backfill.EASY, resort=lambda rest: reversed(list(rest)))
    assert room.started == ["a", "c"]

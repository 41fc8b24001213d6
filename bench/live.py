"""How fast the mind is: events in, effects and rows out; no disk, no network, no agent.

    python bench/live.py [--nodes N] [--tasks N] [--shapes N] [--users N]

The workload of ``round.py``, through all of the engine: what a server does for one batch of
events.  Prints one JSON line for each figure; times are processor time, the median of many.

    cold    the first round of all after the last submit: tasks onto empty nodes
    full    a round when no core is free
    refill  one task ends, its cores are given to whoever comes next, rows written
    burst   1 000 tasks end at once
    promise a job of one whole node, and one of 64, comes first and has to be promised a
            start: the round that looks for it; kept: the rounds that keep it
    why     all that is said about why a job waits
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import time
from collections.abc import Sequence
from itertools import islice

from rota.core.account import User
from rota.core.indexes import IndexSet
from rota.core.job import Array, AttemptRef, JobSpec
from rota.core.reasons import reason
from rota.core.resources import Mode, Node, Request
from rota.engine.events import (
    Asked,
    Event,
    Finished,
    NodeJoined,
    Reported,
    Run,
    Started,
    Submitted,
)
from rota.engine.explain import why
from rota.engine.mind import Mind

GB = 1 << 30
HOUR = 3_600_000


class World:
    """A mind, and all attempts it was asked to run."""

    def __init__(self, asked: argparse.Namespace) -> None:
        self.mind = Mind()
        self.at = 1_000_000_000
        self.runs: dict[AttemptRef, str] = {}
        for number in range(asked.nodes):
            node = Node(f"node{number:05}", tuple(range(16)), 64 * GB)
            self.mind.handle(NodeJoined(self.at, node, "boot", 1))
        each = max(1, asked.tasks // (asked.shapes * asked.users))
        array = Array(IndexSet([[0, each - 1]]))
        for user in range(asked.users):
            specs = [_spec(shape, array) for shape in range(asked.shapes)]
            self.mind.handle(Submitted(self.at, User(f"user{user}"), specs))

    def settle(self) -> float:
        """Settle; note what was told to run; return how long it took, milliseconds."""
        began = time.process_time()
        effects = self.mind.settle(self.at)
        took = (time.process_time() - began) * 1000
        for effect in effects:
            if isinstance(effect, Run):
                for index, n, _ in effect.tasks:
                    self.runs[AttemptRef(effect.job, index, n)] = effect.node
        return took

    def round(self) -> float:
        """Let a round look although nothing happened."""
        self.mind.memory.round_wanted = True
        return self.settle()

    def refill(self, count: int) -> float:
        """Let *count* running tasks end, as their nodes report it in one batch."""
        self.at += 10
        gone = list(islice(self.runs, 0, count * 7, 7))
        events: list[Event] = []
        for ref in gone:
            node = self.runs.pop(ref)
            done = Finished(ref, self.at - 5, self.at, 0, None, reason("ok", code=0))
            events.append(Reported(self.at, node, 1, [Started(ref, self.at - 5), done]))
        began = time.process_time()
        for event in events:
            self.mind.handle(event)
        return (time.process_time() - began) * 1000 + self.settle()


def _spec(shape: int, array: Array) -> JobSpec:
    request = Request(
        cores=1 + shape % 8, memory=(14 + shape % 5) * GB, time_ms=(1 + shape) * HOUR // 10
    )
    return JobSpec(argv=(f"program{shape}",), request=request, array=array)


def main(words: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="How fast the mind is.")
    for name, default in (
        ("nodes", 10_000), ("tasks", 1_000_000), ("shapes", 50), ("users", 200),
    ):  # fmt: skip
        parser.add_argument(f"--{name}", type=int, default=default)
    world = World(parser.parse_args(words))
    gc.collect()
    gc.freeze()
    show("cold", world.settle(), starts=len(world.runs))
    while before := len(world.runs):
        world.round()
        if len(world.runs) == before:
            break
    show("full", median([world.round() for _ in range(20)]))
    show("refill", median([world.refill(1) for _ in range(100)]))
    show("burst", median([world.refill(1000) for _ in range(5)]), ended=1000)
    promises(world)
    explains(world)


def promises(world: World) -> None:
    """Let wide jobs wait at the front; measure rounds that promise them a start."""
    for name, request in (
        ("node", Request(cores=16, memory=60 * GB, time_ms=HOUR)),
        ("nodes", Request(mode=Mode.BY_NODE, n=64, time_ms=HOUR)),
    ):
        took: dict[bool, list[float]] = {True: [], False: []}
        for _ in range(7):
            spec = JobSpec(argv=("wide",), priority=1000, request=request)
            world.mind.handle(Submitted(world.at, User("wide"), [spec]))
            for _ in range(4):
                ms = world.refill(1)
                (promise,) = world.mind.memory.promised.values()
                took[promise.made_at == world.at].append(ms)
            world.mind.handle(Asked(world.at, User("wide"), "kill", ((promise.job, None),)))
            world.settle()
        show("promise", median(took[True]), asks=name, rounds=len(took[True]))
        show("kept", median(took[False]), asks=name, rounds=len(took[False]))


def explains(world: World) -> None:
    """Ask why jobs wait: the first and the last of all."""
    memory = world.mind.memory
    for name, job in (("first", min(memory.jobs)), ("last", max(memory.jobs))):
        began = time.process_time()
        why(memory, job, None, at=world.at)
        show("why", (time.process_time() - began) * 1000, job=name)


def median(took: Sequence[float]) -> float:
    """Return the median of so many measurements."""
    return float(statistics.median(took))


def show(name: str, value: float, **facts: object) -> None:
    """Print one figure."""
    row = {"bench": f"live.{name}", "ms": round(value, 4), **facts}
    print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()

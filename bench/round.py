"""How fast a round is: 1 000 000 waiting tasks, 50 shapes, 200 users, 10 000 nodes.

    python bench/round.py [--nodes N] [--tasks N] [--shapes N] [--users N]

Prints one JSON line for each figure: {"bench", "ms", …}; times are the median of many.

    cold    32 000 tasks onto empty nodes
    full    a round when no core is free
    refill  one task ends, its cores are given to whoever comes next
    burst   1 000 tasks end at once
    promise a job as wide as a node comes first and has to be promised a start: the round
            that looks for it, and the rounds that keep it
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import time
from collections.abc import Sequence
from itertools import islice
from typing import Any

from rota.core.resources import Grant, Node, Request
from rota.engine.node import NodeState
from rota.sched.check import check
from rota.sched.expected import Estimate
from rota.sched.mirror import Mirror
from rota.sched.policy import DEFAULT
from rota.sched.problem import Line, Plan, Promise, Snapshot, Waiting
from rota.sched.releases import Release
from rota.sched.roster import Roster
from rota.sched.round import keep, plan
from rota.sched.space import Take

GB = 1 << 30
HOUR = 3_600_000


class World:
    """Nodes and a roster, and what an engine would do with a plan."""

    def __init__(self, asked: argparse.Namespace) -> None:
        self.nodes: dict[str, NodeState] = {}
        self.turned: set[str] = set()
        self.mirror = Mirror()
        self.roster = Roster()
        self.at = 1_000_000_000
        self.allocs: dict[int, tuple[Grant, ...]] = {}
        self.jobs: dict[int, int] = {}
        self.promised: dict[int, Promise] = {}
        self.next_alloc = 0
        for number in range(asked.nodes):
            node = Node(f"node{number:05}", tuple(range(16)), 64 * GB)
            state = NodeState(node, boot="boot", seen_at=self.at, turned=self.turned)
            state.session = 1
            self.nodes[node.name] = state
        each = max(1, asked.tasks // (asked.shapes * asked.users))
        job = 0
        for number in range(asked.shapes):
            time_ms = (1 + number) * HOUR // 10
            request = Request(
                cores=1 + number % 8, memory=(14 + number % 5) * GB, time_ms=time_ms
            )
            guess = Estimate(time_ms / 3, time_ms / 4)
            for user in range(asked.users):
                job += 1
                waiting = [Waiting(job, 0, job, each)]
                line = Line(request, f"user{user}", "", "default", waiting, guess)
                self.jobs[job] = self.roster.put(line)

    def round(self) -> tuple[Plan, float]:
        """Plan once; return the plan and how long it took, milliseconds."""
        snapshot = self.snapshot()
        began = time.perf_counter()
        decided = plan(snapshot)
        return decided, (time.perf_counter() - began) * 1000

    def snapshot(self) -> Snapshot:
        """Return what a round may see now."""
        nodes = self.mirror.follow(self.nodes, {}, self.turned)
        return Snapshot(self.at, nodes, self.roster, policy=DEFAULT, promised=self.promised)

    def apply(self, decided: Plan) -> None:
        """Let the starts of *decided* hold what they were given."""
        for start in decided.starts:
            limit = self.roster[self.jobs[start.job]].request.time_ms or HOUR
            ends = self.at + limit
            self.next_alloc += 1
            self.allocs[self.next_alloc] = start.grants
            takes = []
            for grant in start.grants:
                self.nodes[grant.node].take(grant)
                spot = self.mirror.space.by_name[grant.node]
                takes.append(Take(spot, len(grant.cores), grant.memory))
            self.mirror.releases.put(self.next_alloc, Release(ends, tuple(takes), ()))
        self.promised = keep(decided)

    def end(self, alloc: int) -> None:
        """Free what *alloc* holds."""
        for grant in self.allocs.pop(alloc):
            self.nodes[grant.node].give(grant)
        self.mirror.releases.drop(alloc)


def main(words: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="How fast a round is.")
    for name, default in (
        ("nodes", 10_000), ("tasks", 1_000_000), ("shapes", 50), ("users", 200),
    ):  # fmt: skip
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args(words)
    world = World(asked)
    # As the server does once it has loaded: what lives long is not searched for garbage.
    gc.collect()
    gc.freeze()
    show("lines", len(world.roster), unit="lines")
    first, cold = world.round()
    assert not check(world.snapshot(), first)
    show("cold", cold, starts=len(first.starts))
    world.apply(first)
    while True:
        decided, _ = world.round()
        if not decided.starts:
            break
        world.apply(decided)
    show("full", median(lambda: world.round()[1], 50))
    show("refill", median(lambda: refill(world, 1), 200))
    show("burst", median(lambda: refill(world, 1000), 5), ended=1000)
    promises(world)


def promises(world: World) -> None:
    """Let a whole-node job wait at the front; measure rounds that promise it a start."""
    wide = Request(cores=16, memory=60 * GB, time_ms=HOUR)
    waiting = [Waiting(0, 1000, 0, 1)]
    line = Line(wide, "wide", "", "default", waiting, Estimate(1, 1))
    world.jobs[0] = world.roster.put(line)
    took: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(21):
        world.at += 10
        world.end(next(iter(world.allocs)))
        decided, ms = world.round()
        (promise,) = decided.promises
        took[promise.made_at == world.at].append(ms)
        world.apply(decided)
    for name, looked in (("promise", True), ("kept", False)):
        if took[looked]:
            show(name, statistics.median(took[looked]), rounds=len(took[looked]))


def refill(world: World, count: int) -> float:
    """End *count* allocations, place what fits and apply it; return milliseconds."""
    gone = list(islice(world.allocs, 0, count * 7, 7))
    began = time.perf_counter()
    world.at += 10
    for alloc in gone:
        world.end(alloc)
    decided = plan(world.snapshot())
    world.apply(decided)
    return (time.perf_counter() - began) * 1000


def median(measure: Any, times: int) -> float:
    """Return the median of so many measurements."""
    return float(statistics.median(measure() for _ in range(times)))


def show(name: str, value: float, *, unit: str = "ms", **facts: Any) -> None:
    """Print one figure."""
    row = {"bench": f"round.{name}", unit: round(value, 4), **facts}
    print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()

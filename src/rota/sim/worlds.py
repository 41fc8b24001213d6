"""Kinds of virtual worlds, and many of one kind: what a seed broke, or how much was tried.

KINDS["rules"] → a world with licences, limits, windows and preemption in force
tried("rules", 7) → Tried(kind, seed, broken=None, acknowledged=11, …)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from rota.sched.limits import Limit
from rota.sched.problem import QueueRule, Window
from rota.sched.rules import MINUTE_MS, Queue, Rules
from rota.sched.yields import Yields
from rota.sim.faults import campaign
from rota.sim.world import Scale, World

STEPS = 60
"""What users and bad luck do in a world before all is healed."""

_RULES = Rules(
    queues={
        "urgent": Queue(QueueRule(preempts=True, weight=-5.0)),
        "scavenge": Queue(yields=Yields(min_run_ms=500)),
    },
    limits=(
        Limit("user", "*", cores=9, starts=(40, MINUTE_MS)),
        Limit("queue", "scavenge", jobs=3),
    ),
    licences={"abaqus": 3, "matlab": 1},
    windows=(
        Window("cooling", 30_000, 60_000, frozenset({"n1"})),
        Window("power", 90_000, 100_000),
    ),
)
_LENDING = Rules(
    queues={
        "default": Queue(QueueRule(preempts=frozenset({"lender"}))),
        "lender": Queue(yields=Yields("suspend", min_run_ms=100, max_per_job=3)),
    },
)

KINDS: Mapping[str, Callable[[int], World]] = {
    "plain": World,
    "rules": lambda seed: World(seed, rules=_RULES),
    "remedies": lambda seed: World(seed, remedies=True),
    "lending": lambda seed: World(seed, Scale(nodes=2), rules=_LENDING),
}
"""{name: what makes the world of a seed}."""


@dataclass(slots=True)
class Tried:
    """What happened in one world.

    broken:  the promise that did not hold, in a sentence, or None
    counts:  "acknowledged" jobs, "attempts" that ran, jobs with "licences", tasks that were
             "preempted", "lent" and taken "back", and "learned NAME" for each remedy
    """

    kind: str
    seed: int
    broken: str | None = None
    counts: Counter[str] = field(default_factory=Counter)


def tried(kind: str, seed: int) -> Tried:
    """Let the world of *seed* live and heal; say what was tried and what broke."""
    made = Tried(kind, seed)
    world = KINDS[kind](seed)
    try:
        campaign(world, steps=STEPS)
    except AssertionError as error:
        made.broken = str(error) or repr(error)
    made.counts = _counts(world)
    return made


def _counts(world: World) -> Counter[str]:
    counts: Counter[str] = Counter()
    ledger = world.ledger
    counts["acknowledged"] = len(world.witness.acks)
    counts["attempts"] = sum(line.move == "start" for line in ledger.history)
    counts["licences"] = sum(bool(r.spec.request.licences) for r in ledger.added.values())
    for line in ledger.history:
        is_preempted = line.reason is not None and line.reason.code == "preempted"
        counts["preempted"] += is_preempted
        counts["lent"] += is_preempted and line.move == "suspend"
        counts["back"] += line.move == "resume" and line.source == "the server"
    for row in ledger.tasks.values():
        for name in row.failures:
            counts[f"learned {name.partition('@')[0]}"] += "@" in name
    return counts

"""A policy: in which order, who may pass whom, and what bounds the waiting.

    default               expected slowdown for its price, fair shares, bounded overtaking
    multifactor[:BACKFILL]   the order of default by its name, with any backfill
    priority:easy         the larger priority first, then whoever came first
    ORDER[@S][:BACKFILL[:ORDER]]
        saf@72000:easy    smallest area first; who waited 72000 s comes before all others
        fcfs:easy:sjf     first come, first served; the others pass shortest first
        fcfs:cons         everybody keeps a promised start
        fcfs:replan       the same, promised anew in every pass

The same object decides in the live server and in a replay.  An operator may also spell it
out (``spelled``): {order: default, weights: {share: 5}, bound: {part: 0.2}}.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import inf, log
from typing import Any

from rota.core.errors import Complaint, Malformed, did_you_mean
from rota.sched.backfill import Backfill
from rota.sched.expected import Estimate
from rota.sched.orders import ORDERS, Order


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts how much in the default order; the score is a sum, smaller is sooner.

    A job's claim is the slowdown it suffers, 1/run; its price is the machine it keeps
    from others, run × cores.  Claim over price is Smith's rule; in logarithms it is a
    weighted sum.  A user who had everything lately is put back by *share*.

    Shapes:
        typical, mean: of the expected run time (``expected.Estimate``)
        cores:         of the width
        share:         of what the user had more than others (``fairshare.excess``)
    """

    typical: float = 1.0
    mean: float = 1.0
    cores: float = 1.5
    share: float = 3.0

    def score(self, *, cores: int, expected: Estimate) -> float:
        """Return what makes a job late by itself; its user's part is added by *share*."""
        return (
            self.typical * log(max(expected.typical_ms, SHORTEST_MS))
            + self.mean * log(expected.mean_ms)
            + self.cores * log(cores)
        )


SHORTEST_MS = 10_000
"""Below it nobody minds a slowdown: bounded slowdown's own bound (Feitelson)."""


@dataclass(frozen=True, slots=True)
class Bound:
    """How much a waiting job may be overtaken before it is pulled ahead, and comes first.

    Later jobs may use up the whole machine for a budget of *floor_ms*, *part* of the time
    the job has waited, and *lately* of the longest wait there was lately.

        overtaken   0 ──────── soft ────────────────────── 1 ──────→   in budgets
        its score   as it is     ╰─── sooner and sooner ───╯  first of all, by submission

    In between it is passed by ever smaller jobs only, which cost it next to nothing.  So
    nobody starves: what others' overtaking adds to a wait is at most one budget.
    """

    floor_ms: int = 3_600_000
    part: float = 0.1
    lately: float = 0.05
    soft: float = 0.5
    pull: float = 20.0

    def least(self, *, longest_ms: float, cores: int) -> float:
        """Return up to how many core-ms of overtaking nothing changes for anybody."""
        return self.soft * (self.floor_ms + self.lately * longest_ms) * cores

    def sooner(
        self, overtaken: float, *, waited_ms: int, longest_ms: float, cores: int
    ) -> float:
        """Return how much sooner a job stands that was overtaken by so many core-ms.

        Args:
            longest_ms: the longest wait lately (``overtaking.Overtaken.longest``)

        Returns: what to take off its score; infinite: it comes before all others
        """
        if not cores:
            return 0.0  # Where there is no machine nobody passes anybody.
        budget = self.floor_ms + self.part * waited_ms + self.lately * longest_ms
        spent = overtaken / (budget * cores)
        if spent > 1.0:
            return inf
        return self.pull * log(spent / self.soft) if spent > self.soft else 0.0


@dataclass(frozen=True, slots=True)
class Policy:
    """See the head of the file.

    Shapes:
        order:       None for the default, whose scores come of *weights*
        resort:      the order in which others pass the first that does not fit
        patience_ms: who waited longer comes first, in the order of submission
        keeps:       promised starts are kept from pass to pass (``cons``)
        by_priority: the user's priority goes before everything
        review_ms:   a replay looks at shares and bounds no more often
        victims:     who is preempted first: "cheapest" (least work lost), "youngest",
                     "oldest", "lowest" (priority)
    """

    name: str
    order: Order | None
    backfill: Backfill = Backfill.EASY
    resort: Order | None = None
    patience_ms: int | None = None
    keeps: bool = False
    by_priority: bool = False
    weights: Weights = Weights()
    bound: Bound | None = None
    review_ms: int = 300_000
    victims: str = "cheapest"


DEFAULT = Policy("default", None, bound=Bound())
PRIORITY = Policy("priority:easy", ORDERS["fcfs"], by_priority=True)

MULTIFACTOR = "multifactor"
NAMED = [MULTIFACTOR, "priority", *ORDERS]
"""Every order that a policy may name."""

_BACKFILLS = {
    "none": (Backfill.NONE, False),
    "easy": (Backfill.EASY, False),
    "cons": (Backfill.CONSERVATIVE, True),
    "conservative": (Backfill.CONSERVATIVE, False),
    "replan": (Backfill.CONSERVATIVE, False),
    "strict": (Backfill.STRICT, False),
}


def parse_policy(name: str) -> Policy:
    """Return the policy called *name*; without a BACKFILL nobody passes anybody.

    Raises:
        Malformed: an unknown order or backfill; the complaint lists those there are.
    """
    if name == "default":
        return DEFAULT
    first, *others = name.split(":")
    if len(others) > 2:
        raise Malformed(
            complaints=[_complain(name, "too many parts", "ORDER:BACKFILL:ORDER")]
        )
    word, _, patience = first.partition("@")
    if word == MULTIFACTOR:
        if first != word or len(others) > 1:
            problem = "takes no patience, and no order for those who pass"
            raise Malformed(complaints=[_complain(name, problem, "multifactor:easy")])
        return spelled({"order": word, "backfill": [*others, "easy"][0]}, name=name)
    backfill, keeps = Backfill.STRICT, False
    if others:
        backfill, keeps = _BACKFILLS[_known(others[0], list(_BACKFILLS), "backfill")]
    by_priority = word == "priority"
    return Policy(
        name,
        ORDERS["fcfs" if by_priority else _known(word, NAMED, "order")],
        backfill=backfill,
        resort=ORDERS[_known(others[1], list(ORDERS), "order")] if others[1:] else None,
        patience_ms=_patience(name, patience) if "@" in first else None,
        keeps=keeps,
        by_priority=by_priority,
    )


def spelled(said: Mapping[str, Any], *, name: str = "its own") -> Policy:
    """Return the policy that an operator spelled out.

    Args:
        said: order (one of ``NAMED``, with @S), backfill, pass (the order of those who
            pass), weights and bound by the names of ``Weights`` and ``Bound``

    Raises:
        Malformed: an order or backfill there is not; weights without the default order.
    """
    order = str(said.get("order", "default"))
    backfill = str(said.get("backfill", "easy"))
    if order in ("default", MULTIFACTOR):
        made = DEFAULT
        kept = _BACKFILLS[_known(backfill, list(_BACKFILLS), "backfill")]
        if kept[1]:
            problem = "keeps promises made in an order that learns"
            raise Malformed(complaints=[_complain(backfill, problem, "write conservative")])
        made = replace(made, backfill=kept[0])
    else:
        others = [said["pass"]] if "pass" in said else []
        made = parse_policy(":".join([order, backfill, *others]))
    bad = [key for key in ("weights", "bound") if key in said and made.order is not None]
    bad += [key for key in ("pass",) if key in said and made.order is None]
    if bad:
        remedy = "leave it out, or the other order"
        raise Malformed(complaints=[_complain(order, f"{bad[0]} means nothing to", remedy)])
    weights = replace(made.weights, **said.get("weights", {}))
    bound = made.bound and replace(made.bound, **said.get("bound", {}))
    return replace(made, name=name, weights=weights, bound=bound)


def _patience(name: str, text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise Malformed(
            complaints=[_complain(name, f"{text!r} are no seconds", "write saf@72000:easy")]
        )
    return int(text) * 1000


def _known(word: str, words: list[str], what: str) -> str:
    if word in words:
        return word
    near = did_you_mean(word, words)
    hint = f"did you mean {near}? " if near else ""
    remedy = f"{hint}{what}s are {', '.join(words)}"
    raise Malformed(complaints=[_complain(word, f"unknown {what}", remedy)])


def _complain(value: str, problem: str, remedy: str) -> Complaint:
    return Complaint("policy", f"{problem}: {value!r}", remedy)

"""A virtual node: what is on its disk, what runs on it, and the link to the server.

It keeps the promises a real agent and its shepherds keep (docs/why/guarantees.md): accepted
before started, ended before reported, reported until answered, old numbers refused, and
its own end of the lease.  Faults break its link, its agent, or the whole machine.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from rota.core.job import AttemptRef
from rota.core.reasons import Reason, reason
from rota.core.resources import Grant, Node
from rota.engine.events import (
    Declined,
    Finished,
    Forget,
    Holding,
    Kill,
    NodeJoined,
    Run,
    Started,
    Suspend,
    Suspended,
)

Report = Started | Suspended | Finished | Declined
Behaviour = Callable[[AttemptRef], tuple[int, int]]
"""Given an attempt: how long it runs (ms) and the exit code it ends with."""


@dataclass(slots=True)
class Strip:
    """An allocation on the node: what it holds and which attempts still wait in it.

    left_ms: of an attempt that stands still, how long it still has to run; None: it runs
    """

    grants: tuple[Grant, ...]
    restartable: bool
    waiting: deque[AttemptRef] = field(default_factory=deque)
    running: AttemptRef | None = None
    left_ms: int | None = None


class VirtualNode:
    """One machine.  ``at`` arguments are virtual milliseconds."""

    def __init__(self, node: Node, behaviour: Behaviour, lease_ms: int) -> None:
        self.node = node
        self.behaviour = behaviour
        self.lease_ms = lease_ms
        self.boots = 1
        self.session: int | None = None
        self.renewed_at = 0
        self.highest: dict[tuple[int, int], int] = {}
        self.strips: dict[int, Strip] = {}
        self.started: dict[AttemptRef, int] = {}
        self.unsettled: dict[AttemptRef, Report] = {}
        self.executed: list[tuple[AttemptRef, int, int | None, int | None]] = []
        self.outbox: list[Report] = []
        self.due: list[tuple[int, AttemptRef, int]] = []
        self.asleep: dict[AttemptRef, int] = {}

    # ── what the server says ──────────────────────────────────────────────────────────

    def run(self, effect: Run, at: int) -> None:
        """Accept the tasks of a strip; numbers that are not new are declined."""
        strip = self.strips.get(effect.alloc)
        if strip is None:
            strip = Strip(effect.grants, effect.spec.restartable)
        for index, n, _ in effect.tasks:
            ref = AttemptRef(effect.job, index, n)
            if n <= self.highest.get((effect.job, index), 0):
                if not self._holds(ref):
                    self._report(Declined(ref, reason("returned")))
                continue
            self.highest[effect.job, index] = n
            strip.waiting.append(ref)
            self.strips[effect.alloc] = strip
        self._advance(effect.alloc, at)

    def kill(self, effect: Kill, at: int) -> None:
        """End an attempt: what had not started is declined, what runs is signalled."""
        ref = effect.attempt
        for number, strip in list(self.strips.items()):
            if ref in strip.waiting:
                strip.waiting.remove(ref)
                self._report(Declined(ref, effect.reason))
                self._advance(number, at)
            elif strip.running == ref:
                self._end(number, at, code=None, signal=15, why=effect.reason)
        if ref.n > self.highest.get((ref.job, ref.task), 0):
            self.highest[ref.job, ref.task] = ref.n
            self._report(Declined(ref, effect.reason))

    def suspend(self, effect: Suspend, at: int) -> None:
        """Let an attempt stand still, or go on; asked twice it is only told again."""
        ref = effect.attempt
        strip = next((s for s in self.strips.values() if s.running == ref), None)
        if strip is None:
            return
        if effect.on and strip.left_ms is None:
            while strip.waiting:
                self._report(Declined(strip.waiting.pop(), reason("returned")))
            strip.left_ms = next(end for end, r, _ in self.due if r == ref) - at
            self.asleep[ref] = next(code for _, r, code in self.due if r == ref)
            self.due = [row for row in self.due if row[1] != ref]
        elif not effect.on and strip.left_ms is not None:
            self.due.append((at + strip.left_ms, ref, self.asleep.pop(ref)))
            strip.left_ms = None
        self._report(Suspended(ref, effect.on))

    def forget(self, effect: Forget) -> None:
        """Drop what is settled."""
        for ref in effect.attempts:
            self.unsettled.pop(ref, None)

    # ── what happens to it ────────────────────────────────────────────────────────────

    def pass_time(self, at: int) -> None:
        """End what is due by *at*, and what has outlived its lease."""
        for end, ref, code in sorted(self.due):
            if end <= at:
                number = next((k for k, s in self.strips.items() if s.running == ref), None)
                if number is not None:
                    why = reason("exit_code" if code else "ok", code=code)
                    self._end(number, end, code=code, signal=None, why=why)
        self.due = [row for row in self.due if row[0] > at]
        if self.session is None and at - self.renewed_at > self.lease_ms:
            self._end_leases(at)

    def reboot(self, at: int) -> None:
        """Everything on the machine is gone, but for what was on its disk."""
        for strip in self.strips.values():
            if strip.running is not None:
                self.executed.append((strip.running, self.started[strip.running], at, None))
        self.boots += 1
        self.strips, self.started, self.due, self.asleep = {}, {}, [], {}
        self.unsettled, self.outbox = {}, []
        self.session = None

    def hello(self, at: int, session: int) -> NodeJoined:
        """Connect: say what it has and which attempts it holds; then report again."""
        self.session, self.renewed_at = session, at
        holds = [Holding(ref, "ended") for ref in self.unsettled]
        for strip in self.strips.values():
            holds.extend(Holding(ref, "waiting") for ref in strip.waiting)
            if strip.running is not None:
                begun = self.started[strip.running]
                holds.append(Holding(strip.running, "running", begun))
        self.outbox = list(self.unsettled.values())
        still = (s.running for s in self.strips.values() if s.left_ms is not None)
        self.outbox.extend(Suspended(ref, True) for ref in still if ref is not None)
        return NodeJoined(at, self.node, f"{self.node.name}-{self.boots}", session, holds)

    def drop_link(self, at: int) -> None:
        """The link breaks; the lease counts from here."""
        if self.session is not None:
            self.session, self.renewed_at = None, at
        self.outbox = []

    def executing(self) -> list[AttemptRef]:
        """Return the attempts whose processes run now."""
        return [s.running for s in self.strips.values() if s.running is not None]

    def next_at(self) -> int | None:
        """Return when something on the node is due next."""
        times = [row[0] for row in self.due]
        if self.session is None and any(s.restartable for s in self.strips.values()):
            times.append(self.renewed_at + self.lease_ms + 1)
        return min(times, default=None)

    # ── inside ────────────────────────────────────────────────────────────────────────

    def _advance(self, number: int, at: int) -> None:
        strip = self.strips.get(number)
        if strip is None or strip.running is not None:
            return
        if not strip.waiting:
            del self.strips[number]
            return
        ref = strip.waiting.popleft()
        strip.running = ref
        self.started[ref] = at
        duration, code = self.behaviour(ref)
        self.due.append((at + duration, ref, code))
        self._report(Started(ref, at))

    def _end(
        self, number: int, at: int, *, code: int | None, signal: int | None, why: Reason
    ) -> None:
        strip = self.strips[number]
        ref = strip.running
        assert ref is not None, "nothing runs in that strip"
        strip.running = strip.left_ms = None
        self.asleep.pop(ref, None)
        begun = self.started.pop(ref)
        self.executed.append((ref, begun, at, code))
        self._report(Finished(ref, begun, at, code, signal, why))
        self._advance(number, at)

    def _end_leases(self, at: int) -> None:
        why = reason("lease", length=f"{self.lease_ms} ms")
        for number, strip in list(self.strips.items()):
            if not strip.restartable:
                continue
            while strip.waiting:
                self._report(Declined(strip.waiting.pop(), reason("returned")))
            if strip.running is not None:
                self._end(number, at, code=None, signal=9, why=why)
            else:
                self._advance(number, at)

    def _holds(self, ref: AttemptRef) -> bool:
        held = any(ref == s.running or ref in s.waiting for s in self.strips.values())
        return held or ref in self.unsettled

    def _report(self, report: Report) -> None:
        if not isinstance(report, Started | Suspended):
            self.unsettled[report.attempt] = report
        if self.session is not None:
            self.outbox.append(report)

"""What is left of attempts whose shepherd was killed: found, ended, told as lost (G17).

    journal: "go", no "end"  ──▶  processes with that tag, or with that pid and start
                             ──▶  stopped, killed; once none is left: finished, ``lost``
    journal: "run", no "go"  ──▶  no user code ever ran: declined, ``returned``

How they would have ended nobody can know any more: they were somebody else's children.
They are never told as done, and never left running.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterable, List, Mapping, Set, Tuple

from rota.agent import procfs
from rota.agent.book import RUNNING, Ref, Trace
from rota.agent.clock import note, wall_ms
from rota.agent.procfs import TICK_MS, Facts
from rota.agent.reactor import Reactor
from rota.agent.reaper import end_all
from rota.core.reasons import reason
from rota.wire import agent as wire

PAUSE_MS = 500
START_TOLERANCE_MS = 2 * TICK_MS + 50
"""A process with the recorded pid that began within this time of the record is the one."""

Gone = Callable[[Ref, Mapping[str, Any]], None]


class Orphans:
    """The open traces of a journal, until each is told."""

    def __init__(self, traces: Iterable[Trace]) -> None:
        self._open: Dict[Ref, Trace] = {trace.ref: trace for trace in traces}
        self._found: Dict[Ref, Set[int]] = {}

    @property
    def is_busy(self) -> bool:
        """Is any of them still there?"""
        return bool(self._open)

    def has(self, ref: Ref) -> bool:
        """Is *ref* one of them, and not gone yet?"""
        return ref in self._open

    def holds(self) -> List[List[Any]]:
        """Return what the agent's hello says of them."""
        return [[*ref, RUNNING, trace.started_at] for ref, trace in self._open.items()]

    def records(self) -> List[Tuple[Any, ...]]:
        """Return journal records that make them again."""
        rows: List[Tuple[Any, ...]] = []
        for ref, trace in self._open.items():
            rows.append(("run", trace.alloc, ref[0], [ref[1:]]))
            if trace.tag:
                rows.append(("go", *ref, trace.tag, trace.boot_ms))
            if trace.pid:
                rows.append(("pid", *ref, trace.pid, trace.started_at))
        return rows

    def go_on(self, reactor: Reactor, on_gone: Gone) -> None:
        """End what is left of them, and come back; *on_gone* is told once nothing is."""
        for ref, trace in list(self._open.items()):
            if not trace.tag:
                del self._open[ref]
                why = reason("returned").to_dict()
                on_gone(ref, wire.declined(ref, why))
        end_all(self._members, procfs.send)
        self._members()
        for ref, trace in list(self._open.items()):
            if not any(map(procfs.facts_of, self._found.get(ref, ()))):
                del self._open[ref]
                on_gone(ref, self._lost(trace))
        if self._open:
            reactor.after(PAUSE_MS, lambda: self.go_on(reactor, on_gone))

    def _members(self) -> List[Facts]:
        """Return every process of any of them, by tag, by pid and start, or by parent."""
        by_tag = {trace.tag: ref for ref, trace in self._open.items()}
        by_pid = {trace.pid: trace for trace in self._open.values() if trace.pid}
        roots: List[int] = []
        for pid in procfs.all_pids() if by_tag else []:
            ref = by_tag.get(procfs.tag_of(pid) or 0)
            trace = by_pid.get(pid)
            if ref is None and trace is not None and _is_that(trace):
                ref = trace.ref
            if ref is not None:
                self._found.setdefault(ref, set()).add(pid)
                roots.append(pid)
        return procfs.tree(roots)

    def _lost(self, trace: Trace) -> wire.Message:
        pids = sorted(self._found.get(trace.ref, ()))
        what = (
            f"{len(pids)} processes of it were found and ended"
            if pids
            else ("nothing of it was left")
        )
        note(f"{trace.ref} had lost its shepherd: {what}")
        why = reason("lost", evidence=f"its shepherd was killed; {what}")
        evidence = {"shepherd": "killed", "pids_ended": pids[:20]}
        return wire.finished(
            trace.ref,
            started_at=trace.started_at,
            at=wall_ms(),
            exit_code=None,
            signal=None,
            reason=why._replace(evidence=evidence).to_dict(),
            usage={},
        )


def _is_that(trace: Trace) -> bool:
    facts = procfs.facts_of(trace.pid)
    if facts is None:
        return False
    return abs(facts.start * TICK_MS - trace.boot_ms) <= START_TOLERANCE_MS

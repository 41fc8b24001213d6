"""The shepherd: takes orders, starts attempts, remembers and tells how they ended.

    agent ◀─ unix socket, JSON lines ─▶ Shepherd ─▶ strips ─▶ attempts
                                           │           │
                                           ╰─▶ book ◀──┴─▶ journal, reports

One long-lived process for each agent; it survives both agent and server, and goes on
alone: strips go on, limits and leases are kept, ends are written down.  Whoever attaches
next is told everything that has not been forgotten.

    run ─▶ journal, synced ─▶ strips … ended ─▶ journal, synced ─▶ told, until forgotten
"""

from __future__ import annotations

import os
import signal
import socket
import time
import traceback
from typing import Any, List, Mapping, NamedTuple, Optional

from rota.agent import VERSION
from rota.agent.book import RUNNING, Book, Ref
from rota.agent.clock import boot_id, note, wall_ms
from rota.agent.folders import Folders
from rota.agent.journal import Journal
from rota.agent.lines import Lines
from rota.agent.orphans import Orphans
from rota.agent.plans import Plan, Server, Staged
from rota.agent.reactor import Reactor
from rota.agent.recipe import Recipe
from rota.agent.reports import Reports
from rota.agent.stages import Exit, Stages
from rota.agent.strips import Strips
from rota.core.reasons import reason
from rota.wire import agent as wire
from rota.wire.spec import spec_complaint

LINGER_MS = 60_000
"""So long a shepherd without work stays for an agent to come back."""

PAUSE_AFTER_BUG_S = 0.1
"""A bug that comes back each turn must not take a core."""

JOURNAL_MAX = 4 << 20
"""Bytes of journal after which what is forgotten is dropped from it."""


class Parts(NamedTuple):
    """What ``fold`` puts a shepherd together from."""

    reactor: Reactor
    listener: socket.socket
    folders: Folders
    book: Book
    journal: Journal
    orphans: Orphans
    reports: Reports
    strips: Strips
    stages: Stages
    exits: List[Exit]


class Shepherd:
    """See the head of the file."""

    def __init__(self, parts: Parts, *, linger_ms: int = LINGER_MS) -> None:
        self._parts = parts
        self._reactor = parts.reactor
        self._book = parts.book
        self._journal = parts.journal
        self._orphans = parts.orphans
        self._reports = parts.reports
        self._strips = parts.strips
        self._stages = parts.stages
        self._linger_ms = linger_ms
        self._agent: Optional[Lines] = None
        self._gpus_here = False
        self.is_retired = False
        self._is_over = False
        self._idlers: List[Lines] = []
        self._linger = self._reactor.after(linger_ms, self._end_if_idle)

    def run(self) -> None:
        """Go on until there is nothing left to do and nobody to do it for."""
        reactor = self._reactor
        reactor.on_signal(signal.SIGCHLD, self._strips.reap)
        reactor.on_signal(signal.SIGTERM, self._asked_to_end)
        reactor.watch(self._parts.listener.fileno(), self._welcome)
        reactor.after_each = self._end_turn
        self._orphans.go_on(reactor, self._ended)
        self._stages.go_on(self._parts.exits, self._ended)
        while not self._is_over:
            self._run_on()

    def _run_on(self) -> None:
        try:
            self._reactor.run()
            self._is_over = True
        except Exception:  # noqa: BLE001 - a bug must not end the attempts in our care
            note(f"this is a bug; going on all the same:\n{traceback.format_exc()}")
            time.sleep(PAUSE_AFTER_BUG_S)

    def compact(self) -> None:
        """Drop from the journal what is forgotten."""
        exits = [exit.record() for exit in self._stages.exits()]
        records = [*self._book.records(), *self._orphans.records(), *exits]
        self._journal.rewrite([("boot", boot_id(), os.getpid(), wall_ms()), *records])

    # ── who talks to us ───────────────────────────────────────────────────────────────

    def _welcome(self, _events: int) -> None:
        try:
            connection, _ = self._parts.listener.accept()
        except BlockingIOError:
            return
        Lines(connection, self._reactor, on_line=self._take, on_end=self._left)

    def _left(self, line: Lines) -> None:
        self._reports.left(line)
        self._idlers = [who for who in self._idlers if who is not line]
        if line is self._agent:
            self._agent = None
            self._linger.cancel()
            self._linger = self._reactor.after(self._linger_ms, self._end_if_idle)

    def _take(self, line: Lines, text: bytes) -> None:
        try:
            self._obey(line, text)
        except Exception:  # noqa: BLE001 - a bug must not end the attempts in our care
            note(f"this is a bug; an order was not obeyed:\n{traceback.format_exc()}")

    def _obey(self, line: Lines, text: bytes) -> None:
        message = wire.decode_one(text)
        handler = _HANDLERS.get(message.get("t"))
        if handler is None:
            note(f"an order of a newer agent is left aside: {text[:100]!r}")
        else:
            handler(self, message, line)

    def _attach(self, message: Mapping[str, Any], line: Lines) -> None:
        if self._agent is not None and self._agent is not line:
            self._agent.close()
        self._reports.left(line)
        self._agent = line
        self._gpus_here = bool(message.get("gpus"))
        if message.get("server"):
            self._stages.server = Server(*message["server"])
        holds = self._book.holds() + self._orphans.holds() + self._left_holds()
        line.send({
            "t": "holds", "holds": holds, "version": VERSION, "pid": os.getpid(),
            "trouble": self._journal.trouble,
        })  # fmt: skip

    def _resend(self, _message: Mapping[str, Any], line: Lines) -> None:
        if line is self._agent:
            self._reports.begin(line)
            self._stages.again()

    def _left_holds(self) -> List[List[Any]]:
        """Return what is held of attempts that ended under a shepherd before us."""
        exits = self._stages.exits()
        left = [exit for exit in exits if exit.ref not in self._book.live]
        return [[*exit.ref, "running", exit.message["s"]] for exit in left]

    def _lease(self, message: Mapping[str, Any], _line: Lines) -> None:
        self._strips.renewed(int(message["at"]))

    def _watch(self, message: Mapping[str, Any], line: Lines) -> None:
        """Say whether an attempt may still write, and once more when it may not."""
        ref = _ref(message["a"])
        is_live = ref in self._book.live or self._orphans.has(ref)
        is_live = is_live or self._stages.has_exit(ref)
        if is_live:
            self._reports.watch(ref, line)
            self._strips.consoles.watch(ref, line)
        line.send({"t": "state", "a": ref, "live": is_live})

    # ── orders ────────────────────────────────────────────────────────────────────────

    def _run(self, message: Mapping[str, Any], _line: Lines) -> None:
        complaint = spec_complaint(message["spec"]) or _not_ours(message["spec"])
        if complaint is not None:
            why = reason("spawn", error=complaint).to_dict()
            for task, n, _ in message["tasks"]:
                held = (message["job"], task, n)
                self._ended(held, _not_started(held, why))
            return
        recipe = Recipe(
            message["spec"],
            run=message,
            places=self._parts.folders.places,
            slot=self._strips.slot(message["alloc"]),
            gpus_here=self._gpus_here,
            server=self._stages.server.url if self._stages.server else None,
        )
        alloc, fresh, declined = self._book.accept(message, recipe)
        if alloc.id not in self._book.allocs:
            self._strips.give_slot_back(recipe.slot)
        for ref, stale in declined:
            self._ended(ref, wire.declined(ref, stale))
        no = self._why_not()
        if no is not None:
            for attempt in fresh:
                self._strips.decline(attempt, no)
        elif fresh:
            tasks = [attempt.ref[1:] for attempt in fresh]
            self._journal.append("run", alloc.id, recipe.job, tasks)
            self._journal.synced(lambda: self._strips.begin(alloc, fresh))

    def _why_not(self) -> Optional[Mapping[str, Any]]:
        if self.is_retired:
            return reason("returned").to_dict()
        if not self._journal.reserve():
            return reason("unhealthy", what=str(self._journal.trouble)).to_dict()
        return None

    def _kill(self, message: Mapping[str, Any], _line: Lines) -> None:
        ref, why = _ref(message["a"]), message["reason"]
        attempt = self._book.live.get(ref)
        if attempt is not None:
            self._strips.stop(
                attempt, grace_ms=message["grace_ms"], why=why,
                first=message.get("signal"),
            )  # fmt: skip
        elif self._stages.has_exit(ref):
            self._stages.stop(ref)
        elif ref in self._book.ended:
            self._reports.again(ref)
        elif not self._orphans.has(ref) and not self._book.has_seen(ref):
            self._book.condemn(ref, why)
            self._ended(ref, wire.declined(ref, why))

    def _suspend(self, message: Mapping[str, Any], _line: Lines) -> None:
        attempt = self._book.live.get(_ref(message["a"]))
        if attempt is not None:
            self._strips.suspend(attempt, on=message["on"])

    def _signal(self, message: Mapping[str, Any], _line: Lines) -> None:
        attempt = self._book.live.get(_ref(message["a"]))
        if attempt is not None:
            self._strips.signal(attempt, message["signal"])

    def _input(self, message: Mapping[str, Any], _line: Lines) -> None:
        self._strips.consoles.take(_ref(message["a"]), message)

    def _recall(self, message: Mapping[str, Any], _line: Lines) -> None:
        alloc = self._book.allocs.get(message["alloc"])
        if alloc is not None:
            self._strips.give_back(alloc, reason("returned").to_dict())

    def _forget(self, message: Mapping[str, Any], _line: Lines) -> None:
        gone = self._book.forget(map(_ref, message["as"]))
        if gone:
            self._parts.folders.drop_steps(gone)
            self._journal.append("forget", gone)
            self._reports.write_soon()
        if self._journal.size > JOURNAL_MAX:
            self.compact()
        self._end_if_idle()

    def _shutdown(self, message: Mapping[str, Any], line: Lines) -> None:
        """End every attempt, as ``rota down --kill-jobs`` asks; answer when all have."""
        why = reason("shutdown").to_dict()
        for attempt in list(self._book.live.values()):
            grace_ms = message.get("grace_ms")
            if grace_ms is None:
                grace_ms = attempt.recipe.grace_ms
            self._strips.stop(attempt, grace_ms=grace_ms, why=why)
        for exit in self._stages.exits():
            self._stages.stop(exit.ref)
        self._idlers.append(line)
        self._answer_idlers()

    def _put(self, message: Mapping[str, Any], _line: Lines) -> None:
        """Lay a tree into the folder of an attempt that runs."""
        plan = self._running_plan(message)
        if plan is not None:
            plan = plan._replace(tree=message["tree"])
            self._stages.lay(plan, lambda staged: self._answer(message, staged))

    def _snap(self, message: Mapping[str, Any], _line: Lines) -> None:
        """Store some of what an attempt that runs has made so far."""
        plan = self._running_plan(message)
        if plan is not None:
            plan = plan._replace(outputs=message["patterns"])
            self._stages.snap(plan, lambda staged: self._answer(message, staged))

    def _feed(self, message: Mapping[str, Any], _line: Lines) -> None:
        """Pass on to an attempt what it is to read."""

        def answer(facts: Mapping[str, Any]) -> None:
            self._reports.fed(message["id"], facts)

        self._strips.starter.feeds.take(_ref(message["a"]), message, answer)

    def _running_plan(self, message: Mapping[str, Any]) -> Optional[Plan]:
        """Return what is known of a running attempt's folder; else say that none is."""
        attempt = self._book.live.get(_ref(message["a"]))
        if attempt is not None and attempt.phase == RUNNING:
            return attempt.recipe.folder_plan(attempt.ref, attempt.values)
        job, task, n = message["a"]
        says = f"attempt {n} of {job}[{task}] does not run here now"
        self._reports.staged(message["id"], {"error": says})
        return None

    def _answer(self, message: Mapping[str, Any], staged: Staged) -> None:
        facts = {key: staged.facts.get(key) for key in ("tree", "files", "bytes")}
        if staged.why is not None:
            facts = {"error": staged.why["text"]}
        self._reports.staged(message["id"], facts)

    def _retire(self, _message: Mapping[str, Any], _line: Lines) -> None:
        """A newer shepherd has taken over: finish what there is, and end."""
        self.is_retired = True
        self._linger.cancel()
        self._end_if_idle()

    # ── what happens ──────────────────────────────────────────────────────────────────

    def _ended(self, ref: Ref, message: Mapping[str, Any]) -> None:
        self._reports.ended(ref, message, True)

    def _end_turn(self) -> None:
        self._answer_idlers()
        self._reports.end_turn()

    def _answer_idlers(self) -> None:
        if self._idlers and not self._is_busy:
            idlers, self._idlers = self._idlers, []

            def answer() -> None:
                for line in idlers:
                    line.send({"t": "idle"})

            self._journal.synced(answer)

    @property
    def _is_busy(self) -> bool:
        return bool(self._book.live) or self._orphans.is_busy or self._stages.is_busy

    def _asked_to_end(self) -> None:
        if self._is_busy:
            note(f"asked to end, but {len(self._book.live)} attempts are in our care")
        else:
            self._reactor.stop()

    def _end_if_idle(self) -> None:
        """End when nobody comes any more; what was not told yet is in the journal."""
        if self._is_busy or self._idlers or self._linger.pending:
            return
        is_over = self.is_retired and self._book.is_settled
        if self._agent is None or is_over:
            note("nothing to do and nobody there: ending")
            self._reactor.stop()


def _ref(a: Any) -> Ref:
    job, task, n = a
    return job, task, n


def _not_ours(spec: Mapping[str, Any]) -> Optional[str]:
    uid = spec.get("uid")
    if uid is None or uid == os.getuid():
        return None
    return f"this agent serves user id {os.getuid()} only, and the job is of {uid}"


def _not_started(ref: Ref, why: Mapping[str, Any]) -> wire.Message:
    return wire.finished(
        ref,
        started_at=None,
        at=wall_ms(),
        exit_code=None,
        signal=None,
        reason=why,
        usage={},
    )


_HANDLERS: Mapping[Any, Any] = {
    "attach": Shepherd._attach,
    "resend": Shepherd._resend,
    "lease": Shepherd._lease,
    "watch": Shepherd._watch,
    "run": Shepherd._run,
    "kill": Shepherd._kill,
    "suspend": Shepherd._suspend,
    "signal": Shepherd._signal,
    "input": Shepherd._input,
    "recall": Shepherd._recall,
    "forget": Shepherd._forget,
    "put": Shepherd._put,
    "snap": Shepherd._snap,
    "feed": Shepherd._feed,
    "shutdown": Shepherd._shutdown,
    "retire": Shepherd._retire,
}

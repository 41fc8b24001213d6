"""What a shepherd tells: gathered, synced, told; again until it is forgotten.

    started ── 15 ms ──▶ told, if it still runs              most short tasks have ended
    ended ─ 25 ms or strip done ─▶ journal synced ─▶ told    by then, and say both at once
    samples ─────────── each turn ──▶ told

A report is told to whoever is attached and has heard what we hold; what nobody hears
stays in the book, and is told to the next one.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional

from rota.agent.book import RUNNING, Attempt, Book, Ref
from rota.agent.clock import boot_ms, wall_ms
from rota.agent.journal import Journal
from rota.agent.lines import Lines
from rota.agent.reactor import Reactor
from rota.agent.sta import sta_of
from rota.wire import agent as wire
from rota.wire import stages

STARTED_MS = 15
BATCH_MS = 25
MESSAGES_MAX = 2_000
"""Messages of one frame."""


class Reports:
    """See the head of the file."""

    def __init__(self, *, reactor: Reactor, book: Book, journal: Journal) -> None:
        self._reactor = reactor
        self._book = book
        self._journal = journal
        self._agent: Optional[Lines] = None
        self._unsynced: List[str] = []
        self._fresh: List[Attempt] = []
        self._samples: List[List[int]] = []
        self._watchers: Dict[Ref, Lines] = {}
        self._timer = reactor.after(0, self._flush)

    # ── who listens ───────────────────────────────────────────────────────────────────

    def begin(self, agent: Lines) -> None:
        """Tell *agent* what has ended and is not forgotten, and from now on everything."""
        self._agent = agent
        self._unsynced.clear()
        ended = list(self._book.ended.values())
        self._journal.synced(lambda: self._send(ended))
        live = list(self._book.live.values())
        self._send([_suspended(attempt) for attempt in live if attempt.paused_at])
        for attempt in live:
            if attempt.phase == RUNNING and attempt.is_long:
                self.long(attempt)

    def left(self, line: Lines) -> None:
        """*line* hears nothing any more."""
        self._watchers = {
            ref: who for ref, who in self._watchers.items() if who is not line
        }
        if self._agent is line:
            self._agent = None

    def watch(self, ref: Ref, line: Lines) -> None:
        """Tell *line* when *ref* is over and writes nothing any more."""
        self._watchers[ref] = line

    # ── what happens ──────────────────────────────────────────────────────────────────

    def started(self, attempt: Attempt) -> None:
        """*attempt* runs."""
        self._fresh.append(attempt)
        self._flush_within(STARTED_MS)

    def suspended(self, attempt: Attempt) -> None:
        """*attempt* stands still now, or goes on again."""
        self._flush()
        self._send([_suspended(attempt)])

    def ended(self, ref: Ref, message: Mapping[str, Any], is_strip_done: bool) -> None:
        """*ref* has ended, or was declined, as *message* says."""
        attempt = self._book.live.get(ref)
        text = self._book.end(ref, message)
        self._journal.append_end(text)
        self._unsynced.append(text)
        self._flush_within(0 if is_strip_done else BATCH_MS)
        watcher = self._watchers.pop(ref, None)
        if watcher is not None:
            watcher.send({"t": "state", "a": ref, "live": False})
        if attempt is not None and attempt.is_long and self._agent is not None:
            self._agent.send({"t": "over", "a": ref, "text": attempt.last_progress})

    def again(self, ref: Ref) -> None:
        """Tell the end of *ref* once more."""
        ended = self._book.ended[ref]
        self._journal.synced(lambda: self._send([ended]))

    def long(self, attempt: Attempt) -> None:
        """*attempt* runs long enough for its progress to be worth reading."""
        if self._agent is not None:
            self._agent.send(progress_word(attempt))

    def phase(self, ref: Ref, phase: str) -> None:
        """*ref* is in another stage now."""
        self._send([wire.encode_one(stages.phase(ref, phase=phase))])

    def staged(self, request: int, facts: Mapping[str, Any]) -> None:
        """What the server asked for by *request* is done, or cannot be."""
        self._send([wire.encode_one(stages.staged(request, **facts))])

    def fed(self, request: int, facts: Mapping[str, Any]) -> None:
        """What an attempt is to read was taken, or cannot be."""
        self._send([wire.encode_one(stages.fed(request, **facts))])

    def sampled(self, row: List[int]) -> None:
        """An attempt was measured."""
        self._samples.append(row)

    def write_soon(self) -> None:
        """Have the journal handed to the kernel, with what else is written by then."""
        self._flush_within(BATCH_MS)

    def end_turn(self) -> None:
        """Tell what was measured in this turn."""
        if self._samples:
            rows, self._samples = self._samples, []
            self._send([wire.encode_one(wire.samples(rows))])

    def _flush_within(self, millis: int) -> None:
        due = boot_ms() + millis
        if not self._timer.pending or due < self._timer.at:
            self._timer.cancel()
            self._timer = self._reactor.at(due, self._flush)

    def _flush(self) -> None:
        self._journal.write()
        fresh, self._fresh = self._fresh, []
        self._send([_started(attempt) for attempt in fresh if attempt.phase == RUNNING])
        if self._unsynced:
            ended, self._unsynced = self._unsynced, []
            self._journal.synced(lambda: self._send(ended))

    def _send(self, messages: List[str]) -> None:
        if self._agent is None:
            return
        for at in range(0, len(messages), MESSAGES_MAX):
            self._agent.send_text("[" + ",".join(messages[at : at + MESSAGES_MAX]) + "]")


def _suspended(attempt: Attempt) -> str:
    on = bool(attempt.paused_at)
    return wire.encode_one(wire.suspended(attempt.ref, at=wall_ms(), on=on))


def progress_word(attempt: Attempt) -> Dict[str, Any]:
    """Return where *attempt* tells of its progress, for who wants to read it."""
    recipe = attempt.recipe
    word = {
        "t": "long", "a": attempt.ref, "out": attempt.out,
        "file": recipe.slot.progress_path, "regex": recipe.progress,
    }  # fmt: skip
    if sta_of(recipe.progress) is not None:
        word["cwd"] = recipe.folder_plan(attempt.ref, attempt.values).cwd
    return word


def _started(attempt: Attempt) -> str:
    at = attempt.started_at or 0
    return wire.encode_one(wire.started(attempt.ref, at=at, pid=attempt.pid))

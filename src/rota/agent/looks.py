"""Looks at running attempts when it is time: limits, samples, and the first long look.

    start ─▶ plan ─── timer of the strip ───▶ look ─▶ judge ─▶ go on, warn, stop
               ▲                                │
               ╰────────────────────────────────╯

``watchdog`` judges, ``reaper`` knows the processes, ``strips`` does what comes of it.
"""

from __future__ import annotations

import signal
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from rota.agent import measure
from rota.agent.book import RUNNING, Alloc, Attempt
from rota.agent.caps import cut
from rota.agent.clock import boot_ms, wall_ms
from rota.agent.diskuse import DiskUse
from rota.agent.progress import Follower
from rota.agent.reactor import Reactor
from rota.agent.reaper import Reaper
from rota.agent.reports import Reports, progress_word
from rota.agent.watchdog import Limits, Sample, judge

LONG_MS = 500
"""From then on an attempt is worth looking at: progress, samples."""

COST_MAX = 20
"""Looking at a large tree takes long: no more than this part of the time is spent on it."""


class Looks:
    """See the head of the file."""

    def __init__(
        self,
        *,
        reactor: Reactor,
        reaper: Reaper,
        told: Reports,
        stop: Callable[[Attempt, int, Mapping[str, Any]], None],
        folders_of: Callable[[Attempt], List[str]],
    ) -> None:
        """Look with *reaper*'s eyes; *stop* gets the attempt, its grace in ms, and why.

        Args:
            folders_of: returns the folders that are an attempt's own
        """
        self._folders_of = folders_of
        self._reactor = reactor
        self._reaper = reaper
        self._told = told
        self._stop = stop
        self.renewed_at = boot_ms()
        self._stalls: Dict[Tuple[int, int, int], _Stall] = {}
        self._disks: Dict[Tuple[int, int, int], DiskUse] = {}

    def begin(self, attempt: Attempt) -> None:
        """Look at *attempt*, which has just been started, in time."""
        attempt.sample_at = attempt.start_boot + measure.SAMPLE_FIRST_MS
        verdict = judge(limits_of(attempt), self._measured(attempt, None))
        first = LONG_MS if verdict.look_ms is None else min(LONG_MS, verdict.look_ms)
        self._plan(attempt.alloc, first)

    def soon(self, attempt: Attempt) -> None:
        """Look again: *attempt* goes on, and its clock with it."""
        self._plan(attempt.alloc, 1)

    def ended(self, attempt: Attempt) -> None:
        """*attempt* is over: its outputs are brought down to their limit a last time."""
        self._stalls.pop(attempt.ref, None)
        self._disks.pop(attempt.ref, None)
        _output_of(attempt)

    def end(self, alloc: Alloc) -> None:
        """Nothing of *alloc* is left to look at."""
        if alloc.timer is not None:
            alloc.timer.cancel()

    def lease_over(self, attempt: Attempt) -> Optional[Mapping[str, Any]]:
        """Return why *attempt* must not begin any more, if its lease is over (G07)."""
        verdict = judge(limits_of(attempt)._replace(time_ms=None, memory=0),
                        self._measured(attempt, None))  # fmt: skip
        return verdict.stop.to_dict() if verdict.stop is not None else None

    def _plan(self, alloc: Alloc, millis: int) -> None:
        # One timer a strip, not one a task: coming too early costs nothing.
        due = boot_ms() + max(1, millis)
        timer = alloc.timer
        if timer is not None and timer.pending:
            if timer.at <= due:
                return
            timer.cancel()
        alloc.timer = self._reactor.at(due, lambda: self._look(alloc))

    def _look(self, alloc: Alloc) -> None:
        attempt = alloc.current
        if attempt is None or attempt.phase != RUNNING:
            return
        began_at = boot_ms()
        ran_ms = began_at - attempt.start_boot
        if ran_ms >= LONG_MS and not attempt.is_long:
            attempt.is_long = True
            self._told.long(attempt)
        rss = self._sample(attempt, ran_ms)
        verdict = judge(limits_of(attempt), self._measured(attempt, rss))
        if verdict.warn:
            attempt.is_warned = True
            self._reaper.warn(attempt, signal_number(attempt.recipe.warn_signal))
        if verdict.stop is not None and attempt.killing is None:
            grace_ms = _grace_ms(attempt, verdict.stop.code)
            self._stop(attempt, grace_ms, verdict.stop.to_dict())
        looks = [attempt.sample_at - boot_ms()]
        if not attempt.is_long:
            looks.append(LONG_MS - ran_ms)
        if verdict.look_ms is not None:
            looks.append(verdict.look_ms)
        self._plan(alloc, max(min(looks), COST_MAX * (boot_ms() - began_at)))

    def _measured(self, attempt: Attempt, rss: Optional[int]) -> Sample:
        now = boot_ms()
        silent_ms = now - self.renewed_at
        ran_ms = now - attempt.start_boot - attempt.stood(now)
        still_ms = self._still_ms(attempt, ran_ms)
        output, disk = _output_of(attempt), self._disk_of(attempt)
        return Sample(ran_ms, rss, silent_ms, attempt.is_warned, still_ms, output, disk)

    def _disk_of(self, attempt: Attempt) -> int:
        if attempt.recipe.disk is None:
            return 0
        use = self._disks.get(attempt.ref)
        if use is None:
            use = self._disks[attempt.ref] = DiskUse(self._folders_of(attempt))
        return use.look()

    def _still_ms(self, attempt: Attempt, ran_ms: int) -> int:
        if attempt.recipe.stall_ms is None:
            return 0
        stall = self._stalls.get(attempt.ref)
        if stall is None:
            stall = self._stalls[attempt.ref] = _Stall(attempt)
        if stall.follower.moved():
            stall.moved_ms = ran_ms
        return ran_ms - stall.moved_ms

    def _sample(self, attempt: Attempt, ran_ms: int) -> Optional[int]:
        now = boot_ms()
        is_due = now >= attempt.sample_at
        watched = limits_of(attempt).memory
        if not is_due and not watched:
            return None
        usage = measure.usage_now(self._reaper.roots(attempt))
        attempt.max_rss = max(attempt.max_rss, usage.rss)
        if is_due:
            attempt.sample_at = now + measure.next_sample_ms(ran_ms)
            self._told.sampled([*attempt.ref, wall_ms(), *usage])
        if watched and usage.rss > watched:
            return measure.exact_memory_of(self._reaper.members(attempt))
        return usage.rss


class _Stall:
    """When an attempt last told other progress, by the time that it has run."""

    def __init__(self, attempt: Attempt) -> None:
        self.follower = Follower(progress_word(attempt))
        self.moved_ms = 0


def _output_of(attempt: Attempt) -> int:
    limit = attempt.recipe.output_max
    if limit is None:
        return 0
    paths = {path for path in (attempt.out, attempt.err) if path}
    return max((cut(path, limit) for path in paths), default=0)


def limits_of(attempt: Attempt) -> Limits:
    """Return what *attempt* may use, and what of it is to be watched here."""
    recipe = attempt.recipe
    lease_ms = recipe.lease_ms
    if lease_ms is not None:
        # It has to be over when the lease is, grace included (G07).
        lease_ms -= _lease_grace_ms(attempt)
    memory = 0 if attempt.cage is not None else recipe.memory
    if attempt.paused_at:
        return Limits(None, None, memory, lease_ms)
    return Limits(
        recipe.time_ms, recipe.warn_ms, memory, lease_ms, recipe.stall_ms,
        recipe.output_max, recipe.disk,
    )  # fmt: skip


def signal_number(name: str) -> int:
    """Return the number of the signal called "USR1", "SIGUSR1" or "10"; else TERM's."""
    word = name.upper()
    if word.isdigit() and 0 < int(word) < signal.NSIG:
        return int(word)
    full = word if word.startswith("SIG") else "SIG" + word
    return int(getattr(signal, full, signal.SIGTERM))


def _grace_ms(attempt: Attempt, code: str) -> int:
    if code == "oom":
        # Memory does not wait.
        return 0
    return _lease_grace_ms(attempt) if code == "lease" else attempt.recipe.grace_ms


def _lease_grace_ms(attempt: Attempt) -> int:
    return min(attempt.recipe.grace_ms, (attempt.recipe.lease_ms or 0) // 4)

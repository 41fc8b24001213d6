"""Runs strips: the next task starts at once after the one before it has ended.

    accepted ─▶ begin ─▶ start ─▶ … first process ends ─▶ is nothing left? ─▶ end ─▶ start
                │    ▲     │                                   │ no        ▲  │
                ▼    │     ╰─ looks: limits, samples           ╰─▶ sweep until yes
          inputs brought in, if there are any      outputs stored, if there are any

The slot never waits for the disk or the network: what happened is appended to the journal
at once, and synced and reported by ``shepherd`` meanwhile.
"""

from __future__ import annotations

import os
import signal
from typing import Any, Mapping, Optional, Sequence

from rota.agent import measure, spawn
from rota.agent.book import (
    ENDING,
    RUNNING,
    STAGING_IN,
    STAGING_OUT,
    WAITING,
    Alloc,
    Attempt,
    Book,
)
from rota.agent.clock import boot_ms, wall_ms
from rota.agent.consoles import Consoles
from rota.agent.folders import Folders
from rota.agent.journal import Journal
from rota.agent.looks import Looks, signal_number
from rota.agent.outcome import why_ended, with_last_words
from rota.agent.plans import Staged
from rota.agent.reactor import Reactor
from rota.agent.reaper import Reaper
from rota.agent.recipe import Launch
from rota.agent.reports import Reports
from rota.agent.slots import Slot, Slots
from rota.agent.stages import Exit, Stages
from rota.agent.starting import Starter
from rota.core.reasons import reason
from rota.wire import agent as wire

SWEEP_MS_MIN, SWEEP_MS_MAX = 2, 500

NOT_STORED = ("killed", "lease", "shutdown", "preempted")
"""What an attempt leaves that ended so, nobody waits for."""


class Strips:
    """See the head of the file."""

    def __init__(
        self,
        *,
        reactor: Reactor,
        book: Book,
        journal: Journal,
        folders: Folders,
        slots: Slots,
        tag_base: int,
        told: Reports,
        stages: Stages,
    ) -> None:
        self._stages = stages
        self._reactor = reactor
        self._book = book
        self._journal = journal
        self._folders = folders
        self._slots = slots
        self._told = told
        self._tag_base = tag_base
        self._tag = boot_ms() % (1 << spawn.TAG_BITS)
        self._reaper = Reaper()
        self.consoles = Consoles(reactor, tell=told.staged, stop=self._over_limit)
        self.starter = Starter(reactor, tag_base=tag_base, consoles=self.consoles)
        self._looks = Looks(
            reactor=reactor, reaper=self._reaper, told=told, stop=self._over_limit,
            folders_of=folders.own_of,
        )  # fmt: skip

    # ── from outside ──────────────────────────────────────────────────────────────────

    def slot(self, alloc: int) -> Slot:
        """Return the slot of *alloc*: the one it has, or a free one."""
        known = self._book.allocs.get(alloc)
        return known.recipe.slot if known is not None else self._slots.take()

    def give_slot_back(self, slot: Slot) -> None:
        """Nobody works in *slot* any more."""
        os.chdir("/")
        self._slots.give_back(slot)

    def begin(self, alloc: Alloc, fresh: Sequence[Attempt]) -> None:
        """Let *fresh* of *alloc*, whose acceptance is on disk, run in their turn."""
        # Some may have been killed or given back in between.
        ready = [attempt for attempt in fresh if alloc.coming.pop(attempt.ref, None)]
        alloc.waiting.extend(ready)
        if not ready:
            self._close_if_over(alloc)
            return
        recipe = ready[0].recipe
        try:
            self._folders.make_out(recipe.job)
            recipe.slot.furnish(hosts=recipe.hosts, script=recipe.script, door=recipe.door)
            alloc.is_ready = True
        except OSError as error:
            # The node's own folder cannot be written: the fault of none of these tasks.
            self.give_back(alloc, reason("unhealthy", what=str(error)).to_dict())
        self._next(alloc)

    def stop(
        self, attempt: Attempt, *, grace_ms: int, why: Mapping[str, Any],
        first: Optional[str] = None,
    ) -> None:  # fmt: skip
        """End *attempt*: TERM to all of it now, KILL after *grace_ms*; again: sooner.

        With *first*, the name of a signal, those who catch that get it instead of TERM:
        they save their work and end by themselves.
        """
        # What has ended by itself a moment ago was not ended by us.
        self.reap()
        if attempt.ref not in self._book.live:
            return
        if attempt.phase == WAITING:
            self.decline(attempt, why)
            return
        if attempt.phase in (STAGING_IN, STAGING_OUT):
            # Nothing of it runs: its thread is halted, and the rest follows from that.
            attempt.killing = attempt.killing or why
            self._stages.stop(attempt.ref)
            return
        if attempt.killing is None and attempt.phase == RUNNING:
            attempt.killing = why
            if grace_ms > 0 and not (first and self._warned(attempt, first)):
                self._reaper.signal(attempt, signal.SIGTERM)
            self._go_on(attempt)
        due = boot_ms() + max(0, grace_ms)
        timer = attempt.kill_timer
        if timer is None or not timer.pending or due < timer.at:
            if timer is not None:
                timer.cancel()
            attempt.kill_timer = self._reactor.at(due, lambda: self._sweep(attempt))

    def suspend(self, attempt: Attempt, *, on: bool) -> None:
        """Let *attempt* stand still, or go on; asked twice it is only told again."""
        if attempt.phase != RUNNING or attempt.killing is not None:
            return
        if on:
            # Those behind it in its strip would stand as well: others may have them.
            self.give_back(attempt.alloc, reason("returned").to_dict())
            self._reaper.freeze(attempt)
            attempt.paused_at = attempt.paused_at or boot_ms()
        else:
            self._go_on(attempt)
        self._told.suspended(attempt)

    def signal(self, attempt: Attempt, name: str) -> None:
        """Send a signal to those of *attempt* who catch it; if nobody does, to all."""
        if attempt.phase == RUNNING and not self._warned(attempt, name):
            self._reaper.signal(attempt, signal_number(name))

    def renewed(self, at: int) -> None:
        """The server was heard of: it answered what was said at *at*, ``boot_ms``."""
        self._looks.renewed_at = max(self._looks.renewed_at, at)

    def give_back(self, alloc: Alloc, why: Mapping[str, Any]) -> None:
        """Decline all of *alloc* that has not started."""
        for attempt in [*alloc.waiting, *alloc.coming.values()]:
            self.decline(attempt, why)

    def decline(self, attempt: Attempt, why: Mapping[str, Any]) -> None:
        """Let *attempt*, which has not started, never start."""
        alloc = attempt.alloc
        if alloc.coming.pop(attempt.ref, None) is None:
            alloc.waiting.remove(attempt)
        self._told.ended(attempt.ref, wire.declined(attempt.ref, why), True)
        self._close_if_over(alloc)

    def reap(self) -> None:
        """Some child has ended."""
        for attempt in self._reaper.reap():
            self._main_ended(attempt)
        for attempt in list(self._reaper.ending):
            self._end_if_clean(attempt)

    def close(self) -> None:
        """Nothing runs any more, and nothing will."""
        self.starter.close()
        self._slots.close()

    # ── one after another ─────────────────────────────────────────────────────────────

    def _next(self, alloc: Alloc) -> None:
        while alloc.current is None and alloc.waiting and alloc.is_ready:
            attempt = alloc.waiting.popleft()
            alloc.current = attempt
            recipe, ref = attempt.recipe, attempt.ref
            launch = recipe.launch(ref[1], n=ref[2], values=attempt.values)
            attempt.plan = recipe.plan(ref, launch)
            if attempt.plan is not None and attempt.plan.tree is not None:
                self._bring_in(attempt, launch)
            else:
                self._start(attempt, launch)
        self._close_if_over(alloc)

    def _bring_in(self, attempt: Attempt, launch: Launch) -> None:
        plan = attempt.plan
        assert plan is not None, "there is nothing to bring in"
        attempt.phase = STAGING_IN

        def brought(staged: Staged) -> None:
            attempt.phase = WAITING
            attempt.stages["stage_in_s"] = staged.facts.get("s", 0.0)
            attempt.plan = plan._replace(stamp=staged.stamp)
            why = attempt.killing or self._looks.lease_over(attempt)
            if why is None and staged.again:
                why = staged.why
            if why is not None:
                self._undo(attempt, why)
            elif staged.why is not None:
                self._finish(attempt, staged.why)
                self._next(attempt.alloc)
            else:
                attempt.recipe.slot.clean(wall_ms())
                self._start(attempt, launch)
                self._stages.executing(attempt.ref)
                self._next(attempt.alloc)

        self._stages.bring_in(plan, brought)

    def _undo(self, attempt: Attempt, why: Mapping[str, Any]) -> None:
        """Let *attempt*, whose inputs were on their way, never start."""
        attempt.alloc.current = None
        self._stages.over(attempt.ref)
        self._throw_folder(attempt)
        self._told.ended(attempt.ref, wire.declined(attempt.ref, why), True)
        self._next(attempt.alloc)

    def _throw_folder(self, attempt: Attempt) -> None:
        plan = attempt.plan
        if plan is not None and plan.is_fresh and plan.tree is not None:
            os.chdir("/")
            attempt.recipe.slot.throw(plan.cwd)

    def _start(self, attempt: Attempt, launch: Launch) -> None:
        ref = attempt.ref
        self._tag = (self._tag + 1) % (1 << spawn.TAG_BITS)
        attempt.tag = self._tag_base + self._tag
        attempt.start_boot = boot_ms()
        self._journal.append_go(ref, tag=attempt.tag, boot_ms=attempt.start_boot)
        self._journal.write()
        try:
            started = self.starter.start(attempt, launch)
        except spawn.Unstartable as error:
            self.consoles.end(attempt)
            attempt.exit_code = error.exit_code
            self._finish(attempt, error.why.to_dict())
            return
        attempt.pid, attempt.out, attempt.err = started
        attempt.phase = RUNNING
        attempt.started_at = wall_ms()
        self._reaper.mains[attempt.pid] = attempt
        self._journal.append_pid(ref, pid=attempt.pid, at=attempt.started_at)
        if not (launch.out_is_ours and launch.err_is_ours):
            place = attempt.recipe.place_of(ref[1], ref[2])
            self._folders.link_outputs(place, started)
        if attempt.recipe.monitor:
            place = attempt.recipe.place_of(ref[1], ref[2])
            self._folders.note_watched(place, launch.cwd, globs=attempt.recipe.monitor)
        self._looks.begin(attempt)
        self._told.started(attempt)

    def _main_ended(self, attempt: Attempt) -> None:
        attempt.phase = ENDING
        self._reaper.ending.append(attempt)
        if attempt.cage is None and not self._reaper.has_strays():
            self._ended(attempt)
        elif not self._has_grace(attempt):
            self._sweep(attempt)

    def _has_grace(self, attempt: Attempt) -> bool:
        # A shell dies of TERM at once; what it had started may still be saving its work.
        timer = attempt.kill_timer
        return attempt.killing is not None and timer is not None and timer.pending

    def _end_if_clean(self, attempt: Attempt) -> None:
        if attempt.phase == ENDING and not self._reaper.members(attempt):
            self._ended(attempt)

    def _sweep(self, attempt: Attempt) -> None:
        """Kill all of it; what sleeps too deep to die is come back to until it is gone."""
        if attempt.phase == ENDING and attempt not in self._reaper.ending:
            return
        if self._reaper.sweep(attempt):
            self._ended(attempt)
            return
        pause = min(max(SWEEP_MS_MIN, attempt.sweep_at * 2), SWEEP_MS_MAX)
        attempt.sweep_at = pause
        if attempt.kill_timer is not None:
            attempt.kill_timer.cancel()
        attempt.kill_timer = self._reactor.after(pause, lambda: self._sweep(attempt))

    def _ended(self, attempt: Attempt) -> None:
        self._reaper.ending.remove(attempt)
        self.consoles.end(attempt)
        self._looks.ended(attempt)
        if attempt.kill_timer is not None:
            attempt.kill_timer.cancel()
        self._finish(attempt, with_last_words(why_ended(attempt), attempt))
        if attempt.phase != STAGING_OUT:
            self._next(attempt.alloc)
        if not self._reaper.mains:
            self._reaper.sweep_unowned()

    def _finish(self, attempt: Attempt, why: Mapping[str, Any]) -> None:
        usage = measure.final_usage(attempt)
        if attempt.stages:
            usage["stages"] = attempt.stages
        message = wire.finished(
            attempt.ref,
            started_at=attempt.started_at,
            at=wall_ms(),
            exit_code=attempt.exit_code,
            signal=attempt.signal,
            reason=why,
            usage=usage,
        )
        plan = attempt.plan
        if plan is not None and why["code"] != "ok":
            # Its own failure says enough: nobody waits for what it did not make.
            plan = plan._replace(expect=[])
        is_stored = why["code"] not in NOT_STORED and attempt.started_at is not None
        if plan is not None and plan.has_after and is_stored:
            self._take_out(attempt, Exit(message, plan))
        else:
            self._throw_folder(attempt)
            self._close(attempt, message)

    def _take_out(self, attempt: Attempt, exit: Exit) -> None:
        """Have the outputs of *attempt* stored; how it ended is on disk from now on."""
        attempt.phase = STAGING_OUT
        if attempt.is_long:
            attempt.last_progress = attempt.recipe.slot.last_progress()
        self._journal.append(*exit.record())
        self._journal.write()

        def stored(message: Mapping[str, Any]) -> None:
            if attempt.killing is not None and message["reason"]["code"] == "killed":
                message = {**message, "reason": attempt.killing}
                self._throw_folder(attempt)
            self._close(attempt, message)
            self._next(attempt.alloc)

        self._stages.take_out(exit, stored)

    def _close(self, attempt: Attempt, message: Mapping[str, Any]) -> None:
        """All of *attempt* is over, and *message* says how: make place for the next."""
        alloc = attempt.alloc
        alloc.current = None
        self._stages.over(attempt.ref)
        if attempt.is_long:
            attempt.last_progress = attempt.recipe.slot.last_progress()
        attempt.recipe.slot.clean(attempt.started_at or 0)
        if attempt.recipe.is_fresh:
            self._folders.remove_work(attempt.ref)
        self.starter.over(attempt)
        self._told.ended(attempt.ref, message, not alloc.waiting)

    def _warned(self, attempt: Attempt, name: str) -> bool:
        return self._reaper.warn(attempt, signal_number(name)) > 0

    def _go_on(self, attempt: Attempt) -> None:
        if attempt.paused_at:
            attempt.stood_ms = attempt.stood(boot_ms())
            attempt.paused_at = 0
            self._reaper.thaw(attempt)
            self._looks.soon(attempt)

    def _over_limit(self, attempt: Attempt, grace_ms: int, why: Mapping[str, Any]) -> None:
        if why["code"] == "lease":
            self.give_back(attempt.alloc, why)
        self.stop(attempt, grace_ms=grace_ms, why=why)

    def _close_if_over(self, alloc: Alloc) -> None:
        if alloc.is_over:
            self._looks.end(alloc)
            if self._book.allocs.pop(alloc.id, None) is not None:
                self.give_slot_back(alloc.recipe.slot)

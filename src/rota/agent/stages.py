"""The stages of attempts while they go on: a thread each, answers in the shepherd's loop.

    bring_in(ref, plan) ─▶ thread ─▶ on_in(Staged)
    take_out(ref, plan) ─▶ thread ─▶ on_out(Staged)          stop(ref): halted, and said so

What ended while its outputs were on their way stands in the journal as ``exit``: who comes
after a shepherd that was killed goes on there, and its status is as true as before (G11).
"""

from __future__ import annotations

import threading
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    Dict,
    Iterable,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Tuple,
)

from rota.agent.clock import note
from rota.agent.halt import Halt
from rota.agent.plans import Plan, Server, Staged
from rota.agent.reactor import Reactor
from rota.core.reasons import reason

if TYPE_CHECKING:
    from rota.agent.staging import Stager

Ref = Tuple[int, int, int]
Message = Mapping[str, Any]

IN, OUT, EXECUTING = "staging_in", "staging_out", "executing"


class Exit(NamedTuple):
    """An attempt that has ended but for its outputs: what will be said of it, and them."""

    message: Message
    plan: Plan

    @property
    def ref(self) -> Ref:
        """Whose it is."""
        return self.plan.ref

    def record(self) -> Tuple[Any, ...]:
        """Return what the journal keeps of it."""
        return ("exit", dict(self.message), list(self.plan))


def exit_of(record: List[Any]) -> Exit:
    """Return the exit that ``Exit.record`` made *record* from."""
    (job, task, n), *rest = record[2]
    return Exit(record[1], Plan((int(job), int(task), int(n)), *rest))


class Stages:
    """See the head of the file."""

    def __init__(
        self, reactor: Reactor, *, home: str, tell: Callable[[Ref, str], None]
    ) -> None:
        """Stage in *home*; *tell* gets an attempt and its phase when that changes."""
        self._reactor = reactor
        self._tell = tell
        self._halts: Dict[Ref, Halt] = {}
        self._phases: Dict[Ref, str] = {}
        self._exits: Dict[Ref, Exit] = {}
        self.server: Optional[Server] = None
        self._home = home
        self._made: Optional[Stager] = None

    def bring_in(self, plan: Plan, then: Callable[[Staged], None]) -> None:
        """Have the inputs of *plan* brought in."""
        self._say(plan.ref, IN)
        self._begin(plan, self._stager.bring_in, then)

    def take_out(self, exit: Exit, then: Callable[[Message], None]) -> None:
        """Have the outputs of *exit* stored; *then* gets what is to be said of it."""
        self._exits[exit.ref] = exit
        self._say(exit.ref, OUT)

        def done(staged: Staged) -> None:
            del self._exits[exit.ref]
            then(told(exit.message, staged))

        self._begin(exit.plan, self._stager.take_out, done)

    def lay(self, plan: Plan, then: Callable[[Staged], None]) -> None:
        """Have a tree laid into the folder of an attempt that runs."""
        self._thread(lambda: self._stager.lay(plan, Halt()), then)

    def snap(self, plan: Plan, then: Callable[[Staged], None]) -> None:
        """Have what *plan* means stored while the attempt runs; its folder stays."""
        self._thread(lambda: self._stager.snap(plan, Halt()), then)

    def executing(self, ref: Ref) -> None:
        """Say that what was brought in for *ref* is at work."""
        self._say(ref, EXECUTING)

    def over(self, ref: Ref) -> None:
        """Nothing is to be said of *ref* any more."""
        self._phases.pop(ref, None)

    def stop(self, ref: Ref) -> None:
        """Halt the stage that *ref* is in."""
        halt = self._halts.get(ref)
        if halt is not None:
            halt.stop()

    def again(self) -> None:
        """Say once more which phases attempts are in."""
        for ref, phase in self._phases.items():
            self._tell(ref, phase)

    # ── what a shepherd that was killed has left ──────────────────────────────────────

    def go_on(self, exits: Iterable[Exit], ended: Callable[[Ref, Message], None]) -> None:
        """Have the outputs of *exits* stored, and *ended* called for each."""
        for exit in exits:
            note(f"{exit.ref} had ended; storing its outputs goes on")
            self.take_out(exit, lambda message, exit=exit: self._left(exit, message, ended))  # type: ignore[misc]

    def _left(
        self, exit: Exit, message: Message, ended: Callable[[Ref, Message], None]
    ) -> None:
        self.over(exit.ref)
        ended(exit.ref, message)

    @property
    def is_busy(self) -> bool:
        """Are any outputs on their way?"""
        return bool(self._exits)

    def has_exit(self, ref: Ref) -> bool:
        """Has *ref* ended but for its outputs?"""
        return ref in self._exits

    def exits(self) -> List[Exit]:
        """Return what has ended but for its outputs."""
        return list(self._exits.values())

    @property
    def _stager(self) -> Stager:
        if self._made is None:
            # Most nodes never move a file: http and what it needs would only cost memory.
            from rota.agent.staging import Stager

            self._made = Stager(self._home, lambda: self.server)
        return self._made

    # ── threads ───────────────────────────────────────────────────────────────────────

    def _say(self, ref: Ref, phase: str) -> None:
        self._phases[ref] = phase
        self._tell(ref, phase)

    def _begin(
        self,
        plan: Plan,
        act: Callable[[Plan, Halt], Staged],
        then: Callable[[Staged], None],
    ) -> None:
        halt = self._halts[plan.ref] = Halt()

        def done(staged: Staged) -> None:
            if self._halts.get(plan.ref) is halt:
                del self._halts[plan.ref]
            then(staged)

        self._thread(lambda: act(plan, halt), done)

    def _thread(self, act: Callable[[], Staged], then: Callable[[Staged], None]) -> None:
        def work() -> None:
            try:
                staged = act()
            except Exception as error:  # noqa: BLE001 - else the attempt would hang for ever
                note(f"this is a bug: a stage broke off: {error!r}")
                why = reason("spawn", error=f"a stage broke off: {error!r}").to_dict()
                staged = Staged(why, again=True)
            self._reactor.post(lambda: then(staged))

        threading.Thread(target=work, daemon=True, name="stage").start()


def told(message: Message, staged: Staged) -> Message:
    """Return *message*, of an attempt that ended, with what became of its outputs.

    A failure of its own says more than one of its outputs, and stays.
    """
    usage = dict(message["usage"])
    facts = dict(staged.facts)
    tree = facts.pop("tree", None)
    usage["stages"] = {**usage.get("stages", {}), "stage_out_s": facts.pop("s", 0.0)}
    if tree is not None:
        usage["outputs"] = {"tree": tree, **facts}
    elif facts.get("left"):
        usage["outputs"] = facts
    reason_told = message["reason"]
    if staged.why is not None and reason_told["code"] == "ok":
        reason_told = staged.why
    return {**message, "usage": usage, "reason": reason_told}

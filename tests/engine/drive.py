"""A driver for tests of the mind: events in, effects kept, a ledger behind it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rota.core.account import Role, User
from rota.core.indexes import IndexSet
from rota.core.job import Array, AttemptRef, JobSpec
from rota.core.reasons import Reason, reason
from rota.core.resources import Node
from rota.engine.events import (
    Asked,
    Configured,
    Effect,
    Event,
    Finished,
    Forget,
    Holding,
    Kill,
    NodeJoined,
    NodeLeft,
    Reply,
    Reported,
    Run,
    Started,
    Submitted,
    Tick,
)
from rota.engine.mind import Mind
from rota.engine.records import Record
from rota.engine.settings import Settings
from rota.sched.rules import Rules
from rota.sim.ledger import Ledger

ANN = User("ann", 1000, Role.ADMIN)
BOB = User("bob", 1001)


class Drive:
    """One mind, one ledger; every step is settled, checked and committed."""

    def __init__(
        self, *, settings: Settings | None = None, rules: Rules | None = None
    ) -> None:
        self.settings, self.rules = settings, rules
        self.mind = Mind(settings, rules)
        self.ledger = Ledger()
        self.at = 1_000
        self.effects: list[Effect] = []

    def tell(self, event: Event) -> list[Effect]:
        """Handle, settle, check, commit; return the effects that are not records."""
        effects = [*self.mind.handle(event), *self.mind.settle(self.at)]
        self.mind.check()
        self.ledger.commit([e for e in effects if isinstance(e, Record)])
        self.effects = [e for e in effects if not isinstance(e, Record)]
        return self.effects

    def restart(self) -> None:
        """Start a new mind from what was committed."""
        self.mind = Mind(self.settings, self.rules)
        effects = self.mind.load(self.ledger.image(), self.at)
        self.mind.check()
        self.ledger.commit([e for e in effects if isinstance(e, Record)])
        self.effects = [e for e in effects if not isinstance(e, Record)]

    def join(
        self, name: str = "n1", *, cores: int = 2, memory: int = 8 << 30, boot: str = "b1",
        session: int = 1, holds: tuple[Holding, ...] = (), ends_in_ms: int | None = None,
        **more: Any,
    ) -> list[Effect]:  # fmt: skip
        """Let a node connect."""
        node = Node(name, tuple(range(cores)), memory, **more)
        event = NodeJoined(self.at, node, boot, session, holds, ends_in_ms=ends_in_ms)
        return self.tell(event)

    def leave(self, name: str = "n1", session: int = 1) -> list[Effect]:
        """Break the link of a node."""
        return self.tell(NodeLeft(self.at, name, session))

    def submit(self, *specs: JobSpec, user: User = ANN, **more: Any) -> Reply:
        """Submit; return the reply."""
        more.setdefault("task_ends", self.ledger.task_ends(_counterparts(specs)))
        return self.reply(self.tell(Submitted(self.at, user, specs or (job(),), **more)))

    def ask(self, verb: str, id: int, index: int | None = None, **options: Any) -> Reply:
        """Ask for a verb on one target; ``user`` may be among the options."""
        user = options.pop("user", ANN)
        revived = [self.ledger.job_image(id, live=False)] if verb == "rerun" else []
        event = Asked(self.at, user, verb, [(id, index)], None, options, revived)
        return self.reply(self.tell(event))

    def configure(self, **rules: Any) -> Reply:
        """Put other rules in force."""
        self.rules = Rules(**rules)
        return self.reply(self.tell(Configured(self.at, ANN, self.rules)))

    def tick(self, at: int) -> list[Effect]:
        """Let time come to *at*."""
        self.at = at
        return self.tell(Tick(at))

    def start(self, id: int, index: int = 0, n: int = 1, node: str = "n1") -> list[Effect]:
        """Report an attempt as started."""
        return self.report(Started(AttemptRef(id, index, n), self.at), node=node)

    def finish(
        self, id: int, index: int = 0, n: int = 1, *, code: int | None = 0,
        signal: int | None = None, why: Reason | None = None, node: str = "n1",
    ) -> list[Effect]:  # fmt: skip
        """Report an attempt as started and finished."""
        why = why or reason("exit_code" if code else "ok", code=code)
        self.at += 10
        ref = AttemptRef(id, index, n)
        return self.report(
            Finished(ref, self.at - 10, self.at, code, signal, why), node=node
        )

    def report(
        self, *reports: Any, node: str = "n1", session: int | None = None
    ) -> list[Effect]:
        """Hand reports in over the present session of *node*."""
        present = self.mind.memory.nodes[node].session
        return self.tell(Reported(self.at, node, session or present or 0, reports))

    def reply(self, effects: list[Effect]) -> Reply:
        """Return the one reply among *effects*."""
        (reply,) = [e for e in effects if isinstance(e, Reply)]
        return reply

    def runs(self) -> list[tuple[int, int, int]]:
        """Return (job, index, attempt) of what was told to run in the last step."""
        runs = [e for e in self.effects if isinstance(e, Run)]
        return [(run.job, index, n) for run in runs for index, n, _ in run.tasks]

    def kills(self) -> list[AttemptRef]:
        """Return what was told to be killed in the last step."""
        return [e.attempt for e in self.effects if isinstance(e, Kill)]

    def forgets(self) -> list[AttemptRef]:
        """Return what was told to be forgotten in the last step."""
        return [ref for e in self.effects if isinstance(e, Forget) for ref in e.attempts]

    def state(self, id: int) -> str:
        """Return the committed state of a job."""
        return str(self.ledger.changed[id].state)

    def counts(self, id: int) -> dict[str, int]:
        """Return the committed counts of a job's tasks."""
        return dict(self.ledger.changed[id].counts)


def _counterparts(specs: Iterable[JobSpec]) -> set[int]:
    return {after.job for spec in specs for after in spec.after if after.by_task}


def job(**more: Any) -> JobSpec:
    """Return a small job."""
    return JobSpec(**{"argv": ("true",), **more})


def array(size: int, limit: int | None = None, **more: Any) -> JobSpec:
    """Return a small array job with indexes 0 … size − 1."""
    return job(array=Array(IndexSet([[0, size - 1]]), limit), **more)


def ruled(**rules: Any) -> Drive:
    """Return a mind under *rules* with one node of four cores."""
    drive = Drive(rules=Rules(**rules))
    drive.join(cores=4)
    return drive


def why(drive: Drive, id: int) -> tuple[str, str]:
    """Return code and sentence of why a job waits."""
    found = drive.mind.reason_of(id)
    assert found is not None, f"job {id} does not wait"
    return found.code, found.text

"""The witness: sees only what nodes really execute, and says what must never be.

G07 one attempt at a time · G19 no core twice · no run after a confirmed cancel ·
no licence overdrawn · truthful exit codes · an acknowledged job is never lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from rota.core.job import AttemptRef
from rota.core.lifecycle import FINAL, State
from rota.sim.ledger import Ledger
from rota.sim.nodes import VirtualNode


class Witness:
    """Looks at every instant; ``verdict`` at the end."""

    def __init__(
        self,
        nodes: Sequence[VirtualNode],
        ledger: Ledger,
        *,
        licences: Mapping[str, int] | None = None,
    ) -> None:
        self.licences = licences or {}
        self.nodes = nodes
        self.ledger = ledger
        self.acks: set[int] = set()
        self._seen: dict[AttemptRef, str] = {}

    def acknowledged(self, jobs: Iterable[int]) -> None:
        """Remember what users were told: these jobs exist."""
        self.acks.update(jobs)

    def look(self, at: int) -> None:
        """Assert what must hold at every instant."""
        where: dict[tuple[int, int], AttemptRef] = {}
        held: Counter[str] = Counter()
        for node in self.nodes:
            cores: list[int] = []
            for strip in node.strips.values():
                if strip.running is None:
                    continue
                ref = strip.running
                other = where.setdefault((ref.job, ref.task), ref)
                assert other is ref, f"{at}: {other} and {ref} execute at the same time"
                self._check_start(ref, node.node.name, at)
                held.update(dict(self.ledger.added[ref.job].spec.request.licences))
                if strip.left_ms is not None:
                    continue  # It stands still: others may have its cores.
                cores.extend(c for g in strip.grants for c in g.cores)
            assert len(cores) == len(set(cores)), f"{at}: a core of {node.node.name} twice"
        for name, count in held.items():
            most = self.licences.get(name, 0)
            assert count <= most, f"{at}: licence {name} overdrawn: {count} of {most}"

    def _check_start(self, ref: AttemptRef, node: str, at: int) -> None:
        if ref in self._seen:
            return
        self._seen[ref] = node
        row = self.ledger.attempts.get(ref)
        assert row is not None, f"{at}: {ref} executes and was never committed"
        task = self.ledger.tasks[ref.job, ref.task]
        final = State(task.state) in FINAL and task.attempt >= ref.n
        assert not final, f"{at}: {ref} began after its task was {task.state}"

    def verdict(self) -> None:
        """Assert what must hold when everything has come to rest."""
        for job in self.acks:
            assert job in self.ledger.added, f"acknowledged job {job} is lost"
            state = State(self.ledger.changed[job].state)
            assert state in FINAL or state is State.HELD, f"job {job} is {state} for ever"
        codes = {ref: code for node in self.nodes for ref, _, _, code in node.executed}
        for (job, index), task in self.ledger.tasks.items():
            if task.state != State.DONE:
                continue
            ref = AttemptRef(job, index, task.attempt)
            assert codes.get(ref) == task.exit_code, f"{ref}: told {task.exit_code}"
        for job, row in self.ledger.changed.items():
            total = sum(row.counts.values())
            spec = row.spec or self.ledger.added[job].spec
            size = len(spec.array.indexes) if spec.array else 1
            assert total == size, f"job {job}: {size} tasks, {total} counted"

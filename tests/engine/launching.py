"""A pool in a driven mind, and words from the system behind it."""

from __future__ import annotations

from typing import Any

from rota.core.pool import Pool
from rota.engine.events import (
    CancelPilots,
    Launch,
    Launched,
    NotLaunched,
    Polled,
    PoolAsked,
    SeenPilot,
)
from rota.engine.pilots import PoolState
from tests.engine.drive import ANN, Drive

LATER_MS = 1_000


class Pilots(Drive):
    """A mind with one pool ``big`` of two-core pilots."""

    def __init__(self, **more: Any) -> None:
        super().__init__()
        said = {"cores": 2, "most": 2, **more}
        self.launches: list[Launch] = []
        self.cancelled: list[str] = []
        self.ask_pool("add", Pool("big", "slurm", **said))

    def ask_pool(self, verb: str, pool: Pool | None = None, name: str = "big") -> Any:
        """Ask for a verb on a pool; return the reply."""
        return self.reply(self.tell(PoolAsked(self.at, ANN, verb, name, pool)))

    @property
    def pool(self) -> PoolState:
        """The pool as the mind has it."""
        return self.mind.memory.pools["big"]

    def states(self) -> dict[int, str]:
        """Return {n: state} of the pilots there are."""
        return {n: pilot.state for n, pilot in self.pool.pilots.items()}

    def tell(self, event: Any) -> Any:
        """Handle as ever, and gather what is to be launched and cancelled."""
        effects = super().tell(event)
        self.launches += [e for e in effects if isinstance(e, Launch)]
        self.cancelled += [i for e in effects if isinstance(e, CancelPilots) for i in e.ids]
        return effects

    def later(self, ms: int = LATER_MS) -> Any:
        """Let time pass."""
        return self.tick(self.at + ms)

    def launched(self, n: int = 1) -> Any:
        """The system took pilot *n* and calls it 10n."""
        return self.tell(Launched(self.at, "big", n, str(10 * n)))

    def refused(self, n: int = 1, why: str = "no", *, certain: bool = True) -> Any:
        """The submit failed."""
        return self.tell(NotLaunched(self.at, "big", n, why, certain))

    def listed(self, *rows: tuple[str, str, str], trouble: str = "") -> Any:
        """A second later the system lists (id, state, name) …, or cannot be asked."""
        self.at += LATER_MS
        seen = [SeenPilot(id, state, name, state.upper()) for id, state, name in rows]
        told = None if trouble else seen
        return self.tell(Polled(self.at, "big", self.at, told, trouble))

    def come(self, n: int = 1, **more: Any) -> Any:
        """The agent of pilot *n* connects."""
        return self.join(f"big-{n}", labels=("pool:big",), session=n + 100, **more)

    def up(self, n: int = 1, **more: Any) -> None:
        """Pilot *n* is taken, and its agent comes."""
        self.launched(n)
        self.come(n, **more)


def row(n: int, state: str = "running", id: str | None = None) -> tuple[str, str, str]:
    """Return what the system lists of pilot *n*."""
    return id or str(10 * n), state, f"rota-here-big-{n}"

"""Pilots: what is known of each allocation, and what each word about it does to that.

    asked ──an id──▶ queued ──▶ running ──its agent──▶ up ──▶ leaving ──▶ gone
      │                ╰───────────┴────────────────────┴──────────────────┘
      ╰──no reply──▶ unsure ──found by its marker──▶ queued; not found ──▶ gone

The intent is on disk before the command runs, under a number that is used once: whatever
is lost on the way, the marker says later what became of it.  Gone is what its system calls
ended, or does not know any more in two answers while no agent of it is connected.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from rota.core.pool import Marker, Pool, node_names
from rota.core.reasons import Reason, reason

ASKED, UNSURE, QUEUED, RUNNING, UP, LEAVING, GONE = (
    "asked", "unsure", "queued", "running", "up", "leaving", "gone",
)  # fmt: skip

MOVES: Final[Mapping[str, frozenset[str]]] = {
    ASKED: frozenset({UNSURE, QUEUED, UP, LEAVING, GONE}),
    UNSURE: frozenset({QUEUED, RUNNING, UP, LEAVING, GONE}),
    QUEUED: frozenset({RUNNING, UP, LEAVING, GONE}),
    RUNNING: frozenset({QUEUED, UP, LEAVING, GONE}),
    UP: frozenset({LEAVING, GONE}),
    LEAVING: frozenset({GONE}),
    GONE: frozenset(),
}
"""{state: those it may become}."""

STARTING = frozenset({ASKED, UNSURE, QUEUED, RUNNING})
MISSING_MAX = 2
UNSURE_MS = 60_000
END_MS = 20_000
"""So long before its time is up nothing starts on a pilot any more."""

RECENT_KEPT = 20


@dataclass(slots=True)
class Pilot:
    """One allocation; times in milliseconds since the epoch.

    Shapes:
        id:      what its system calls it; None: not known (yet)
        word:    what its system said last, or how it ended
        since:   when it came into this state
        ends_at: when its time is up, as its agent reckons; None: nobody knows
        missing: answers in a row that did not have it
        over:    its system says it ended, while its agent was still connected
        idle_at: since when it has had nothing to do
    """

    n: int
    state: str
    asked_at: int
    since: int
    id: str | None = None
    word: str = ""
    up_at: int | None = None
    ended_at: int | None = None
    ends_at: int | None = None
    missing: int = 0
    over: str | None = None
    idle_at: int | None = None

    def become(self, state: str, at: int, word: str = "") -> None:
        """Move to *state*, which the table must allow; the same state again is no move."""
        if word:
            self.word = word
        if state != self.state:
            assert state in MOVES[self.state], f"pilot {self.n}: {self.state} → {state}"
            self.state, self.since, self.missing = state, at, 0


@dataclass(slots=True)
class PoolState:
    """A pool, its pilots, and how its system is doing.

    Shapes:
        source:   "config" when it stands in the operator's file, "" when a user added it
        pilots:   {n: Pilot} that are not gone;  recent: the last that are
        failures: in a row; retry_at: nothing is started before; trouble: why
        deaf:     why its system could not be asked last time; polled_at: when it could
    watch_until: it is listed until then, also without pilots: one may turn up late
    removed:  it goes when its last pilot has
    """

    pool: Pool
    source: str = ""
    next_n: int = 1
    pilots: dict[int, Pilot] = field(default_factory=dict)
    recent: deque[Pilot] = field(default_factory=lambda: deque(maxlen=RECENT_KEPT))
    failures: int = 0
    retry_at: int = 0
    trouble: Reason | None = None
    deaf: Reason | None = None
    polled_at: int = 0
    watch_until: int = 0
    removed: bool = False

    def count(self, *states: str) -> int:
        """Return how many pilots are in one of *states*."""
        return sum(pilot.state in states for pilot in self.pilots.values())

    @property
    def starting(self) -> int:
        """How many pilots have been asked for and have not come yet."""
        return sum(pilot.state in STARTING for pilot in self.pilots.values())

    def nodes(self, n: int) -> tuple[str, ...]:
        """Return the names of the nodes of pilot *n*."""
        return node_names(self.pool, n)

    def open_at(self, at: int) -> bool:
        """Whether something new may be started now."""
        return not self.removed and not self.pool.drained and at >= self.retry_at

    def why_not(self, at: int) -> Reason | None:
        """Return why nothing new is started, or None."""
        if self.pool.drained:
            return reason("drained", who=self.pool.drained, why=f"pool {self.pool.name}")
        if at < self.retry_at and self.trouble is not None:
            return self.trouble
        return None


def prefix_of(server: str, pool: str) -> str:
    """Return what the markers of all pilots of *pool* begin with."""
    return f"rota-{server}-{pool}-"


def marker_text(server: str, pool: str, n: int) -> str:
    """Return the marker of pilot *n*."""
    return str(Marker(server, pool, n))

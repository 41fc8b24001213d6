"""A virtual batch system, and a world whose pools hand pilots in to it.

    mind ──Launch──▶ [queued ─▶ running ─▶ ended ─▶ purged] ──list──▶ Polled ──▶ mind
                         ╰─ an agent comes, and goes with its allocation

It does all that real ones do to those who rely on them: a submit that was carried out
though its answer is lost, or twice, or refused; a daemon that is down; lists that come
late, or lack what they should have; starts that are slow or never come; allocations that
are preempted.  ``rough`` says how often.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial

from rota.core.account import Role, User
from rota.core.pool import Pool, pool_label
from rota.core.resources import Node
from rota.engine.events import (
    CancelPilots,
    Effect,
    Launch,
    Launched,
    NodeJoined,
    NodeLeft,
    NotLaunched,
    Polled,
    PoolAsked,
    SeenPilot,
)
from rota.engine.launching import BACKOFF_MS_MAX
from rota.sim.nodes import VirtualNode
from rota.sim.world import Scale, World

ROOT = User("root", 0, Role.ADMIN)
QUEUED, RUNNING, STUCK, ENDED = "queued", "running", "stuck", "ended"
PURGE_MS = 30_000
LATE_MS = 45_000
FORGETS_MS = 300_000
"""So seldom a list lacks what runs: twice in a row is believed, and there is no witness."""


@dataclass(slots=True)
class Allocation:
    """One job of the batch system; times are virtual milliseconds.

    Shapes:
        names: of the agents that it brings;  ends_at: when its time is up
    """

    id: str
    marker: str
    names: tuple[str, ...]
    state: str = QUEUED
    ends_at: int | None = None
    ended_at: int | None = None
    nodes: list[VirtualNode] = field(default_factory=list)


class PoolWorld(World):
    """See the head of the file; one pool, and a machine of our own beside it."""

    def __init__(
        self, seed: int, pool: Pool, *, rough: float = 0.2, scale: Scale | None = None
    ) -> None:
        super().__init__(seed, scale or Scale(nodes=1, cores=2))
        self.pool, self.rough = pool, rough
        self.allocations: dict[str, Allocation] = {}
        self.gone: set[str] = set()
        self.is_down = False
        self.submits: list[int] = []
        self._server = 0
        self._forgot_at = 0
        self.later(pool.poll_ms, self._poll)

    @property
    def living(self) -> list[Allocation]:
        """The allocations that have not ended."""
        return [a for a in self.allocations.values() if a.state != ENDED]

    def start_server(self) -> None:
        """Start a server; answers to the one before are heard by nobody."""
        if self.mind is None:
            self._server += 1
            super().start_server()

    def add_pool(self) -> None:
        """Let an administrator add the pool."""
        self.tell(PoolAsked(self.now, ROOT, "add", self.pool.name, self.pool))

    def remove_pool(self) -> None:
        """Let an administrator remove the pool."""
        self.tell(PoolAsked(self.now, ROOT, "remove", self.pool.name))

    def connect(self, node: VirtualNode) -> None:
        """Let an agent connect, unless its allocation has ended."""
        if node.node.name not in self.gone:
            super().connect(node)

    def node_called(self, name: str) -> VirtualNode:
        """Return the node of that name; of two, the one that is connected."""
        found = [node for node in self.nodes if node.node.name == name]
        return next((node for node in found if node.session is not None), found[0])

    # ── what it is asked ──────────────────────────────────────────────────────────────

    def outside(self, effect: Effect) -> None:
        """Hand pilots in, and cancel them."""
        if isinstance(effect, Launch):
            self._check_launch()
            self.later(self.random.choice([50, 500, 5_000]), lambda: self._submit(effect))
        elif isinstance(effect, CancelPilots) and not self._fails():
            for id in effect.ids:
                self.later(self.random.choice([100, 3_000]), partial(self.end, id))

    def _check_launch(self) -> None:
        assert self.mind is not None
        state = self.mind.memory.pools[self.pool.name]
        live = len(state.pilots)
        assert not state.removed, f"{self.now}: a pilot for a pool that is removed"
        assert self.now >= state.retry_at, f"{self.now}: a pilot while it backs off"
        wait_ms = state.retry_at - self.now
        assert wait_ms <= BACKOFF_MS_MAX, f"{self.now}: it backs off for {wait_ms} ms"
        leaving = state.count("leaving")
        assert live - leaving <= self.pool.most, f"{self.now}: {live} pilots"
        self.submits.append(self.now)

    def _fails(self) -> bool:
        return self.is_down or self.random.random() < self.rough

    def _submit(self, effect: Launch) -> None:
        if self.is_down:
            self._reply(NotLaunched(self.now, self.pool.name, effect.n, "down", True))
            return
        how = "taken"
        if self.random.random() < self.rough:
            how = self.random.choice(["refused", "no answer", "lost", "twice", "stuck"])
        if how == "refused":
            self._reply(NotLaunched(self.now, self.pool.name, effect.n, "no", True))
            return
        made = [] if how == "lost" else [self._take(effect, is_stuck=how == "stuck")]
        if how == "twice":
            made.append(self._take(effect, is_stuck=False))
        if how in ("no answer", "lost"):
            self._reply(NotLaunched(self.now, self.pool.name, effect.n, "silent", False))
        else:
            self._reply(Launched(self.now, self.pool.name, effect.n, made[0].id))

    def _reply(self, event: Launched | NotLaunched) -> None:
        server = self._server

        def arrive() -> None:
            if self._server == server:
                self.tell(replace(event, at=self.now))

        self.later(self.random.choice([10, 200, 2_000]), arrive)

    # ── what it does ──────────────────────────────────────────────────────────────────

    def _take(self, effect: Launch, *, is_stuck: bool) -> Allocation:
        id = str(len(self.allocations) + 1)
        made = self.allocations[id] = Allocation(id, effect.marker, effect.nodes)
        if is_stuck:
            made.state = STUCK
        else:
            slow = self.random.choice([100, 2_000, 20_000, 90_000])
            self.later(slow, lambda: self._begin(made))
        return made

    def _begin(self, made: Allocation) -> None:
        if made.state != QUEUED:
            return
        made.state = RUNNING
        if self.pool.time_ms is not None:
            made.ends_at = self.now + self.pool.time_ms
            self.later(self.pool.time_ms, lambda: self.end(made.id))
        if self.random.random() < 0.9:  # else: its agent never comes
            self.later(self.random.choice([100, 4_000]), lambda: self._come(made))

    def _come(self, made: Allocation) -> None:
        if made.state != RUNNING:
            return
        labels = (*self.pool.labels, pool_label(self.pool.name))
        for name in made.names:
            others = [a for a in self.living if a is not made and name in a.names]
            if any(other.nodes for other in others):
                continue  # A folder of that name is in use: the second agent ends.
            cores = tuple(range(self.pool.cores or 1))
            node = Pilot(Node(name, cores, 8 << 30, labels=labels), self, made)
            made.nodes.append(node)
            self.nodes.append(node)
            self.connect(node)

    def end(self, id: str) -> None:
        """End an allocation with all that runs in it."""
        made = self.allocations[id]
        if made.state == ENDED:
            return
        made.state, made.ended_at = ENDED, self.now
        for node in made.nodes:
            session = node.session
            node.reboot(self.now)
            self.gone.add(node.node.name)
            if session is not None:
                self.tell(NodeLeft(self.now, node.node.name, session))

    # ── what it says ──────────────────────────────────────────────────────────────────

    def _poll(self) -> None:
        self.later(self.pool.poll_ms, self._poll)
        began, server = self.now, self._server
        seen = None if self._fails() else list(self._listed())
        late = self.random.random() < self.rough

        def arrive() -> None:
            if self._server == server:
                trouble = "" if seen is not None else "down"
                self.tell(Polled(self.now, self.pool.name, began, seen, trouble))

        self.later(LATE_MS if late else 100, arrive)

    def _listed(self) -> Iterator[SeenPilot]:
        forgets = self.now > self._forgot_at + FORGETS_MS and self._fails()
        for made in self.allocations.values():
            if made.ended_at is not None and self.now - made.ended_at > PURGE_MS:
                continue
            if forgets and made.state == RUNNING:
                self._forgot_at = self.now
                continue
            yield SeenPilot(made.id, made.state, made.marker, made.state.upper())


class Pilot(VirtualNode):
    """The node of an agent that came with an allocation: it knows when its time is up."""

    def __init__(self, node: Node, world: PoolWorld, made: Allocation) -> None:
        super().__init__(node, world.behave, world.scale.lease_ms)
        self.ends_at = made.ends_at

    def hello(self, at: int, session: int) -> NodeJoined:
        """Connect, and say how long it will be there."""
        joined = super().hello(at, session)
        if self.ends_at is None:
            return joined
        return replace(joined, ends_in_ms=max(0, self.ends_at - at))

"""A virtual world around the real mind: a clock, nodes, a ledger, and faults from a seed.

    World(seed).run()      the same seed gives the same run, event by event

The very same ``engine.Mind`` that the server drives is driven here by a heap of virtual
instants.  Messages take time and are lost when a link breaks; the server dies before or
after a commit and starts again from its ledger.  ``Witness`` looks only at what nodes
really executed, and says what must never be.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Any

from rota.core.job import AttemptRef
from rota.core.resources import Node
from rota.engine.events import (
    Effect,
    Event,
    Forget,
    Kill,
    NodeLeft,
    Reply,
    Reported,
    Run,
    Signal,
    Submitted,
    Suspend,
    Tick,
)
from rota.engine.mind import Mind
from rota.engine.records import Record
from rota.engine.settings import Settings
from rota.sched.rules import Rules
from rota.sim.ledger import Ledger
from rota.sim.nodes import VirtualNode
from rota.sim.witness import Witness

Order = Run | Kill | Suspend | Signal | Forget
"""What nodes are told."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How large and how rough a world is; times in virtual milliseconds."""

    nodes: int = 3
    cores: int = 4
    lease_ms: int = 60_000
    delay_ms: int = 20
    duration_ms: int = 8_000


class World:
    """See the head of the file."""

    def __init__(
        self,
        seed: int,
        scale: Scale | None = None,
        *,
        rules: Rules | None = None,
        remedies: bool = False,
    ) -> None:
        """Make the world of *seed*; with *remedies* jobs that fail change what they ask."""
        self.rules = rules or Rules()
        self.remedies = remedies
        self.scale = scale or Scale()
        self.random = random.Random(seed)
        self.now = 1_000
        self.ledger = Ledger()
        self.settings = Settings(lease_ms=self.scale.lease_ms, lease_margin_ms=5_000)
        self.mind: Mind | None = None
        self.inbox: list[Event] = []
        self.replies: list[Reply] = []
        self.crash_next: str | None = None
        self.sessions = 0
        self.nodes = [self._node(number) for number in range(self.scale.nodes)]
        self.witness = Witness(self.nodes, self.ledger, licences=self.rules.licences)
        self._heap: list[tuple[int, int, Callable[[], None]]] = []
        self._count = 0
        self._pumping = False

    def _node(self, number: int) -> VirtualNode:
        cores = tuple(range(self.scale.cores))
        node = Node(f"n{number + 1}", cores, 8 << 30)
        return VirtualNode(node, self.behave, self.scale.lease_ms)

    def behave(self, ref: AttemptRef) -> tuple[int, int]:
        """Return how long an attempt runs and how it exits: a function of the seed."""
        duration = self.random.choice([1, 5, 50, 500, self.scale.duration_ms])
        code = 0 if self.random.random() < 0.85 else 1
        return duration, code

    # ── time ──────────────────────────────────────────────────────────────────────────

    def later(self, delay: int, act: Callable[[], None]) -> None:
        """Do *act* in *delay* virtual milliseconds."""
        self._count += 1
        heappush(self._heap, (self.now + delay, self._count, act))

    def run_until(self, at: int) -> None:
        """Let the world go on until *at*."""
        while True:
            due = [node.next_at() for node in self.nodes]
            due.append(self.mind.next_at() if self.mind else None)
            due.append(self._heap[0][0] if self._heap else None)
            when = min((time for time in due if time is not None), default=at + 1)
            if when > at:
                break
            self._step(max(when, self.now))
        self.now = max(self.now, at)

    def _step(self, when: int) -> None:
        self.now = when
        while self._heap and self._heap[0][0] <= when:
            heappop(self._heap)[2]()
        for node in self.nodes:
            node.pass_time(when)
            self._flush(node)
        if self.mind and (next_at := self.mind.next_at()) is not None and next_at <= when:
            self.tell(Tick(when))
        self.witness.look(when)

    # ── the server ────────────────────────────────────────────────────────────────────

    def start_server(self) -> None:
        """Start a server from the ledger."""
        if self.mind is None:
            self.mind = Mind(self.settings, self.rules)
            self._finish(self.mind.load(self.ledger.image(), self.now))

    def crash_server(self) -> None:
        """Kill the server: what was not committed never was."""
        self.mind = None
        self.inbox = []
        for node in self.nodes:
            node.drop_link(self.now)

    def tell(self, event: Event) -> None:
        """Give the server an event; it is handled at once, with the inbox."""
        if self.mind is None:
            return
        self.inbox.append(event)
        effects: list[Effect] = []
        batch, self.inbox = self.inbox, []
        for one in batch:
            effects.extend(self.mind.handle(one))
            self.mind.check()
        effects.extend(self.mind.settle(self.now))
        self.mind.check()
        self._finish(effects)

    def _finish(self, effects: Sequence[Effect]) -> None:
        crash, self.crash_next = self.crash_next, None
        if crash == "before commit":
            self.crash_server()
            return
        self.ledger.commit([e for e in effects if isinstance(e, Record)])
        if crash == "after commit":
            self.crash_server()
            return
        for effect in effects:
            if isinstance(effect, Reply):
                self._answer(effect)
            elif isinstance(effect, Order):
                self._send(effect)
            elif not isinstance(effect, Record):
                self.outside(effect)

    def outside(self, effect: Effect) -> None:
        """Carry out what is asked of other systems; here there are none."""

    def node_called(self, name: str) -> VirtualNode:
        """Return the node of that name."""
        return next(node for node in self.nodes if node.node.name == name)

    def _answer(self, reply: Reply) -> None:
        self.replies.append(reply)
        if reply.error is None and isinstance(reply.ticket, Submitted):
            self.witness.acknowledged(job["id"] for job in reply.value["jobs"])

    # ── links ─────────────────────────────────────────────────────────────────────────

    def connect(self, node: VirtualNode) -> None:
        """Let the agent of *node* connect, if there is a server."""
        if self.mind is None or node.session is not None:
            return
        self.sessions += 1
        self.tell(node.hello(self.now, self.sessions))
        self._flush(node)

    def disconnect(self, node: VirtualNode) -> None:
        """Break the link of *node*: what was under way is lost; both sides notice."""
        session = node.session
        node.drop_link(self.now)
        if session is not None:
            self.tell(NodeLeft(self.now, node.node.name, session))

    def _send(self, effect: Order) -> None:
        node = self.node_called(effect.node)
        session = node.session

        def arrive() -> None:
            if node.session != session or session is None:
                return
            if isinstance(effect, Run):
                node.run(effect, self.now)
            elif isinstance(effect, Kill):
                node.kill(effect, self.now)
            elif isinstance(effect, Suspend):
                node.suspend(effect, self.now)
            elif isinstance(effect, Forget):
                node.forget(effect)
            self._flush(node)

        self.later(self.random.randint(1, self.scale.delay_ms), arrive)

    def _flush(self, node: VirtualNode) -> None:
        reports, node.outbox = node.outbox, []
        session = node.session
        if not reports or session is None:
            return

        def arrive() -> None:
            if self.mind is not None and node.session == session:
                self.tell(Reported(self.now, node.node.name, session, reports))

        # A link keeps its order: all of a node's messages take the same time.
        self.later(self.scale.delay_ms, arrive)

    def state(self) -> dict[str, Any]:
        """Return what two runs of one seed must agree on."""
        return {
            "jobs": {id: row._asdict() for id, row in self.ledger.changed.items()},
            "history": len(self.ledger.history),
            "now": self.now,
        }

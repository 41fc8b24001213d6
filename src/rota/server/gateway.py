"""Where agents connect: one WebSocket each, frames of messages in both directions.

    agent ──hello──▶ Link ──NodeJoined──▶ loop ──Joined──▶ the link gets the node's effects
          ──reports──────▶ Reported ────▶ loop
          ◀──run, kill, forget────────────────── perform(effects), one frame a batch

A link receives effects only once the mind has seen its hello: what was decided for an
older connection of the same node is dropped, for the mind has since heard, in ``holds``,
what that node really has (G07).  Beats are answered from then on, and not before.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from rota.core.errors import Malformed
from rota.core.job import AttemptRef
from rota.core.resources import Node
from rota.engine.events import (
    Declined,
    Effect,
    Event,
    Finished,
    Holding,
    NodeChecked,
    NodeJoined,
    NodeLeft,
    Reported,
    Run,
    Started,
    Suspended,
)
from rota.server import frames
from rota.server.auth import Pass
from rota.server.link import Link
from rota.server.live import TEXT_MAX, Live, Progress
from rota.server.loop import Joined, Loop
from rota.server.orders import Order, message_of
from rota.server.steps import Steps
from rota.store.contract import Store
from rota.wire.agent import VERSION, common_version
from rota.wire.steps import is_step

log = logging.getLogger("rota.gateway")

BEAT_MS = 5_000
SILENCE_S_MAX = 20.0
HELLO_S_MAX = 15.0
STRANGERS_TOLD = 10
"""So many reports of what a node does not have are logged of one connection."""

Report = Started | Suspended | Finished | Declined

_OF_ATTEMPT = (
    frames.FinishedIn, frames.StartedIn, frames.SuspendedIn, frames.DeclinedIn,
    frames.ProgressIn, frames.PhaseIn,
)  # fmt: skip


class Gateway:
    """See the head of the file."""

    def __init__(
        self,
        *,
        loop: Callable[[], Loop],
        live: Live,
        store: Store,
        servers: Callable[..., list[str]],
        lease_ms: int,
        steps: Callable[[], Steps],
    ) -> None:
        """Answer for the leader of *store*; *servers* tells who else may lead."""
        self._loop = loop
        self._steps = steps
        self._live = live
        self._welcome = {
            "t": "welcome",
            "v": VERSION,
            "server": store.server_id(),
            "lease_ms": lease_ms,
            "beat_ms": BEAT_MS,
            "epoch": store.epoch,
        }
        self._store, self._servers = store, servers
        self._lease_ms = lease_ms
        self._session = 0
        self._greeted: dict[int, Link] = {}
        self._links: dict[str, Link] = {}
        self._dirty: set[Link] = set()
        self.joined = asyncio.Event()
        self.closing = False

    def link(self, node: str) -> Link | None:
        """Return the line to *node*, or None when it is not connected."""
        return self._links.get(node)

    # ── what the mind wants done ──────────────────────────────────────────────────────

    def perform(self, effects: Sequence[Effect | Joined]) -> None:
        """Tell agents, one frame for each that is told anything."""
        for effect in effects:
            if isinstance(effect, Joined):
                self._join(effect)
            elif isinstance(effect, Order):
                link = self._links.get(effect.node)
                if link is not None:  # else it reconciles when it comes back
                    link.queue(self._message(effect, link))
                    self._dirty.add(link)
        for link in self._dirty:
            link.flush()
        self._dirty.clear()

    def _message(self, order: Order, link: Link) -> Mapping[str, Any]:
        message = message_of(order, link=link, lease_ms=self._lease_ms)
        if isinstance(order, Run) and len(order.grants) > 1:
            message["spread"] = self._steps().token(order.alloc)
        return message

    def _join(self, joined: Joined) -> None:
        link = self._greeted.pop(joined.session, None)
        old = self._links.get(joined.node)
        if old is not None and old is not link:
            old.close("replaced by a newer connection of the same node")
            del self._links[joined.node]
        if link is not None and not link.closed:
            self._links[joined.node] = link
            link.is_current = True
            self._answer_beat(link)
            self.joined.set()

    def _answer_beat(self, link: Link) -> None:
        """The answer renews all leases of the node, so it is for the current link only.

        And only while nobody else can lead: a successor counts leases from its own start.
        """
        if link.is_current and link.beats_owed and self._store.is_sure():
            for _ in range(link.beats_owed):
                link.queue({"t": "beat", "epoch": self._store.epoch, **self._news(link)})
            link.beats_owed = 0
            link.flush()

    # ── one connection ────────────────────────────────────────────────────────────────

    async def serve(self, socket: WebSocket, shown: Pass) -> None:
        """Be the other end of one agent, who showed *shown*, until its connection ends."""
        await socket.accept()
        self._session += 1
        link = Link(socket, session=self._session, shown=shown)
        link.is_here = socket.scope["state"]["peer"] is not None
        writer = asyncio.create_task(link.write(), name="link.write")
        try:
            await self._converse(link)
        except (WebSocketDisconnect, ConnectionError):
            log.info("agent %s has hung up", link.node or "without a name")
        except (ValueError, TimeoutError, Malformed) as error:
            log.warning("agent %s: %s", link.node or "without a name", error)
            link.refuse(str(error) or "it did not say hello in time")
        finally:
            self._left(link)
            await link.end(writer)

    async def _converse(self, link: Link) -> None:
        async with asyncio.timeout(HELLO_S_MAX):
            await self._greet(link, await link.receive())
        while not self.closing:
            try:
                async with asyncio.timeout(SILENCE_S_MAX):
                    messages = await link.receive()
            except TimeoutError:
                raise ValueError(f"silent for {SILENCE_S_MAX:.0f} s") from None
            await self._take(link, messages)

    async def _greet(self, link: Link, messages: list[frames.Message]) -> None:
        hello = messages[0] if messages else None
        if not isinstance(hello, frames.HelloIn):
            raise ValueError("its first message is not hello")
        common_version(hello.v)
        if link.shown.node not in (None, hello.name):
            raise ValueError(f"its token is for the node {link.shown.node} only")
        self._must_lead(hello.epoch)
        link.node, link.facts = hello.name, hello.facts
        self._greeted[link.session] = link
        link.queue({**self._welcome, **self._news(link)})
        link.flush()
        trouble = hello.trouble.take() if hello.trouble else None
        log.info(
            "node %s: %d cores, session %d", hello.name, len(hello.cores), link.session
        )
        self._steps().joined(link, hello.holds)
        await self._post(
            NodeJoined(
                self._loop().clock.now(),
                _node_of(hello, link.shown),
                hello.boot,
                link.session,
                [_holding(row) for row in hello.holds if not is_step(row[0])],
                trouble,
                _ends_in(hello.facts),
            )
        )
        await self._take(link, messages[1:])

    def _news(self, link: Link) -> dict[str, list[str]]:
        """Return the addresses of servers, if the agent does not know them yet."""
        servers = self._servers(is_here=link.is_here)
        if servers == link.servers:
            return {}
        link.servers = servers
        return {"servers": servers}

    def _must_lead(self, epoch: int) -> None:
        """Let nobody in who knows of another leader, or when there may be one (G26)."""
        if epoch > self._store.epoch:
            raise ValueError(
                f"it has spoken with a leader of epoch {epoch}, ours is {self._store.epoch}"
            )
        if not self._store.is_sure():
            raise ValueError("this server has lost its database; another may lead by now")

    def _left(self, link: Link) -> None:
        self._greeted.pop(link.session, None)
        if self._links.get(link.node) is link:
            del self._links[link.node]
        if link.node:
            self._loop().post(NodeLeft(self._loop().clock.now(), link.node, link.session))

    async def _post(self, event: Event) -> None:
        await self._loop().put(event)

    # ── what an agent says ────────────────────────────────────────────────────────────

    async def _take(self, link: Link, messages: Sequence[frames.Message]) -> None:
        reports: list[Report] = []
        for message in messages:
            if isinstance(message, _OF_ATTEMPT) and is_step(message.a.job):
                if isinstance(message, frames.FinishedIn | frames.DeclinedIn):
                    self._steps().heard(link, message)
            elif isinstance(message, frames.FinishedIn):
                reports.append(_finished(message))
            elif isinstance(message, frames.StartedIn):
                reports.append(Started(message.a, message.at))
            elif isinstance(message, frames.SuspendedIn):
                reports.append(Suspended(message.a, message.on))
            elif isinstance(message, frames.DeclinedIn):
                reports.append(Declined(message.a, message.reason.take()))
            else:
                await self._take_other(link, message)
        for report in reports:
            self._owns(link, report.attempt)  # the mind refuses what is not: said here
        if reports:
            at = self._loop().clock.now()
            await self._post(Reported(at, link.node, link.session, reports))

    async def _take_other(self, link: Link, message: frames.Message) -> None:
        match message:
            case frames.BeatIn():
                link.beat = message
                link.clock_off_ms = message.at - self._loop().clock.now()
                link.beats_owed += 1
                self._answer_beat(link)
            case frames.ProgressIn():
                at = self._loop().clock.now()
                told = Progress(
                    message.a.n, at, message.done, message.total, message.text[:TEXT_MAX]
                )
                if self._owns(link, message.a):
                    self._live.progressed(message.a, told)
            case frames.SamplesIn():
                self._live.sampled(
                    [
                        row for row in message.rows
                        if not is_step(row[0]) and self._owns(link, AttemptRef(*row[:3]))
                    ]
                )  # fmt: skip
            case frames.DataIn() | frames.StagedIn() | frames.FedIn():
                link.answer(message)
            case frames.PhaseIn():
                if self._owns(link, message.a):
                    self._live.in_phase(message.a, message.phase)
            case frames.HealthIn():
                trouble = message.trouble.take() if message.trouble else None
                at = self._loop().clock.now()
                await self._post(NodeChecked(at, link.node, link.session, trouble))
            case _:
                raise ValueError("it said hello twice")

    def _owns(self, link: Link, attempt: AttemptRef) -> bool:
        """Whether *attempt* runs, or lately ran, on the node of *link* (G30)."""
        if attempt in link.owned:
            return True
        job = self._loop().mind.memory.jobs.get(attempt.job)
        task = job.tasks.get(attempt.task) if job else None
        if task is None or task.n != attempt.n or task.alloc is None:
            return False
        if task.alloc.node != link.node:
            link.strangers += 1
            if link.strangers <= STRANGERS_TOLD:
                log.warning(
                    "node %s tells of attempt %d.%d.%d, which node %s has: not believed",
                    link.node, *attempt, task.alloc.node,
                )  # fmt: skip
            return False
        link.own(attempt)
        return True

    def revoke(self, token: str) -> None:
        """Hang up on agents that showed the token with this hash."""
        for link in [*self._links.values(), *self._greeted.values()]:
            if link.shown.token == token:
                link.close("its token was revoked")

    def close(self) -> None:
        """Hang up on every agent: the server stops."""
        self.closing = True
        for link in [*self._links.values(), *self._greeted.values()]:
            link.close("the server is stopping", code=1001)


def _node_of(hello: frames.HelloIn, shown: Pass) -> Node:
    """Return the node that says *hello*, and whose jobs it takes by what it has shown."""
    uid = hello.facts.get("uid") if shown.uid is None else shown.uid
    runs_all = hello.facts.get("uid_min") is not None
    if shown.serves is not None or runs_all or type(uid) is not int:
        uid = None
    return replace(hello.node(), serves=shown.serves, uid=uid)


def _ends_in(facts: Mapping[str, Any]) -> int | None:
    told = facts.get("ends_in_ms")
    return told if type(told) is int and told >= 0 else None


def _finished(message: frames.FinishedIn) -> Finished:
    reason = message.reason.take()
    return Finished(
        message.a, message.s, message.at, message.exit, message.sig, reason, message.usage
    )


def _holding(row: tuple[int, int, int, str, int | None]) -> Holding:
    return Holding(AttemptRef(*row[:3]), row[3], row[4])

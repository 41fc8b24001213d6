"""Puts the server together and runs it; knows all parts, is known by none.

home ▶ lock ▶ store ▶ mind.load ▶ loop ▶ sockets ▶ local agent ▶ server.json: ready
SIGTERM: the same backwards; jobs live on under their shepherds
"""

from __future__ import annotations

import asyncio
import gc
import importlib.metadata
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from rota.core.account import Role, User
from rota.core.errors import Refused
from rota.engine.events import Tick
from rota.engine.mind import Mind
from rota.engine.settings import Settings
from rota.server.api import Api
from rota.server.audit import Audit
from rota.server.auth import Doorkeeper, name_of
from rota.server.config import Config, on_hangup
from rota.server.feed import Feed
from rota.server.gateway import Gateway
from rota.server.gauges import Gauges
from rota.server.hands import Hands, keep_samples
from rota.server.home import Home
from rota.server.leader import heed, kind_of, lead
from rota.server.listen import (
    BACKLOG,
    Front,
    Tcp,
    host_names,
    is_loopback,
    listen_again,
    own_addresses,
    parse_address,
)
from rota.server.live import Live, Sample
from rota.server.local import LocalAgent
from rota.server.loop import Clock, Loop
from rota.server.notify import Notifier
from rota.server.parts import About, Parts
from rota.server.peers import Peers, card_of
from rota.server.pools import Pools
from rota.server.prober import Prober
from rota.server.recurring import Recurring
from rota.server.ssh import cluster_of, keep_nodes
from rota.server.steps import Steps
from rota.server.tls import Certificate, own_certificate, sites_certificate
from rota.server.totals import Counting
from rota.server.views import Viewer
from rota.server.watch import Watch
from rota.server.whatif import WhatIf
from rota.store.blobs import blobs_at
from rota.store.contract import Store

log = logging.getLogger("rota.server")

AGENT_S_MAX = 5.0

HEARD: set[asyncio.Task[None]] = set()
"""What signals set going: a task that nobody holds may be collected half-way."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a server is started.

    Shapes:
        listen: HOST:PORT, or None for no TCP
        agent:  options for the local agent, or None for none
        config: the operator's file; None: ``config.yaml`` in the home, if it is there
        cluster: the machines whose agents this server starts over ssh
        cert:   the site's own certificate; None: the home's, made when first needed
        key:    its key; None: it stands in the file of the certificate
        blobs:  where files of jobs lie, a folder or s3://…; None: in the home
    """

    home: Path
    listen: str | None = "127.0.0.1:0"
    database: str | None = None
    agent: Sequence[str] | None = None
    as_json: bool = False
    config: Path | None = None
    cluster: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    blobs: str | None = None


class Known(NamedTuple):
    """What a server has in hand before its parts are made."""

    store: Store
    peers: Peers
    certificate: Certificate | None


async def serve(options: Options) -> int:
    """Run a server until it is told to stop; return its exit code.

    Raises:
        RotaError: it cannot start; nothing was changed but what a start may change.
    """
    stop = asyncio.Event()
    running = asyncio.get_running_loop()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        running.add_signal_handler(wanted, stop.set)
    home = Home(options.home)
    home.make()
    home.lock()
    async with AsyncExitStack() as stack:
        certificate = _certificate(options, home, at=Clock().now())
        peers = Peers(card_of(home, options.listen, certificate), home)
        store = await lead(options.database, stop, home=home, peers=peers)
        if store is None:
            return 0
        stack.callback(store.close)
        known = Known(store, peers, certificate)
        parts = await _start(options, home, known=known, stack=stack)
        running.add_signal_handler(signal.SIGHUP, _hear, parts)
        ended = asyncio.create_task(parts.loop.stopped.wait())
        told = asyncio.create_task(stop.wait())
        await asyncio.wait({ended, told}, return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        told.cancel()
        log.info("stopping")
        _hang_up(parts)
    failure = parts.loop.failure
    if failure is not None:
        raise failure
    return 0


def _hear(parts: Parts) -> None:
    """SIGHUP: read the operator's file again."""
    owner = User(name_of(os.getuid()), os.getuid(), Role.ADMIN)
    if parts.tcp and parts.tcp.tls and parts.certificate:
        # Certificates of a site are renewed every few weeks.
        try:
            parts.certificate.load(parts.tcp.tls)
        except Refused as error:
            log.error("the certificate stays as it was: %s", error.sentence)
    heard = on_hangup(parts.config, parts.loop, parts.clock, user=owner)
    task = asyncio.get_running_loop().create_task(heard)
    HEARD.add(task)
    task.add_done_callback(HEARD.discard)


async def _start(
    options: Options, home: Home, *, known: Known, stack: AsyncExitStack
) -> Parts:
    cluster = cluster_of(options.cluster) if options.cluster else None
    parts = assemble(options, home, known=known)
    stack.push_async_callback(parts.loop.stop)
    stack.callback(lambda: parts.loop.post(Tick(parts.clock.now(), last=True)))
    stack.callback(parts.readers.shutdown)
    stack.callback(parts.movers.shutdown)
    _begin_besides(parts, stack)
    front = Front(Api(parts))
    stack.callback(home.say_gone)
    stack.push_async_callback(front.close)
    await front.open(home.listen(backlog=BACKLOG), parts.tcp)
    tcp = parts.tcp.url() if parts.tcp else None
    if cluster is not None:
        parts.ssh_nodes = await keep_nodes(cluster, home, parts)
        stack.push_async_callback(parts.ssh_nodes.stop)
    agent = await _agent(options, home, parts=parts, stack=stack)
    facts = {
        "url": parts.about.url,
        "sock": str(home.sock),
        "tcp": tcp,
        "urls": parts.tcp.urls() if parts.tcp and parts.tcp.tls else [],
        "home": str(home.path),
        "server_pid": os.getpid(),
        "agent_pids": agent.pids if agent else [],
        "started_at": parts.about.started_at,
        "version": parts.about.version,
    }
    home.say_ready(facts)
    log.info("ready at %s and %s", parts.about.url, tcp or "no TCP address")
    _announce(options, home, facts=facts)
    return parts


def _begin_besides(parts: Parts, stack: AsyncExitStack) -> None:
    """Start what goes on beside requests and the loop, until the server stops."""
    prober = Prober(mind=parts.mind, loop=parts.loop, clock=parts.clock)
    notifier = Notifier(parts, Path(parts.about.home) / "notify.db")
    works = (
        _keep_samples(parts), prober.run(), Recurring(parts).run(),
        parts.gauges.keep(parts.clock.now), parts.pools.watch(), parts.steps.keep(),
        parts.bound.run(parts),
        notifier.run(),
    )  # fmt: skip
    stack.push_async_callback(parts.pools.stop)
    stack.push_async_callback(notifier.stop)
    for work in works:
        stack.callback(asyncio.create_task(work).cancel)


def assemble(options: Options, home: Home, *, known: Known) -> Parts:
    """Return the parts of a server, its mind loaded and its loop running."""
    store, certificate = known.store, known.certificate
    image = store.load()
    clock = Clock(last_at=image.last_at)
    config = Config(options.config or home.config, must_be=options.config is not None)
    mind = Mind(_settings_of(store), config.read())
    first = mind.load(image, clock.now())
    lived_until = image.last_at
    del image
    _quiet_collector()
    home.tokens(store, at=clock.now())
    live, feed = Live(), Feed(seq=store.commit([]))
    lease_ms = mind.memory.settings.lease_ms
    gateway = Gateway(
        loop=lambda: loop, live=live, store=store, servers=known.peers.urls,
        lease_ms=lease_ms, steps=lambda: steps,
    )  # fmt: skip
    steps = Steps(
        mind.memory, link=gateway.link, clock=clock.now, key=home.job_key(),
        lease_ms=lease_ms,
    )  # fmt: skip
    tcp = _tcp(options, home, certificate)
    pools = _pools(home, mind, tcp=tcp, loop=lambda: loop)
    watch = _watch(mind)
    hands = Hands(feed=feed, live=live, gateway=gateway, pools=pools, watch=watch)
    loop = Loop(mind=mind, store=store, clock=clock, world=hands)
    loop.start(first)
    heed(store, loop)
    about = _about(home, store=store, at=clock.now())
    return Parts(
        about=about, mind=mind, store=store, loop=loop, clock=clock, feed=feed,
        live=live, gateway=gateway, steps=steps,
        door=_door(options, certificate, store=store, loop=loop),
        audit=Audit(loop, store),
        viewer=Viewer(mind=mind, live=live),
        gauges=Gauges(mind),
        whatif=WhatIf(str(home.path)),
        watch=watch,
        counting=Counting(mind=mind, feed=feed),
        config=config,
        pools=pools,
        tcp=tcp,
        certificate=certificate,
        blobs=blobs_at(options.blobs, home.path),
        lived_until=lived_until,
    )  # fmt: skip


def _door(
    options: Options, certificate: Certificate | None, *, store: Store, loop: Loop
) -> Doorkeeper:
    return Doorkeeper(
        store=store,
        hosts=host_names(options.listen, certificate.names if certificate else ()),
        clock=loop.clock.now,
        role_of=lambda name: loop.mind.memory.rules.role_of(name),
    )


def _watch(mind: Mind) -> Watch:
    jobs = mind.memory.jobs
    return Watch(lambda id: id in jobs and bool(jobs[id].spec.notify))


def _pools(home: Home, mind: Mind, *, tcp: Tcp | None, loop: Callable[[], Loop]) -> Pools:
    """Return the hands of pools, which tell agents of the address that reaches furthest."""

    def url() -> str:
        return tcp.urls()[0] if tcp and tcp.tls else f"unix:{home.sock}"

    return Pools(home=home.path, mind=mind, loop=loop, url=url)


def _settings_of(store: Store) -> Settings:
    return Settings(server=_short(store.server_id()), uid=os.getuid())


def _short(server_id: str) -> str:
    """Return what the names of pilots begin with: batch systems cut long names."""
    return "".join(c for c in server_id.lower() if c.isalnum())[:6]


def _certificate(options: Options, home: Home, *, at: int) -> Certificate | None:
    """Return what connections from other machines are secured with; None on loopback."""
    if options.listen is None:
        return None
    if options.cert is not None:
        return sites_certificate(options.cert, options.key)
    if is_loopback(options.listen):
        return None
    host = parse_address(options.listen)[0]
    hosts = {host, "localhost", "127.0.0.1", socket.gethostname(), *own_addresses()}
    return own_certificate(home.path, hosts=hosts, at=at)


def _tcp(
    options: Options, home: Home, certificate: Certificate | None
) -> Tcp | None:  # fmt: skip
    if options.listen is None:
        return None
    context = certificate.context() if certificate else None
    host, pin = parse_address(options.listen)[0], certificate.pin if certificate else None
    listening = listen_again(options.listen, home.path / "port")
    return Tcp(listening, host, context, pin)


async def _agent(
    options: Options, home: Home, *, parts: Parts, stack: AsyncExitStack
) -> LocalAgent | None:
    if options.agent is None:
        return None
    agent = LocalAgent(home, options=options.agent)
    stack.push_async_callback(agent.stop)
    await agent.start()
    try:
        await asyncio.wait_for(parts.gateway.joined.wait(), AGENT_S_MAX)
    except TimeoutError:
        log.warning("the local agent has not come yet; see %s", home.agent_log)
    return agent


def _about(home: Home, *, store: Store, at: int) -> About:
    return About(
        version=importlib.metadata.version("rota"),
        server=store.server_id(),
        url=f"unix:{home.sock}",
        home=str(home.path),
        store=kind_of(store),
        started_at=at,
    )


async def _keep_samples(parts: Parts) -> None:
    running = asyncio.get_running_loop()

    def save(rows: list[Sample]) -> asyncio.Future[None]:
        return running.run_in_executor(parts.loop.writer, parts.store.save_samples, rows)

    await keep_samples(parts.live, save)


def _hang_up(parts: Parts) -> None:
    parts.feed.close()
    parts.gateway.close()


def _announce(options: Options, home: Home, *, facts: dict[str, Any]) -> None:
    if options.as_json:
        shown = {k: facts[k] for k in ("url", "home", "server_pid", "agent_pids")}
        print(json.dumps(shown), flush=True)
        return
    print(facts["url"], flush=True)
    if facts["tcp"] and sys.stdout.isatty():
        # Only to a person's eyes: a log or a pipe is no place for a token (G31).
        token = (home.path / "token").read_text(encoding="ascii").strip()
        print(f"{facts['tcp'].partition('#')[0]}/?token={token}", flush=True)


def _quiet_collector() -> None:
    """Keep the collector from walking all jobs again and again: they are no garbage."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)

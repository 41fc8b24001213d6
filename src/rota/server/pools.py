"""The hands of pools: scripts written, commands run, lists fetched, all of it kept.

Launch ──▶ script ──▶ submit ──▶ Launched, NotLaunched
CancelPilots ───────▶ cancel                               HOME/pools/NAME/launch.log
every ``poll`` ─────▶ poll, once for all pools that ask the same ──▶ Polled

HOME/pools/agent-….pyz      the one file that is the agent
HOME/pools/NAME/N/          what pilot N leaves behind: its log, its jobs' outputs
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from rota.core.errors import Refused
from rota.core.job import AttemptRef
from rota.core.pool import Pool, pilot_of
from rota.engine.events import (
    CancelPilots,
    Effect,
    Launch,
    Launched,
    NotLaunched,
    Polled,
    SeenPilot,
)
from rota.engine.mind import Mind
from rota.engine.pilots import PoolState, marker_text
from rota.launch.body import CARRIED_MAX
from rota.launch.contract import Command, LaunchFailed, Output, Ticket, is_ours
from rota.launch.driver import Driver, LaunchLog
from rota.launch.kinds import launcher_of
from rota.server.loop import Loop

log = logging.getLogger("rota.pools")

LOOK_S = 1.0
LOG_SHOWN = 200


class Pools:
    """See the head of the file."""

    def __init__(
        self, *, home: Path, mind: Mind, loop: Callable[[], Loop], url: Callable[[], str]
    ) -> None:
        self._home, self._mind, self._loop, self._url = home, mind, loop, url
        self._driver = Driver()
        self._doing: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._asked: dict[str, float] = {}
        self._bundling = asyncio.Lock()
        self._agent: Path | None = None

    @property
    def folder(self) -> Path:
        """Where all of it is kept."""
        return self._home / "pools"

    def perform(self, effects: Sequence[Effect]) -> None:
        """Begin what the mind wants done; what comes of it is posted as an event."""
        for effect in effects:
            if isinstance(effect, Launch):
                self._begin(self._launch(effect), effect)
            elif isinstance(effect, CancelPilots):
                self._begin(self._cancel(effect))
        self._wake.set()

    def _begin(self, work: Any, launch: Launch | None = None) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._doing.add(task)

        def done(task: asyncio.Task[None]) -> None:
            self._doing.discard(task)
            if task.cancelled() or (error := task.exception()) is None:
                return
            log.error("a command for a pool failed: %s", error, exc_info=error)
            if launch is not None:
                self._failed(launch, f"a bug of ours: {error}", certain=False)

        task.add_done_callback(done)

    async def stop(self) -> None:
        """End what is under way; pilots stay, a next server finds them by their names."""
        for task in list(self._doing):
            task.cancel()
        await asyncio.gather(*self._doing, return_exceptions=True)
        await asyncio.get_running_loop().run_in_executor(None, self._driver.close)

    # ── handing in ────────────────────────────────────────────────────────────────────

    async def _launch(self, effect: Launch) -> None:
        pool, n, at = effect.pool, effect.n, self._loop().clock.now
        launcher = launcher_of(pool.kind)
        try:
            ticket = await self.ticket(pool, effect.marker, effect.nodes, n=n)
            script = launcher.script(pool, ticket)
            if len(script) > CARRIED_MAX:
                raise LaunchFailed(
                    f"the script has {len(script)} bytes: too many to hand in"
                )
            command = launcher.submit(script, pool=pool, marker=effect.marker)
            output = await self._run("submit", pool, command)
            found = launcher.submitted(output)
        except LaunchFailed as error:
            self._failed(effect, error.sentence, certain=error.certain)
        except (OSError, Refused) as error:
            self._failed(effect, str(error), certain=True)
        else:
            log.info("pool %s: pilot %d is %s", pool.name, n, found)
            self._loop().post(Launched(at(), pool.name, n, found))

    def _failed(self, effect: Launch, why: str, *, certain: bool) -> None:
        log.warning("pool %s: %s", effect.pool.name, why)
        at = self._loop().clock.now()
        self._loop().post(NotLaunched(at, effect.pool.name, effect.n, why, certain))

    async def ticket(
        self, pool: Pool, marker: str, nodes: tuple[str, ...], *, n: int
    ) -> Ticket:
        """Return what pilot *n* of *pool* must know; its folder is made.

        Raises:
            Refused: its agents could not find the server.
        """
        carries = pool.carry or pool.kind == "kubernetes"
        server = pool.server or self._url()
        if carries and server.startswith("unix:"):
            raise Refused(
                f"agents of pool {pool.name} cannot reach {server} from their nodes; start "
                "the server with --listen, or say address: https://host:port#sha256=…"
            )
        agent = await self._bundle()
        token_file = self._home / "agent-token"
        kept = None if carries else self.folder / pool.name / str(n)
        if kept is not None:
            kept.mkdir(mode=0o700, parents=True, exist_ok=True)
        cargo = {}
        if carries:
            code = base64.encodebytes(agent.read_bytes()).decode("ascii").rstrip()
            cargo = {"agent": code, "token": token_file.read_text("ascii").strip()}
        return Ticket(
            marker, nodes, server, str(token_file), str(agent),
            None if kept is None else str(kept), cargo,
        )  # fmt: skip

    async def script(self, pool: Pool) -> tuple[str, str]:
        """Return the script and the command as the next pilot of *pool* would have them."""
        state = self._mind.memory.pools.get(pool.name)
        state = PoolState(pool, next_n=state.next_n if state else 1)
        n = state.next_n
        marker = marker_text(self._mind.memory.settings.server, pool.name, n)
        ticket = await self.ticket(pool, marker, state.nodes(n), n=n)
        launcher = launcher_of(pool.kind)
        script = launcher.script(pool, ticket)
        command = launcher.submit(script, pool=pool, marker=marker)
        return script, str(command.over(pool.via))

    async def _bundle(self) -> Path:
        """Return the one file that is the agent, made once for each version of it."""
        async with self._bundling:
            if self._agent is None or not self._agent.exists():
                self.folder.mkdir(mode=0o700, exist_ok=True)
                draft = self.folder / "agent.new"
                words = (sys.executable, "-m", "rota.agent.bundle", str(draft))
                made = await self._driver.run(Command(words))
                if made.code != 0:
                    raise LaunchFailed(f"cannot make the agent's file: {made.said}")
                digest = hashlib.sha256(draft.read_bytes()).hexdigest()[:16]
                self._agent = draft.replace(self.folder / f"agent-{digest}.pyz")
            return self._agent

    async def _cancel(self, effect: CancelPilots) -> None:
        pool = effect.pool
        command = launcher_of(pool.kind).cancel(effect.ids, pool=pool)
        output = await self._run("cancel", pool, command)
        if output.code != 0:
            log.warning("pool %s: cannot cancel: %s", pool.name, output.said)

    # ── asking ────────────────────────────────────────────────────────────────────────

    async def watch(self) -> None:
        """Ask the other systems for as long as the server runs, while there is a reason."""
        while True:
            due = self._due()
            for command, pools in self._alike(due):
                self._begin(self._poll(command, pools))
            if self._watched():
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), LOOK_S)
            else:
                await self._wake.wait()
            self._wake.clear()

    def _watched(self) -> list[PoolState]:
        now = self._loop().clock.now()
        pools = self._mind.memory.pools.values()
        return [state for state in pools if state.pilots or now < state.watch_until]

    def _due(self) -> list[Pool]:
        clock = asyncio.get_running_loop().time
        due = [
            state.pool
            for state in self._watched()
            if clock() >= self._asked.get(state.pool.name, 0.0)
        ]
        for pool in due:
            self._asked[pool.name] = clock() + pool.poll_ms / 1000.0
        return due

    def _alike(self, pools: Sequence[Pool]) -> Iterator[tuple[Command, list[Pool]]]:
        """Yield each command once, with all pools whose pilots it lists."""
        found: dict[Command, list[Pool]] = {}
        prefix = f"rota-{self._mind.memory.settings.server}-"
        for pool in pools:
            ids = [p.id for p in self._mind.memory.pools[pool.name].pilots.values() if p.id]
            command = launcher_of(pool.kind).poll(ids, pool=pool, prefix=prefix)
            found.setdefault(command.over(pool.via), []).append(pool)
        yield from found.items()

    async def _poll(self, command: Command, pools: Sequence[Pool]) -> None:
        began = self._loop().clock.now()
        output = await self._driver.run(command)
        seen: list[SeenPilot] | None
        try:
            listed = launcher_of(pools[0].kind).polled(output)
            seen = [SeenPilot(id, s.state, s.name, s.word) for id, s in listed.items()]
            trouble = ""
        except LaunchFailed as error:
            seen, trouble = None, error.sentence
        for pool in pools:
            if trouble:
                self._log(pool.name).note("poll", output, at=began)
            ours = None if seen is None else [s for s in seen if self._is_of(s, pool)]
            at = self._loop().clock.now()
            self._loop().post(Polled(at, pool.name, began, ours, trouble))

    def _is_of(self, seen: SeenPilot, pool: Pool) -> bool:
        state = self._mind.memory.pools.get(pool.name)
        prefix = f"rota-{self._mind.memory.settings.server}-{pool.name}-"
        known = state is not None and any(p.id == seen.id for p in state.pilots.values())
        return known or is_ours(seen.name, prefix)

    # ── what was run ──────────────────────────────────────────────────────────────────

    async def _run(self, what: str, pool: Pool, command: Command) -> Output:
        output = await self._driver.run(command.over(pool.via))
        self._log(pool.name).note(what, output, at=self._loop().clock.now())
        return output

    def _log(self, pool: str) -> LaunchLog:
        return LaunchLog(self.folder / pool / "launch.log")

    def lines(self, pool: str) -> list[dict[str, Any]]:
        """Return the last commands that were run for *pool*, oldest first."""
        return list(self._log(pool).lines())[-LOG_SHOWN:]

    def output_of(self, node: str, attempt: AttemptRef, *, stream: str) -> Path | None:
        """Return the file of what *attempt* wrote on a pilot's *node*, if it was kept."""
        found = pilot_of(node)
        if found is None:
            return None
        ending = "out" if stream == "stdout" else "err"
        folder = self.folder / found[0] / str(found[1]) / "out" / str(attempt.job)
        path = folder / f"{attempt.task}.{attempt.n}.{ending}"
        return path if path.is_file() and not path.is_symlink() else None

    def said_by(self, pool: str, n: int) -> str:
        """Return what pilot *n* wrote itself, and what its system wrote for it."""
        folder = self.folder / pool / str(n)
        texts = []
        for name in ("log", "batch.out", "batch.err"):
            with suppress(FileNotFoundError):
                texts.append(
                    (folder / name).read_bytes()[-200_000:].decode("utf-8", "replace")
                )
        return "".join(texts)

"""Keeps the agents of ssh nodes: one watch a node, each on its own, for ever.

    settle ▶ hold ═══ line is held ═══ lost ▶ a pause that grows ▶ settle ▶ …
       ╰────────────── failed ───────────────╯         the reason is told

A line that is lost costs no job: the agent goes on without us, and the next line finds it.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rota.formats.cluster import Cluster, SshNode
from rota.launch import ssh
from rota.launch.contract import Command, LaunchFailed, Output
from rota.launch.driver import Driver

PAUSES_S = (1.0, 2.0, 5.0, 15.0, 60.0)
STEADY_S = 60.0
READY_S = 60.0
JOINS_S = 20.0
LEAVE_S = 15.0
IDLE = "10m"
SAID_MAX = 4000


@dataclass(slots=True)
class Standing:
    """How it stands with a node.

    Shapes:
        state: starting, held, waiting (for the next try)
        why:   what went wrong last, a sentence; "" while nothing is
        settled: where its agent lives, as far as is known
        tried: its agent has come, or has failed to once
    """

    state: str = "starting"
    why: str = ""
    tries: int = 0
    settled: ssh.Settled | None = None
    tried: asyncio.Event = field(default_factory=asyncio.Event)


class SshNodes:
    """See the head of the file.

    Args:
        socket: the server's unix socket, here
        files:  what travels: the agent file and its token, by name
        key:    names the folders there, so that each server has its own
        is_up:  whether the node of a name is connected
        told:   is called whenever a node's standing changed
    """

    def __init__(
        self,
        cluster: Cluster,
        *,
        socket: Path,
        files: Callable[[SshNode], Mapping[str, bytes]],
        key: str,
        is_up: Callable[[str], bool],
        told: Callable[[SshNode, Standing], None] = lambda node, standing: None,
    ) -> None:
        self.cluster, self._socket, self._files, self._key = cluster, socket, files, key
        self._is_up, self._told = is_up, told
        self._driver = Driver()
        self._tasks: list[asyncio.Task[None]] = []
        self.standing = {node.name: Standing() for node in cluster.nodes}

    def start(self) -> None:
        """Begin to keep them."""
        for node in self.cluster.nodes:
            task = asyncio.create_task(self._keep(node), name=f"ssh {node.name}")
            self._tasks.append(task)

    async def tried(self, *, timeout_s: float) -> None:
        """Wait until each node has come or failed once, at most so long."""
        tries = [standing.tried.wait() for standing in self.standing.values()]
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*tries), timeout_s)

    async def stop(self, *, kill: bool = False) -> None:
        """Let go of all lines; agents without jobs end and leave nothing there."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        leaving = [self._leave(node, kill=kill) for node in self.cluster.nodes]
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*leaving), LEAVE_S)

    async def _leave(self, node: SshNode, *, kill: bool) -> None:
        at = self.standing[node.name].settled
        if at is not None:
            left = ssh.leave(node, at, ssh=self.cluster.ssh, kill=kill)
            await self._driver.run(left)

    async def _keep(self, node: SshNode) -> None:
        clock = asyncio.get_running_loop().time
        standing = self.standing[node.name]
        while True:
            began = clock()
            try:
                await self._once(node, standing)
            except LaunchFailed as error:
                standing.why = error.sentence
            standing.tried.set()
            standing.tries = 0 if clock() - began > STEADY_S else standing.tries
            pause_s = PAUSES_S[min(standing.tries, len(PAUSES_S) - 1)]
            standing.tries += 1
            self._say(node, standing, "waiting")
            await asyncio.sleep(pause_s)
            self._say(node, standing, "starting")

    async def _once(self, node: SshNode, standing: Standing) -> None:
        words = self.cluster.ssh
        name = f"{self._key}-{node.name}"
        first = ssh.settle(node, ssh=words, name=name, files=self._files(node))
        at = standing.settled = ssh.settled(await self._driver.run(first))
        command = ssh.hold(
            node, at, ssh=words, socket=str(self._socket),
            line=f"line-{secrets.token_hex(6)}", words=ssh.agent_words(node, idle=IDLE),
        )  # fmt: skip
        try:
            process = await asyncio.create_subprocess_exec(
                *command.argv, stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
                start_new_session=True, cwd="/",
            )  # fmt: skip
        except OSError as error:
            raise ssh.trouble(Output(command, 127, "", str(error))) from None
        try:
            await self._held(node, standing, process, command)
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.terminate()
                await process.wait()

    async def _held(
        self, node: SshNode, standing: Standing, process: asyncio.subprocess.Process,
        command: Command,
    ) -> None:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        said = asyncio.create_task(_drain(process.stderr))
        try:
            async with asyncio.timeout(READY_S):
                while ssh.READY.encode() not in (line := await process.stdout.readline()):
                    if not line:
                        break
            if line:
                self._say(node, standing, "held")
                await self._see_it_join(node, standing)
                await process.stdout.read()
            code = await process.wait()
        except TimeoutError:
            raise ssh.trouble(Output(command, None, "", "", READY_S)) from None
        finally:
            if process.returncode is None:
                said.cancel()
        raise ssh.trouble(Output(command, code, "", await said))

    async def _see_it_join(self, node: SshNode, standing: Standing) -> None:
        """Wait for its agent; if that does not come, find out why."""
        assert standing.settled is not None
        for _ in range(int(JOINS_S / 0.1)):
            if self._is_up(node.name):
                standing.why, standing.tries = "", 0
                standing.tried.set()
                self._say(node, standing, "held")
                return
            await asyncio.sleep(0.1)
        asked = ssh.last_words(node, standing.settled, ssh=self.cluster.ssh)
        output = await self._driver.run(asked)
        last = " ".join(output.out.split())[-500:] or "nothing"
        raise LaunchFailed(f"its agent was started and has not come; its log says: {last}")

    def _say(self, node: SshNode, standing: Standing, state: str) -> None:
        standing.state = state
        self._told(node, standing)


async def _drain(stream: asyncio.StreamReader) -> str:
    """Read to the end; of a long line only the last words are kept."""
    said = b""
    while piece := await stream.read(4096):
        said = (said + piece)[-SAID_MAX:]
    return said.decode("utf-8", "replace")

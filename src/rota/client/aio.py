"""The client for asyncio: the same verbs as ``rota.client.http.Client``, awaited.

    [job] = await client.submit({"command": "make -j4", "cwd": "/src"})
    async for event in client.events(jobs=[job.id], level="job"): …

Requests go out one after another over one connection, each stream over one of its own.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Self

from rota.client import calls
from rota.client.connection import broke_off
from rota.client.filing import AsyncFileVerbs
from rota.client.find import find
from rota.client.http import refusal
from rota.client.http1 import Event, Events
from rota.client.keeping import AsyncKeepingVerbs
from rota.client.ruling import AsyncRulingVerbs
from rota.client.stream import Line
from rota.client.views import Job, Node, Page, Submitted
from rota.client.waiting import AWAY_S_MAX, Waited
from rota.core.errors import Missing, Unreachable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

    from rota.client.calls import Call


class AsyncClient(AsyncFileVerbs, AsyncRulingVerbs, AsyncKeepingVerbs):
    """See the head of the file; the arguments are those of ``Client``."""

    def __init__(
        self,
        server: str | None = None,
        *,
        home: str | None = None,
        token: str | None = None,
        why: str = "",
    ) -> None:
        self._because = why
        self._line = Line(find(server, home=home, token=token))
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Hang up; the next call connects again."""
        self._line.close()

    async def info(self) -> dict[str, Any]:
        """Return who the server is and how it is doing."""
        return await self._ask(calls.info())

    async def submit(
        self,
        *jobs: Mapping[str, Any],
        defaults: Mapping[str, Any] | None = None,
        sources: Sequence[Mapping[str, str]] | None = None,
        key: str | None = None,
    ) -> list[Submitted]:
        """Hand in *jobs*, all of them or none; see ``calls.submit``."""
        docs = await self._with_files(jobs)
        call = calls.submit(docs, defaults=defaults, sources=sources, key=key)
        return [Submitted(row) for row in (await self._ask(call))["jobs"]]

    async def explain(
        self,
        *jobs: Mapping[str, Any],
        defaults: Mapping[str, Any] | None = None,
        sources: Sequence[Mapping[str, str]] | None = None,
        waits: bool = False,
    ) -> list[dict[str, Any]]:
        """Return what *jobs* would become; *waits*: and why they would wait."""
        docs = await self._with_files(jobs)
        call = calls.submit(
            docs, defaults=defaults, sources=sources, dry_run=True, explain=waits
        )
        return list((await self._ask(call))["jobs"])

    async def jobs(self, **conditions: Any) -> Page:
        """Return one page of jobs, newest first; conditions as in ``calls.jobs``."""
        return Page(await self._ask(calls.jobs(**conditions)))

    async def all_jobs(self, **conditions: Any) -> AsyncIterator[Job]:
        """Return every job that fits, page by page, newest first."""
        cursor: str | None = None
        while True:
            given = {"limit": calls.PAGE_MAX, **conditions, "cursor": cursor}
            page = await self.jobs(**given)
            for job in page:
                yield job
            if not (cursor := page.next):
                return

    async def job(self, job: int, task: int | None = None) -> Job:
        """Return all that is known of a job, or of one task of an array."""
        return Job(await self._ask(calls.job(job, task)))

    async def tasks(self, job: int, **conditions: Any) -> Page:
        """Return one page of the tasks of *job*; conditions as in ``calls.tasks``."""
        return Page(await self._ask(calls.tasks(job, **conditions)))

    async def all_tasks(self, job: int, **conditions: Any) -> AsyncIterator[Job]:
        """Return every task of *job* that fits, in order."""
        cursor: str | None = None
        while True:
            given = {"limit": calls.PAGE_MAX, **conditions, "cursor": cursor}
            page = await self.tasks(job, **given)
            for task in page:
                yield task
            if not (cursor := page.next):
                return

    async def history(self, job: int, **conditions: Any) -> dict[str, Any]:
        """Return a page of what happened to *job*; conditions as in ``calls.history``."""
        return await self._ask(calls.history(job, **conditions))

    async def usage(self, **conditions: Any) -> dict[str, Any]:
        """Return one portion of what was used, added up; as ``calls.usage``."""
        return await self._ask(calls.usage(**conditions))

    async def series(self, job: int, **conditions: Any) -> dict[str, Any]:
        """Return what an attempt used over time; conditions as in ``calls.series``."""
        return await self._ask(calls.series(job, **conditions))

    async def errors(self, job: int) -> dict[str, Any]:
        """Return the failed tasks of *job*, grouped by what they have in common."""
        return await self._ask(calls.errors(job))

    async def why(self, job: int, task: int | None = None) -> dict[str, Any]:
        """Return why a job waits, or how it ended."""
        return await self._ask(calls.why(job, task))

    async def log(self, job: int, **conditions: Any) -> AsyncIterator[bytes]:
        """Return what an attempt wrote, piece by piece; conditions as in ``calls.log``."""
        async for piece in self._stream(calls.log(job, **conditions)):
            yield piece

    async def kill(
        self, *targets: int | str, grace_ms: int | None = None, wait: bool = True,
        requeue: bool = False,
    ) -> Any:  # fmt: skip
        """End jobs or tasks: TERM, after the grace KILL; *wait* until they are gone."""
        options: dict[str, Any] = {"wait": wait}
        if requeue:
            options["requeue"] = True
        if grace_ms is not None:
            options["grace_ms"] = grace_ms
        return await self._act("kill", targets, options=options, wait_s=None)

    async def hold(self, *targets: int | str) -> Any:
        """Keep waiting jobs or tasks from being placed."""
        return await self._act("hold", targets)

    async def release(self, *targets: int | str) -> Any:
        """Undo ``hold``."""
        return await self._act("release", targets)

    async def suspend(self, *targets: int | str) -> Any:
        """Let running jobs or tasks stand still; they keep what they hold."""
        return await self._act("suspend", targets)

    async def resume(self, *targets: int | str) -> Any:
        """Undo ``suspend``."""
        return await self._act("resume", targets)

    async def signal(self, *targets: int | str, signal: str) -> Any:
        """Send *signal*, such as USR1, to running jobs or tasks."""
        return await self._act("signal", targets, options={"signal": signal})

    async def rerun(self, *targets: int | str, **options: Any) -> Any:
        """Try ended jobs or tasks again, as a further attempt."""
        return await self._act("rerun", targets, options=options)

    async def edit(self, *targets: int | str, set: Mapping[str, Any]) -> Any:
        """Change keys of waiting jobs; *set* has the keys of a job file."""
        return await self._act("edit", targets, options={"set": dict(set)})

    async def nodes(self) -> list[Node]:
        """Return all nodes."""
        return [Node(row) for row in (await self._ask(calls.nodes()))["nodes"]]

    async def drain(self, *nodes: str, why: str = "", for_s: int | None = None) -> Any:
        """Let nodes take no new work, *for_s* seconds or for good; what runs goes on."""
        return await self._ask(calls.drained("drain", nodes, why=why, for_s=for_s))

    async def undrain(self, *nodes: str) -> Any:
        """Let drained nodes take work again."""
        return await self._ask(calls.drained("undrain", nodes))

    async def tokens(self) -> Any:
        """Return the tokens there are, without themselves."""
        return (await self._ask(calls.tokens()))["tokens"]

    async def create_token(self, **wanted: Any) -> Any:
        """Make a token; wanted as in ``calls.new_token``.  It is told this once."""
        return await self._ask(calls.new_token(**wanted))

    async def revoke(self, *ids: str) -> Any:
        """Let tokens open nothing any more."""
        return await self._ask(calls.revoked(ids))

    async def invite(self, **wanted: Any) -> Any:
        """Make an invitation for nodes; wanted as in ``calls.invited``."""
        return await self._ask(calls.invited(**wanted))

    async def join(self, secret: str, node: str) -> Any:
        """Exchange the secret of an invitation for a token of *node*'s agent."""
        return await self._ask(calls.joined(secret, node))

    async def pools(self) -> dict[str, Any]:
        """Return the pools and their pilots."""
        return await self._ask(calls.pools())

    async def pool_asked(self, verb: str, name: str, **keys: Any) -> Any:
        """Add, set, remove, drain or undrain a pool, or get its ``script``."""
        return await self._ask(calls.pool_asked(verb, name, keys=keys))

    async def pool_log(self, name: str, pilot: int | None = None) -> Any:
        """Return the commands run for a pool, or what a pilot wrote."""
        return await self._ask(calls.pool_log(name, pilot=pilot))

    async def stat(self) -> dict[str, Any]:
        """Return totals: usage, tasks by state, use by user."""
        return await self._ask(calls.stat())

    async def events(
        self, *, jobs: Sequence[int] = (), since: int | None = None, level: str = "task"
    ) -> AsyncIterator[Event]:
        """Return what happens, as it happens, until the server goes away."""
        stream = Events()
        call = calls.events(jobs=jobs, since=since, level=level)
        async for piece in self._stream(call):
            for event in stream.feed(piece):
                yield event

    async def wait(self, job: int, *, timeout_s: float | None = None) -> Job:
        """Return *job* once it has ended; a server that goes away is waited for, too.

        Raises:
            TimeoutError: *timeout_s* passed first.
            Missing: there is no such job.
            Unreachable: the server was away from the very first.
        """
        async with asyncio.timeout(timeout_s):
            known = Waited([job])
            await self._look(known)
            pause_s = 0.1
            while known.left:
                try:
                    await self._until_over(known, await self._look(known))
                    pause_s = 0.1
                except Unreachable:
                    await asyncio.sleep(pause_s)
                    pause_s = min(AWAY_S_MAX, pause_s * 2)
            return await self.job(job)

    async def _look(self, known: Waited) -> int | None:
        page = await self.jobs(ids=known.ids)
        known.look(page)
        if gone := known.missing():
            raise Missing(f"there is no job {gone[0]}")
        return page.seq

    async def _until_over(self, known: Waited, seq: int | None) -> None:
        if not known.left:
            return
        async for event in self.events(jobs=known.ids, since=seq, level="job"):
            if known.hear(event) and not known.left:
                return
        raise broke_off(self._line.address, OSError("it went away"))

    async def _act(
        self,
        verb: str,
        targets: Iterable[int | str],
        *,
        options: Mapping[str, Any] | None = None,
        wait_s: float | None = 60.0,
    ) -> Any:
        call = calls.asked(verb, targets, options=options, wait_s=wait_s)
        return (await self._ask(call))["jobs"]

    async def _ask(self, call: Call) -> dict[str, Any]:
        async with self._turn:
            answer = await self._line.send(call.because(self._because))
            body = await self._line.whole(answer)
        if answer.status >= 400:
            raise refusal(answer.status, body)
        return dict(json.loads(body))

    async def _stream(self, call: Call) -> AsyncIterator[bytes]:
        line = Line(self._line.address)
        try:
            answer = await line.send(call)
            if answer.status >= 400:
                raise refusal(answer.status, await line.whole(answer))
            while piece := await line.read(answer):
                yield piece
        finally:
            line.close()

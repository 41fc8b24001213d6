"""The client: one method for each verb of the API, blocking.

    client = Client()                          # this user's server; or Client("http://…")
    job = client.submit({"command": "make -j4", "cores": 4, "cwd": "/src"})[0]
    client.wait(job.id).is_ok

``rota.client.aio.AsyncClient`` has the same methods for asyncio.  Whatever goes wrong comes
as an error of ``rota.core.errors``: ``Refused`` (and what is below it), ``Unreachable``, …
A client is one connection: use one for each thread.
"""

from __future__ import annotations

import json

from rota.client import calls
from rota.client.connection import Connection
from rota.client.filing import FileVerbs
from rota.client.find import Address, find
from rota.client.http1 import Events
from rota.client.keeping import KeepingVerbs
from rota.client.ruling import RulingVerbs
from rota.client.views import Job, Node, Page, Submitted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any, Self

    from rota.client.calls import Call
    from rota.client.http1 import Answer, Event
    from rota.core.errors import RotaError


class Client(FileVerbs, RulingVerbs, KeepingVerbs):
    """See the head of the file.

    Args:
        server: its address, "unix:/path" or "http://host:port", or one found already;
                else that of *home*
        home:   the server's home; else ROTA_SERVER, ROTA_HOME and the usual place tell
        token:  shown over TCP; else ROTA_TOKEN_FILE's or the home's own
        why:    for the audit log, with all that this client changes
    """

    def __init__(
        self,
        server: str | Address | None = None,
        *,
        home: str | None = None,
        token: str | None = None,
        why: str = "",
    ) -> None:
        self._because = why
        if not isinstance(server, Address):
            server = find(server, home=home, token=token)
        self._line = Connection(server)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up; the next call connects again."""
        self._line.close()

    @property
    def address(self) -> str:
        """Where this client calls, for messages."""
        return str(self._line.address)

    def info(self) -> dict[str, Any]:
        """Return who the server is and how it is doing."""
        return self._ask(calls.info())

    def submit(
        self,
        *jobs: Mapping[str, Any],
        defaults: Mapping[str, Any] | None = None,
        sources: Sequence[Mapping[str, str]] | None = None,
        key: str | None = None,
    ) -> list[Submitted]:
        """Hand in *jobs*, all of them or none; see ``calls.submit``.

        Raises:
            Malformed: with everything that is wrong in ``complaints``.
        """
        jobs = self._with_files(jobs)
        call = calls.submit(jobs, defaults=defaults, sources=sources, key=key)
        return [Submitted(row) for row in self._ask(call)["jobs"]]

    def explain(
        self,
        *jobs: Mapping[str, Any],
        defaults: Mapping[str, Any] | None = None,
        sources: Sequence[Mapping[str, str]] | None = None,
        waits: bool = False,
    ) -> list[dict[str, Any]]:
        """Return what *jobs* would become; *waits*: and why they would wait."""
        jobs = self._with_files(jobs)
        call = calls.submit(
            jobs, defaults=defaults, sources=sources, dry_run=True, explain=waits
        )
        return list(self._ask(call)["jobs"])

    def jobs(self, **conditions: Any) -> Page:
        """Return one page of jobs, newest first; conditions as in ``calls.jobs``."""
        return Page(self._ask(calls.jobs(**conditions)))

    def all_jobs(self, **conditions: Any) -> Iterator[Job]:
        """Return every job that fits, page by page, newest first."""
        page = self.jobs(**{"limit": calls.PAGE_MAX, **conditions})
        yield from page
        while page.next:
            page = self.jobs(**{"limit": calls.PAGE_MAX, **conditions, "cursor": page.next})
            yield from page

    def job(self, job: int, task: int | None = None) -> Job:
        """Return all that is known of a job, or of one task of an array.

        Raises:
            Missing: there is no such job or task.
        """
        return Job(self._ask(calls.job(job, task)))

    def tasks(self, job: int, **conditions: Any) -> Page:
        """Return one page of the tasks of *job*; conditions as in ``calls.tasks``."""
        return Page(self._ask(calls.tasks(job, **conditions)))

    def all_tasks(self, job: int, **conditions: Any) -> Iterator[Job]:
        """Return every task of *job* that fits, in order."""
        page = self.tasks(job, **{"limit": calls.PAGE_MAX, **conditions})
        yield from page
        while page.next:
            page = self.tasks(
                job, **{"limit": calls.PAGE_MAX, **conditions, "cursor": page.next}
            )
            yield from page

    def history(self, job: int, **conditions: Any) -> dict[str, Any]:
        """Return a page of what happened to *job*; conditions as in ``calls.history``."""
        return self._ask(calls.history(job, **conditions))

    def usage(self, **conditions: Any) -> dict[str, Any]:
        """Return one portion of what was used, added up; as ``calls.usage``."""
        return self._ask(calls.usage(**conditions))

    def series(self, job: int, **conditions: Any) -> dict[str, Any]:
        """Return what an attempt used over time; conditions as in ``calls.series``."""
        return self._ask(calls.series(job, **conditions))

    def errors(self, job: int) -> dict[str, Any]:
        """Return the failed tasks of *job*, grouped by what they have in common."""
        return self._ask(calls.errors(job))

    def why(self, job: int, task: int | None = None) -> dict[str, Any]:
        """Return why a job waits, or how it ended."""
        return self._ask(calls.why(job, task))

    def log(self, job: int, **conditions: Any) -> Log:
        """Return what an attempt wrote, to be read piece by piece; see ``calls.log``.

        With ``follow`` the pieces come as they are written, until the attempt is over.
        """
        line = Connection(self._line.address)
        return Log(line, self._checked(line, calls.log(job, **conditions)))

    def kill(
        self, *targets: int | str, grace_ms: int | None = None, wait: bool = True,
        requeue: bool = False,
    ) -> Any:  # fmt: skip
        """End jobs or tasks: TERM, then KILL after the grace; *wait* until they are gone.

        With *requeue* what runs waits again then, as a further attempt.

        Shapes:
            returns: [{id, task, result: "killed" | "killing" | …}, …]
        """
        options: dict[str, Any] = {"wait": wait}
        if requeue:
            options["requeue"] = True
        if grace_ms is not None:
            options["grace_ms"] = grace_ms
        return self._act("kill", targets, options=options, wait_s=None)

    def hold(self, *targets: int | str) -> Any:
        """Keep waiting jobs or tasks from being placed; returns as ``kill`` does."""
        return self._act("hold", targets)

    def release(self, *targets: int | str) -> Any:
        """Undo ``hold``."""
        return self._act("release", targets)

    def suspend(self, *targets: int | str) -> Any:
        """Let running jobs or tasks stand still; they keep what they hold."""
        return self._act("suspend", targets)

    def resume(self, *targets: int | str) -> Any:
        """Undo ``suspend``."""
        return self._act("resume", targets)

    def signal(self, *targets: int | str, signal: str) -> Any:
        """Send *signal*, such as USR1, to running jobs or tasks."""
        return self._act("signal", targets, options={"signal": signal})

    def rerun(self, *targets: int | str, **options: Any) -> Any:
        """Try ended jobs or tasks again, as a further attempt.

        Shapes:
            options: all; signature, a number or key of ``errors``; memory, time: "x2"
        """
        return self._act("rerun", targets, options=options)

    def edit(self, *targets: int | str, set: Mapping[str, Any]) -> Any:
        """Change keys of waiting jobs; *set* has the keys of a job file."""
        return self._act("edit", targets, options={"set": dict(set)})

    def nodes(self) -> list[Node]:
        """Return all nodes."""
        return [Node(row) for row in self._ask(calls.nodes())["nodes"]]

    def drain(self, *nodes: str, why: str = "", for_s: int | None = None) -> Any:
        """Let nodes take no new work, *for_s* seconds or for good; what runs goes on."""
        return self._ask(calls.drained("drain", nodes, why=why, for_s=for_s))

    def undrain(self, *nodes: str) -> Any:
        """Let drained nodes take work again."""
        return self._ask(calls.drained("undrain", nodes))

    def tokens(self) -> Any:
        """Return the tokens there are, without themselves."""
        return self._ask(calls.tokens())["tokens"]

    def create_token(self, **wanted: Any) -> Any:
        """Make a token; wanted as in ``calls.new_token``.  It is told this once."""
        return self._ask(calls.new_token(**wanted))

    def revoke(self, *ids: str) -> Any:
        """Let tokens open nothing any more."""
        return self._ask(calls.revoked(ids))

    def invite(self, **wanted: Any) -> Any:
        """Make an invitation for nodes; wanted as in ``calls.invited``."""
        return self._ask(calls.invited(**wanted))

    def join(self, secret: str, node: str) -> Any:
        """Exchange the secret of an invitation for a token of *node*'s agent."""
        return self._ask(calls.joined(secret, node))

    def pools(self) -> dict[str, Any]:
        """Return the pools and their pilots."""
        return self._ask(calls.pools())

    def pool_asked(self, verb: str, name: str, **keys: Any) -> Any:
        """Add, set, remove, drain or undrain a pool, or get its ``script``."""
        return self._ask(calls.pool_asked(verb, name, keys=keys))

    def pool_log(self, name: str, *, pilot: int | None = None) -> Any:
        """Return the commands run for a pool, or what one of its pilots wrote."""
        return self._ask(calls.pool_log(name, pilot=pilot))

    def stat(self) -> dict[str, Any]:
        """Return totals: usage, tasks by state, use by user."""
        return self._ask(calls.stat())

    def events(
        self, *, jobs: Sequence[int] = (), since: int | None = None, level: str = "task"
    ) -> Iterator[Event]:
        """Return what happens, as it happens, until the server goes away.

        Raises:
            Unreachable: it went away; go on with ``since`` = the last event's id.
        """
        for event in self.watch(jobs=jobs, since=since, level=level, beat_s=3600.0):
            if event is not None:
                yield event

    def watch(
        self,
        *,
        jobs: Sequence[int] = (),
        since: int | None = None,
        level: str = "job",
        beat_s: float = 1.0,
        bind: bool = False,
    ) -> Iterator[Event | None]:
        """Return events as ``events`` does, and None when *beat_s* passed without one."""
        line = Connection(self._line.address)
        call = calls.events(jobs=jobs, since=since, level=level, bind=bind)
        try:
            answer = self._checked(line, call)
            stream = Events()
            while not answer.done:
                piece = line.poll(answer, beat_s)
                if piece is None:
                    yield None
                else:
                    yield from stream.feed(piece)
        finally:
            line.close()

    def wait(self, job: int, *, timeout_s: float | None = None) -> Job:
        """Return *job* once it has ended.

        Raises:
            TimeoutError: *timeout_s* passed first.
        """
        from rota.client.waiting import wait_for

        return wait_for(self, [job], timeout_s=timeout_s)[job]

    def _act(
        self,
        verb: str,
        targets: Iterable[int | str],
        *,
        options: Mapping[str, Any] | None = None,
        wait_s: float | None = 60.0,
    ) -> Any:
        return self._ask(calls.asked(verb, targets, options=options, wait_s=wait_s))["jobs"]

    def _ask(self, call: Call) -> dict[str, Any]:
        answer = self._checked(self._line, call)
        return dict(json.loads(_whole(self._line, answer)))

    def _checked(self, line: Connection, call: Call) -> Answer:
        answer = line.send(call.because(self._because))
        if answer.status >= 400:
            raise refusal(answer.status, _whole(line, answer))
        return answer


class Log:
    """What an attempt wrote, as it comes in.

    Shapes:
        attempt: which it is;  offset: of the first byte;  size: what there was at first
    """

    def __init__(self, line: Connection, answer: Answer) -> None:
        self._line, self._answer = line, answer
        self.attempt = int(answer.headers.get("x-rota-attempt", "0"))
        self.offset = int(answer.headers.get("x-rota-offset", "0"))
        self.size = int(answer.headers.get("x-rota-size", "0"))

    def __iter__(self) -> Iterator[bytes]:
        try:
            while piece := self._line.read(self._answer):
                yield piece
        finally:
            self.close()

    def close(self) -> None:
        """Stop reading."""
        self._line.close()


def refusal(status: int, body: bytes) -> RotaError:
    """Return the error that an answer with *status* ≥ 400 stands for."""
    from rota.core.errors import from_dict

    try:
        told = json.loads(body)
    except ValueError:
        told = {}
    if not isinstance(told, dict) or "error" not in told:
        text = body[:200].decode("utf-8", "replace").strip()
        told = {"error": f"the server answered {status} {text}".strip()}
    return from_dict(told, status)


def _whole(line: Connection, answer: Answer) -> bytes:
    pieces = []
    while piece := line.read(answer):
        pieces.append(piece)
    return b"".join(pieces)

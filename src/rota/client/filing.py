"""The verbs about files, of both clients: what is fetched, put, typed, and stored.

Client(FileVerbs)                 moves files itself, piece by piece
AsyncClient(AsyncFileVerbs)       has a thread move them: disks know no other way
"""

from __future__ import annotations

from rota.client import calls

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from rota.client.calls import Call
    from rota.client.find import Address

FILE_KEYS = ("inputs", "freeze")
"""Keys of a job whose files are stored before it is submitted."""


class FileVerbs:
    """Needs of its class a line, and how to ask."""

    _line: Any
    _ask: Callable[[Call], dict[str, Any]]
    told: Callable[[int, int], None] | None = None
    """Called while files are moved, with (bytes moved, bytes in all)."""

    @property
    def line_address(self) -> Address:
        """Where this client calls, for further connections."""
        address: Address = self._line.address
        return address

    def ask(self, call: Call) -> dict[str, Any]:
        """Return what the server answers to *call*."""
        return self._ask(call)

    def files(self, job: int, **conditions: Any) -> dict[str, Any]:
        """Return which outputs of an attempt are stored; see ``calls.files``."""
        return self._ask(calls.files(job, **conditions))

    def fetch(
        self,
        job: int,
        *patterns: str,
        to: str = ".",
        task: int | None = None,
        attempt: int | None = None,
        force: bool = False,
    ) -> list[str]:
        """Bring the outputs of a job here; of a running one, what it has made so far.

        Shapes:
            patterns: which of them; none: all
            returns:  paths below *to* of what was not there already

        Raises:
            Conflict: other files of these names are there, and not *force*;
            Missing: nothing is stored, or nothing of that name.
        """
        from rota.client.fetching import fetch

        return fetch(self, job, patterns, to=to, task=task, attempt=attempt, force=force)

    def put(self, job: int, *rules: str, task: int | None = None) -> dict[str, Any]:
        """Lay files into the working folder of a running job; *rules* as in ``inputs``."""
        from rota.client.fetching import put

        return put(self, job, rules, task=task)

    def type(self, job: int, data: bytes = b"", **rest: Any) -> dict[str, Any]:
        """Type *data* to a running job; see ``typed.typed``."""
        from rota.client.typed import typed

        return self._ask(typed(job, data, **rest))

    def send(
        self, job: int, data: bytes, *, task: int | None = None, end: bool = False
    ) -> int:
        """Have a running job read *data*, and then the end if *end*; return its attempt.

        Returns once the node has it all; it waits there for a job that reads slowly.

        Raises:
            Conflict: it does not run, was not handed in with ``stdin: open``, or does not
                read any more.
        """
        from rota.client.sending import Sender

        return Sender(self, job, task=task).send(data, end=end)

    def clean(self, **conditions: Any) -> dict[str, Any]:
        """Throw away own stored files of jobs over for long; see ``calls.clean``."""
        return self._ask(calls.clean(**conditions))

    def _with_files(self, jobs: Sequence[Mapping[str, Any]]) -> Any:
        """Return *jobs* with the files they name stored; most name none."""
        if not any(key in job for job in jobs for key in FILE_KEYS):
            return jobs
        from rota.client.moving import stored

        return stored(self._line.address, jobs, told=self.told)


class AsyncFileVerbs:
    """The same for asyncio."""

    _line: Any
    _ask: Any

    async def files(self, job: int, **conditions: Any) -> dict[str, Any]:
        """Return which outputs of an attempt are stored; see ``calls.files``."""
        found: dict[str, Any] = await self._ask(calls.files(job, **conditions))
        return found

    async def fetch(
        self,
        job: int,
        *patterns: str,
        to: str = ".",
        task: int | None = None,
        attempt: int | None = None,
        force: bool = False,
    ) -> list[str]:
        """Bring the outputs of a job here; see ``FileVerbs.fetch``."""
        found: list[str] = await self._blocking(
            lambda client: client.fetch(
                job, *patterns, to=to, task=task, attempt=attempt, force=force
            )
        )
        return found

    async def put(self, job: int, *rules: str, task: int | None = None) -> dict[str, Any]:
        """Lay files into the working folder of a running job; *rules* as in ``inputs``."""
        told: dict[str, Any] = await self._blocking(
            lambda client: client.put(job, *rules, task=task)
        )
        return told

    async def type(self, job: int, data: bytes = b"", **rest: Any) -> dict[str, Any]:
        """Type *data* to a running job; see ``typed.typed``."""
        from rota.client.typed import typed

        told: dict[str, Any] = await self._ask(typed(job, data, **rest))
        return told

    async def send(
        self, job: int, data: bytes, *, task: int | None = None, end: bool = False
    ) -> int:
        """Have a running job read *data*; see ``FileVerbs.send``."""
        attempt: int = await self._blocking(
            lambda client: client.send(job, data, task=task, end=end)
        )
        return attempt

    async def clean(self, **conditions: Any) -> dict[str, Any]:
        """Throw away own stored files of jobs over for long; see ``calls.clean``."""
        told: dict[str, Any] = await self._ask(calls.clean(**conditions))
        return told

    async def _with_files(self, jobs: Sequence[Mapping[str, Any]]) -> Any:
        if not any(key in job for job in jobs for key in FILE_KEYS):
            return jobs
        import asyncio

        from rota.client.moving import stored

        return await asyncio.to_thread(stored, self._line.address, jobs)

    async def _blocking(self, act: Callable[[Any], Any]) -> Any:
        """Have *act* done in a thread, with a client of its own."""
        import asyncio

        from rota.client.http import Client

        def work() -> Any:
            with Client(self._line.address) as client:
                return act(client)

        return await asyncio.to_thread(work)

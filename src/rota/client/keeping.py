"""Looking after the store, of both clients: a copy of it brought here, and is it whole?

Client(KeepingVerbs)         writes the copy itself, piece by piece
AsyncClient(…Keeping…)       has a thread write it
"""

from __future__ import annotations

import os

from rota.client.calls import Call

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def copied() -> Call:
    """Ask for a copy of the store, of one instant."""
    return Call("GET", "/store/copy", again=False, wait_s=None)


def checked() -> Call:
    """Ask what is wrong with the store."""
    return Call("POST", "/store/check", wait_s=None)


class KeepingVerbs:
    """Needs of its class a line, and how to ask."""

    _line: Any
    _ask: Callable[[Call], dict[str, Any]]
    _checked: Any

    def backup(self, path: str) -> int:
        """Write a copy of the store, of one instant, to *path*; return its bytes.

        It is on disk when this returns, whole or not there, and for its owner alone.

        Raises:
            Conflict: there is something at *path*;  NotAllowed: one is no administrator.
            Unreachable: the server went away in the middle.
        """
        from rota.client.connection import Connection

        draft = f"{path}.{os.getpid()}.part"
        line = Connection(self._line.address)
        try:
            with _made(draft, path) as file:
                answer = self._checked(line, copied())
                while piece := line.read(answer):
                    file.write(piece)
                size = _whole(file.tell(), answer.headers.get("x-rota-size"))
                file.flush()
                os.fsync(file.fileno())
            _put(draft, path)
        finally:
            line.close()
            if os.path.exists(draft):
                os.unlink(draft)
        return size

    def check_store(self) -> list[str]:
        """Return what is wrong with what is stored, a sentence each; may take minutes."""
        return list(self._ask(checked())["problems"])


class AsyncKeepingVerbs:
    """The same for asyncio."""

    _ask: Any
    _blocking: Any

    async def backup(self, path: str) -> int:
        """Write a copy of the store to *path*; see ``KeepingVerbs.backup``."""
        size: int = await self._blocking(lambda client: client.backup(path))
        return size

    async def check_store(self) -> list[str]:
        """Return what is wrong with what is stored, a sentence each; may take minutes."""
        return list((await self._ask(checked()))["problems"])


def _made(draft: str, path: str) -> Any:
    from rota.core.errors import Conflict, Missing

    if os.path.lexists(path):
        raise Conflict(f"{path} exists already; a backup never overwrites a file")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise Missing(f"cannot write {path}: {error.strerror}") from None
    return os.fdopen(handle, "wb")


def _whole(size: int, told: str | None) -> int:
    from rota.core.errors import Unreachable

    if told is None or size != int(told):
        raise Unreachable(f"only {size} bytes of {told or 'unknown'} came; try again")
    return size


def _put(draft: str, path: str) -> None:
    from rota.core.errors import Conflict

    try:
        os.link(draft, path)  # unlike a rename, it never replaces
    except FileExistsError:
        raise Conflict(f"{path} exists already; a backup never overwrites a file") from None
    folder = os.open(os.path.dirname(path) or ".", os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)

"""Questions to the whole memory that take seconds: answered by a copy, beside the loop.

    loop ──fork──┬── goes on at once: jobs start, end, are submitted
                 └── the same memory, as it stood at that instant: looks, tells, is gone
                     ╰── the answer as JSON ──pipe──→ a thread, then whoever asked

The copy shares its pages with the server until one of them changes something, so it costs
a page table, however many jobs there are.  It holds no file but its pipe, and what it does
to its memory nobody sees.  Small memories are asked where they are.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import resource
import signal
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn, TypeVar

import msgspec

from rota.core.errors import Broken, Refused
from rota.engine.state import Memory

LARGE = 5000
"""So many jobs, nodes and allocations together are too many to look at in the loop."""

LIMIT_S = 60.0
FRESH: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

T = TypeVar("T")


@dataclass(slots=True)
class Aside:
    """See the head of the file; one question at a time, the others wait for their turn."""

    limit_s: float = LIMIT_S
    large: int = LARGE
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def ask(self, memory: Memory, look: Callable[[], T], *, answer: Any) -> T:
        """Return what *look*, which may change nothing but *memory*, says of it.

        Shapes:
            answer: the type of what it returns, as msgspec reads it

        Raises:
            Refused: it takes too long, or the system has no room for a copy.
        """
        size = len(memory.jobs) + len(memory.nodes) + len(memory.allocs)
        if size < self.large:
            return look()
        async with self._turn:
            told = await self._by_copy(look)
        return msgspec.json.decode(told, type=answer)  # type: ignore[no-any-return]

    async def _by_copy(self, look: Callable[[], object]) -> bytes:
        reading, writing = os.pipe()
        try:
            pid = _fork()
        except OSError as error:
            os.close(reading)
            os.close(writing)
            raise Refused(f"no room to look into it now: {error.strerror}") from error
        if not pid:
            _tell(writing, look)
        os.close(writing)
        collecting = asyncio.create_task(asyncio.to_thread(_collected, reading, pid))
        try:
            async with asyncio.timeout(self.limit_s):
                return await asyncio.shield(collecting)
        except TimeoutError:
            text = f"looking into it takes more than {self.limit_s:.0f} s"
            raise Refused(f"{text}; ask again when less is waiting") from None
        finally:
            if not collecting.done():
                os.kill(pid, signal.SIGKILL)  # It is ours until the thread has reaped it.
                with contextlib.suppress(Broken):
                    await collecting


def _fork() -> int:
    # The copy has but the thread that asked, which holds no lock that it needs.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _tell(writing: int, look: Callable[[], object]) -> NoReturn:
    """Be the copy: look, tell, and end without cleaning up what is the server's."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        for number in FRESH:
            signal.signal(number, signal.SIG_DFL)
        gc.disable()  # It would touch, and so copy, every page there is.
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        os.closerange(3, writing)
        os.closerange(writing + 1, most)
        told = msgspec.json.encode(look())
        code = 0
    except BaseException:  # noqa: BLE001  # Nobody above: it is told in the server.
        told = traceback.format_exc().encode()
    with contextlib.suppress(OSError), os.fdopen(writing, "wb") as pipe:
        pipe.write(told)
    os._exit(code)


def _collected(reading: int, pid: int) -> bytes:
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    _, status = os.waitpid(pid, 0)
    if status:
        code = os.waitstatus_to_exitcode(status)
        raise Broken(f"a copy of the server ended with {code}: {told.decode()[-2000:]}")
    return told

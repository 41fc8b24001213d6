"""What a shepherd must not forget, on disk: one JSON list a line, only ever appended.

    ["boot", boot_id, shepherd_pid, at]        a shepherd started on this journal
    ["run", alloc, job, [[task, n], …]]        accepted: may start from now on
    ["go", job, task, n, tag, boot_ms]         the very next thing is to start it (G10)
    ["pid", job, task, n, pid, at]             it runs
    ["exit", {finished}, plan]                 it ended, and its outputs are on their way
    ["end", {finished or declined}]            how it ended, word for word (G11)
    ["forget", [[job, task, n], …]]            the server has it
    ["seen", [[job, task, n], …]]              the highest attempt numbers (G07)

What is appended survives ``kill -9`` of everything; what was also synced survives a power
cut.  Space is reserved ahead, so that a full disk refuses new work but never an end: the
file is longer than its text, and the text stops at the first zero byte.
"""

from __future__ import annotations

import errno
import json
import os
import threading
from _queue import SimpleQueue
from typing import Any, Callable, Iterable, List, Optional, Tuple

from rota.agent.clock import note
from rota.agent.reactor import Reactor

AHEAD = 256 << 10
"""Bytes reserved ahead of the text; enough for the ends of a thousand attempts."""

_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Journal:
    """An open journal; the one writer holds the lock of its folder."""

    def __init__(self, path: str, reactor: Reactor, *, end: int) -> None:
        """Go on writing at *end*, as ``read`` found it."""
        self.path = path
        self._reactor = reactor
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._at = end
        self._reserved = end
        self._buffer: List[str] = []
        self._waiting: List[Callable[[], None]] = []
        self._syncing = False
        self._acts: List[Callable[[], None]] = []
        self._is_broken = False
        self._orders: "SimpleQueue[Optional[int]]" = SimpleQueue()
        self._thread = threading.Thread(target=self._sync_for_ever, daemon=True)
        self._thread.start()
        os.ftruncate(self._fd, end)
        self.trouble: Optional[str] = None
        self.reserve()

    @property
    def size(self) -> int:
        """Bytes of text written so far."""
        return self._at

    def reserve(self) -> bool:
        """Return whether there is room for new work, and keep some for its end."""
        if self._reserved - self._at < AHEAD // 2:
            try:
                os.posix_fallocate(self._fd, self._reserved, AHEAD)
            except OSError as error:
                self.trouble = f"{self.path}: {error.strerror}"
                return False
            self._reserved += AHEAD
        if not self._is_broken:
            self.trouble = None
        return not self._is_broken

    def append(self, *record: Any) -> None:
        """Add *record*; it is in the kernel's hands after the next ``write``."""
        self._buffer.append(_dumps(record))

    def append_go(self, ref: Tuple[int, int, int], *, tag: int, boot_ms: int) -> None:
        """Add the record that an attempt is about to start."""
        job, task, n = ref
        self._buffer.append(f'["go",{job},{task},{n},{tag},{boot_ms}]')

    def append_pid(self, ref: Tuple[int, int, int], *, pid: int, at: int) -> None:
        """Add the record that an attempt runs."""
        job, task, n = ref
        self._buffer.append(f'["pid",{job},{task},{n},{pid},{at}]')

    def append_end(self, message: str) -> None:
        """Add the record that says how an attempt ended; *message* is JSON already."""
        self._buffer.append(f'["end",{message}]')

    def write(self) -> None:
        """Hand over what was appended: from now on it survives our own death."""
        if not self._buffer:
            return
        data = ("\n".join(self._buffer) + "\n").encode("utf-8", "surrogatepass")
        self._buffer.clear()
        self.reserve()
        try:
            while data:
                done = os.pwrite(self._fd, data, self._at)
                self._at += done
                data = data[done:]
        except OSError as error:
            self._failed(error)

    def synced(self, act: Callable[[], None]) -> None:
        """Have *act* called when all that was appended so far is on the disk itself.

        The loop goes on meanwhile; many calls share one sync.
        """
        self._waiting.append(act)
        self._sync()

    def rewrite(self, records: Iterable[Tuple[Any, ...]]) -> None:
        """Replace the journal by *records*, all or nothing (G03)."""
        self.write()
        text = "".join(_dumps(record) + "\n" for record in records)
        data = text.encode("utf-8", "surrogatepass")
        try:
            fd = _written(self.path + ".new", data)
            os.rename(self.path + ".new", self.path)
            _sync_folder(os.path.dirname(self.path))
        except OSError as error:
            # The old one is still whole; there may be room later.
            self._failed(error)
            return
        old, self._fd = self._fd, fd
        self._at, self._reserved = len(data), len(data) + AHEAD
        self._orders.put(-old - 1)

    def close(self) -> None:
        """Write and sync what is left, and let go."""
        self.write()
        self._orders.put(None)
        self._thread.join()
        os.ftruncate(self._fd, self._at)
        os.fdatasync(self._fd)
        os.close(self._fd)

    def _sync(self) -> None:
        if self._syncing or not self._waiting:
            return
        self.write()
        acts, self._waiting = self._waiting, []
        self._syncing = True
        self._acts = acts
        self._orders.put(self._fd)

    def _sync_for_ever(self) -> None:
        while True:
            order = self._orders.get()
            if order is None:
                return
            if order < 0:
                # Behind every sync that was ordered for it.
                os.close(-order - 1)
                continue
            failure: Optional[OSError] = None
            try:
                os.fdatasync(order)
            except OSError as error:
                failure = error
            self._reactor.post(lambda failure=failure: self._done(failure))  # type: ignore[misc]

    def _done(self, failure: Optional[OSError]) -> None:
        self._syncing = False
        if failure is not None:
            self._failed(failure)
        acts, self._acts = self._acts, []
        for act in acts:
            act()
        self._sync()

    def _failed(self, error: OSError) -> None:
        # Ends are still reported: what the kernel said is true without a disk as well.
        # New work is refused as long as there is trouble.
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        what = "no space left" if full else error.strerror
        self._is_broken = self._is_broken or not full
        self.trouble = f"{self.path}: {what}"
        note(f"journal {self.trouble}")


def read(path: str) -> Tuple[List[List[Any]], int, int]:
    """Return what is in the journal at *path*: (records, where its text ends, bad lines).

    A line torn by a crash is the last one and is cut off; garbage is left out and counted.
    """
    try:
        with open(path, "rb") as source:
            text = source.read()
    except FileNotFoundError:
        return [], 0, 0
    text = text.split(b"\0", 1)[0]
    end = text.rfind(b"\n") + 1
    records: List[List[Any]] = []
    bad = 0
    for line in text[:end].splitlines():
        record = _record(line)
        if record is None:
            bad += 1
        else:
            records.append(record)
    return records, end, bad


def _record(line: bytes) -> Optional[List[Any]]:
    try:
        record = json.loads(line.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError):
        return None
    if isinstance(record, list) and record and isinstance(record[0], str):
        return record
    return None


def _written(path: str, data: bytes) -> int:
    """Return a descriptor of a new file at *path* that holds *data*, on the disk itself."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        os.posix_fallocate(fd, 0, len(data) + AHEAD)
        written = 0
        while written < len(data):
            written += os.pwrite(fd, data[written:], written)
        os.fsync(fd)
    except BaseException:
        os.close(fd)
        raise
    return fd


def _sync_folder(folder: str) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)

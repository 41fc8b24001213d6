"""The faults, one by one: each breaks a part of a field for a while and heals it again.

CELLS[part, fault](field) → a context: broken within, healing afterwards
NO_CELL[part, fault]      → why there is none
"""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from tests.matrix.field import Field, fill
from tests.server.running import until

PARTS = ("server", "agent", "shepherd", "link", "disk", "clock", "store", "node", "memory")
FAULTS = ("kill", "stop", "slow", "partition", "full", "jump", "corrupt", "reboot")

STEP_S = 0.03
"""A slow part runs for so long, then stands still for nine times as long."""

Fault = Callable[[Field], AbstractContextManager[None]]


def _killed(*parts: str) -> Fault:
    @contextmanager
    def cell(field: Field) -> Iterator[None]:
        field.kill(field.of(*parts))
        yield
        if "far agent" in parts:
            field.start_far()
        field.up()

    return cell


def _stopped(*parts: str) -> Fault:
    @contextmanager
    def cell(field: Field) -> Iterator[None]:
        with field.stopped(*parts):
            yield

    return cell


def _slowed(*parts: str) -> Fault:
    @contextmanager
    def cell(field: Field) -> Iterator[None]:
        pids, over = field.of(*parts), threading.Event()

        def tick() -> None:
            while not over.is_set():
                field.kill(pids, signal.SIGSTOP)
                over.wait(9 * STEP_S)
                field.kill(pids, signal.SIGCONT)
                over.wait(STEP_S)

        thread = threading.Thread(target=tick)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    return cell


def _linked(mode: str) -> Fault:
    @contextmanager
    def cell(field: Field) -> Iterator[None]:
        field.proxy.set(mode)
        try:
            yield
        finally:
            field.proxy.set("open")

    return cell


@contextmanager
def _partitioned(field: Field) -> Iterator[None]:
    """Deaf on one side, then on the other, then nothing at all gets through."""
    over = threading.Event()
    modes = ("deaf up", "deaf down", "cut")

    def turn() -> None:
        for mode in modes:
            field.proxy.set(mode)
            over.wait(1.0)

    thread = threading.Thread(target=turn)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        field.proxy.set("open")


def _filled(which: Callable[[Field], Path]) -> Fault:
    @contextmanager
    def cell(field: Field) -> Iterator[None]:
        rubbish = fill(which(field))
        try:
            yield
        finally:
            rubbish.unlink()

    return cell


@contextmanager
def _rebooted(field: Field) -> Iterator[None]:
    """All that ran on the far machine is gone, and its kernel is another start of it."""
    far = [pid for pid in field.of("jobs") if _is_in_namespace_of(pid, field)]
    field.kill(field.of("far agent", "far shepherd") + far)
    yield
    field.new_boot()
    field.start_far()


@contextmanager
def _powered_off(field: Field) -> Iterator[None]:
    """The near machine with all that runs on it, the server too, stops at once."""
    near = [pid for pid in field.of("jobs") if not _is_in_namespace_of(pid, field)]
    field.kill(field.of("server", "agent", "shepherd") + near)
    yield
    field.up()


@contextmanager
def _asleep(field: Field) -> Iterator[None]:
    """The far machine sleeps: its jobs, their shepherd and the agent stand still."""
    far = [pid for pid in field.of("jobs") if _is_in_namespace_of(pid, field)]
    pids = far + field.of("far agent", "far shepherd")
    field.kill(pids, signal.SIGSTOP)
    try:
        yield
    finally:
        field.kill(pids, signal.SIGCONT)


def _is_in_namespace_of(pid: int, field: Field) -> bool:
    """Whether *pid* runs on the far machine."""
    with suppress(OSError):
        return os.readlink(f"/proc/{pid}/ns/mnt") != os.readlink("/proc/self/ns/mnt")
    return False


@contextmanager
def _corrupted(field: Field) -> Iterator[None]:
    """Pages of the database are garbage: refused by name, and restored from a backup."""
    field.kill(field.of("server", "agent"))
    database = field.near.home / "rota.db"
    kept = field.folder / "backup.db"
    kept.unlink(missing_ok=True)
    with sqlite3.connect(database) as source, sqlite3.connect(kept) as copy:
        source.backup(copy)
    source.close()
    copy.close()
    with database.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(8 * 4096))
    yield
    done = field.near.rota("up", "--detach", *field.near.words)
    assert done.returncode, "a damaged database was taken for a sound one"
    assert "rota.db" in done.stderr, done.stderr
    for left in database.parent.glob("rota.db*"):
        left.unlink()
    shutil.move(kept, database)
    field.up()


@contextmanager
def _garbled_journal(field: Field) -> Iterator[None]:
    """The far shepherd dies, and in its journal there is garbage."""
    field.kill(field.of("far agent", "far shepherd"))
    (journal, *_) = sorted((field.far_disk / "home").glob("shepherds/*/journal"))
    text = journal.read_bytes().rstrip(b"\0")
    journal.write_bytes(
        text + b'["end",{"t":"fini\xff\xfe' + os.urandom(300) + b"\n[1,2]\n"
    )
    yield
    field.start_far()


@contextmanager
def _out_of_memory(field: Field) -> Iterator[None]:
    """A job eats more than it asked for; it is ended for that, and nobody else is."""
    greedy = "import time; x = bytearray(200 << 20); time.sleep(60)"
    with field.client() as client:
        argv = ["python3", "-c", greedy]
        doc = {"argv": argv, "memory": "64MB", "cwd": "/", "name": "greedy"}
        job = client.submit(doc)[0].id
        yield
        ended = client.wait(job, timeout_s=60)
        assert ended.raw["reason"]["code"] == "oom", ended.raw["reason"]


@contextmanager
def _jumped(field: Field) -> Iterator[None]:
    """Every wall clock goes a day ahead, then two back; see ``Field.clock``."""
    field.clock.write_text("86400")
    yield
    field.clock.write_text("-86400")
    until(lambda: field.client().nodes())
    field.clock.write_text("0")


CELLS: Mapping[tuple[str, str], Fault] = {
    ("server", "kill"): _killed("server"),
    ("server", "stop"): _stopped("server"),
    ("server", "slow"): _slowed("server"),
    ("agent", "kill"): _killed("agent", "far agent"),
    ("agent", "stop"): _stopped("agent", "far agent"),
    ("agent", "slow"): _slowed("agent", "far agent"),
    ("shepherd", "kill"): _killed("shepherd", "far shepherd"),
    ("shepherd", "stop"): _stopped("shepherd", "far shepherd"),
    ("shepherd", "slow"): _slowed("shepherd", "far shepherd"),
    ("link", "kill"): _linked("cut"),
    ("link", "stop"): _linked("hold"),
    ("link", "slow"): _linked("slow"),
    ("link", "partition"): _partitioned,
    ("link", "corrupt"): _linked("garble"),
    ("disk", "full"): _filled(lambda field: field.disk),
    ("disk", "corrupt"): _garbled_journal,
    ("clock", "jump"): _jumped,
    ("store", "corrupt"): _corrupted,
    ("node", "kill"): _powered_off,
    ("node", "stop"): _asleep,
    ("node", "full"): _filled(lambda field: field.far_disk),
    ("node", "reboot"): _rebooted,
    ("memory", "full"): _out_of_memory,
}

_PROCESS = "a process has none: what it needs is broken in the other rows"
_ELSEWHERE = {
    ("link", "full"): "a full link is a slow one",
    ("link", "jump"): "a link has no clock",
    ("link", "reboot"): "what a restarted switch does is kill",
    ("disk", "kill"): "a disk that is gone stops the server: tests/store/test_room.py",
    ("disk", "stop"): "needs a disk of its own that can be stopped; not made here",
    ("disk", "slow"): "needs a disk of its own that can be slowed; not made here",
    ("disk", "partition"): "a disk elsewhere is a store elsewhere",
    ("disk", "jump"): "a disk has no clock",
    ("disk", "reboot"): "is node, reboot",
    ("store", "full"): "is disk, full",
    ("store", "jump"): "the store's clock is not asked",
    ("store", "reboot"): "is store, kill",
    ("node", "slow"): "is agent, slow",
    ("node", "partition"): "is link, partition",
    ("node", "jump"): "is clock, jump",
    ("node", "corrupt"): "is disk, corrupt",
}

ON_POSTGRES: Mapping[tuple[str, str], str] = {
    ("store", "kill"): "tests/store/test_postgres.py",
    ("store", "stop"): "tests/server/test_leader.py",
    ("store", "slow"): "is store, stop, for less long",
    ("store", "partition"): "tests/store/test_postgres.py",
}
"""What needs a database server of its own, and where it is tested."""


def why_none(part: str, fault: str) -> str | None:
    """Return why there is no such cell, or None if there is."""
    if (part, fault) in CELLS:
        return None
    if found := ON_POSTGRES.get((part, fault)) or _ELSEWHERE.get((part, fault)):
        return found
    if part in ("clock", "memory"):
        return f"{part} does not {fault}"
    return _PROCESS

"""A shepherd's folder: its lock, journal and socket; and a shepherd put to work in it.

    HOME/shepherds/ID/   lock      flocked while a shepherd lives here
                         journal   what it must not forget
                         sock      where agents attach
                         log       what went wrong

A shepherd that starts in a folder takes over what the one before it has left.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from typing import List, Optional

from rota.agent import journal as journals
from rota.agent import spawn
from rota.agent.accounts import OWN, Account
from rota.agent.book import replayed
from rota.agent.clock import boot_id, note, wall_ms
from rota.agent.folders import Folders
from rota.agent.journal import Journal
from rota.agent.lines import listen
from rota.agent.orphans import Orphans
from rota.agent.reactor import Reactor
from rota.agent.reaper import become_subreaper
from rota.agent.reports import Reports
from rota.agent.shepherd import LINGER_MS, Parts, Shepherd
from rota.agent.slots import Slots
from rota.agent.stages import Stages
from rota.agent.strips import Strips

READY = b"ready\n"
TAKEN = 3
"""Exit code of a shepherd that finds another one in its folder."""


def main(folder: str, linger_ms: int = LINGER_MS) -> int:
    """Be the shepherd of *folder*; say READY on standard output once it can be reached."""
    lock = take_lock(os.path.join(folder, "lock"))
    if lock is None:
        return TAKEN
    os.chdir("/")
    become_subreaper()
    parts = _parts(folder)
    shepherd = Shepherd(parts, linger_ms=linger_ms)
    os.write(1, READY)
    os.dup2(2, 1)
    shepherd.run()
    parts.listener.close()
    if shepherd.is_retired and parts.book.is_settled:
        parts.journal.close()
        _remove(folder)
    else:
        shepherd.compact()
        parts.journal.close()
    parts.strips.close()
    return 0


def take_lock(path: str) -> Optional[int]:
    """Return a descriptor that holds the lock at *path*, or None: somebody else does."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    os.ftruncate(fd, 0)
    os.write(fd, f"{os.getpid()}\n".encode())
    return fd


def is_taken(folder: str) -> bool:
    """Does a shepherd live in *folder*?"""
    flags = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        fd = os.open(os.path.join(folder, "lock"), flags)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def folders_of(home: str) -> List[str]:
    """Return the folders of all shepherds of *home*, living or not, the newest last."""
    place = os.path.join(home, "shepherds")
    if not os.path.isdir(place):
        return []
    paths = [os.path.join(place, name) for name in sorted(os.listdir(place))]
    return [path for path in paths if os.path.isdir(path)]


def start(folder: str, linger_ms: int, account: Account = OWN) -> "subprocess.Popen[bytes]":
    """Start a shepherd in *folder*: in a session of its own, to outlive whoever started it.

    It runs as *account*.  Its standard output says READY, or ends.

    Raises:
        OSError: its folder or its program is not there for that account.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
    with account.entered():
        path = os.path.join(folder, "log")
        errors = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
    try:
        return subprocess.Popen(
            _command(folder, linger_ms),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd="/",
            start_new_session=True,
            **account.popen(),
        )
    finally:
        os.close(errors)


def _command(folder: str, linger_ms: int) -> List[str]:
    """Return the command that starts a shepherd in *folder*, from this very code.

    Without ``site`` it starts in half the time and lives in less memory; all it needs is
    where this package, or the one file it travels as, lies.
    """
    package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from rota.agent.fold import main; "
        "sys.exit(main(sys.argv[2], int(sys.argv[3])))"
    )
    return [sys.executable, "-S", "-E", "-c", code, package, folder, str(linger_ms)]


def _parts(folder: str) -> Parts:
    home = os.path.dirname(os.path.dirname(folder))
    path = os.path.join(folder, "journal")
    records, end, torn = journals.read(path)
    past, bad = replayed(records)
    if torn or bad:
        note(f"{path}: {torn + bad} lines make no sense and are left out")
    boot = boot_id()
    # After a reboot nothing is left; the server sees it by the boot id (G18).
    orphans = Orphans(past.open.values() if past.boot == boot else ())
    reactor = Reactor()
    journal = Journal(path, reactor, end=end)
    journal.append("boot", boot, os.getpid(), wall_ms())
    journal.write()
    reports = Reports(reactor=reactor, book=past.book, journal=journal)
    folders = Folders(home)
    stages = Stages(reactor, home=home, tell=reports.phase)
    exits = list(past.exits.values()) if past.boot == boot else []
    strips = Strips(
        reactor=reactor,
        book=past.book,
        journal=journal,
        folders=folders,
        slots=Slots(folders.tmp, os.path.basename(folder)),
        tag_base=spawn.tag_base(folder, boot),
        told=reports,
        stages=stages,
    )
    listener = listen(folder)
    return Parts(
        reactor, listener, folders, past.book, journal, orphans, reports, strips, stages,
        exits,
    )  # fmt: skip


def _remove(folder: str) -> None:
    for name in os.listdir(folder):
        os.unlink(os.path.join(folder, name))
    os.rmdir(folder)

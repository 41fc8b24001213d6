"""``rota spool DIR``: run what is dropped into QM's four folders, until told to stop.

DIR/QM_qJobs ──▶ QM_Jobs ──▶ QM_dJobs, QM_lost+found        DIR/QMserv.cfg, if it is there
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import sys
import time

from rota.faces import terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable

    from rota.client.http import Client
    from rota.faces.spool.folders import Folders
    from rota.faces.spool.watch import Watch
    from rota.formats.qm import Settings

LOOK_S, AWAY_S = 1.0, 2.0
SETTINGS, LOCK = "QMserv.cfg", ".rota-spool.lock"

EPILOG = """\
  rota spool /data/qm          go on until Ctrl-C; jobs live on
  rota spool /data/qm --once   until all that lies there is over
Copy a job folder into QM_qJobs: it is taken when it has not changed for --settle, or at
once when it was called fit.part or .fit while it was copied. To cancel it, move it out.
"""


def options(parser: ArgumentParser) -> None:
    """Say what ``spool`` takes."""
    add = parser.add_argument
    add("folder", metavar="DIR", help="where the four folders are, or are to be made")
    add("--once", action="store_true", help="end when all that lies there is over")
    add("--settle", metavar="TIME", default="3s",
        help="how long a folder must rest before it is taken [3s]")  # fmt: skip
    add("--settings", metavar="FILE", help="another file than DIR/QMserv.cfg")


def run(args: Namespace) -> int:
    """Watch the folders."""
    from rota.core.errors import Malformed
    from rota.core.units import parse_duration
    from rota.faces.connect import client_of
    from rota.faces.spool.watch import Watch

    try:
        settle_s = parse_duration(args.settle) / 1000
    except ValueError as error:
        raise Malformed(f"--settle: {error}") from None
    settings = _settings(args)
    client = client_of(args)
    folders = _folders(args.folder)
    held = _lock(folders)
    try:
        watch = Watch(client, folders, settings, settle_s=settle_s, tell=_tell(args.json))
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        return _loop(
            watch, client, once=args.once, pause_s=min(LOOK_S, max(0.05, settle_s))
        )
    except KeyboardInterrupt:
        terminal.say("stopped; what runs goes on, and the next rota spool takes it up")
        return 0
    finally:
        os.close(held)


def _loop(watch: Watch, client: Client, *, once: bool, pause_s: float) -> int:
    from rota.core.errors import Unreachable

    client.info()
    away = False
    while True:
        try:
            busy = watch.look(time.monotonic())
            if away:
                terminal.say("the server is back")
            away = False
        except Unreachable as error:
            if not away:
                terminal.say(terminal.clean(error.sentence))
            away = busy = True
            time.sleep(AWAY_S)
        if once and not busy:
            return 0
        time.sleep(pause_s)


def _settings(args: Namespace) -> Settings:
    from rota.core.errors import Malformed
    from rota.formats.qm import Settings, read_settings

    path = args.settings or os.path.join(args.folder, SETTINGS)
    try:
        with open(path, encoding="utf-8") as file:
            return read_settings(file.read(), where=path)
    except FileNotFoundError:
        if args.settings:
            raise Malformed(f"there is no file {path}") from None
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        raise Malformed(f"{path} cannot be read: {error}") from None


def _folders(path: str) -> Folders:
    from rota.core.errors import Malformed
    from rota.faces.spool.folders import Folders

    if not os.path.isdir(path):
        raise Malformed(f"there is no folder {path}; make it first, its nodes must see it")
    try:
        return Folders(path)
    except OSError as error:
        raise Malformed(f"{path} cannot hold the four folders: {error.strerror}") from None


def _lock(folders: Folders) -> int:
    """Hold the folders for this process alone, for as long as it lives."""
    from rota.core.errors import Conflict

    held = os.open(folders.path(LOCK), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(held)
        raise Conflict(f"another rota spool watches {folders.root}") from None
    return held


def _tell(as_json: bool) -> Callable[[str], None]:
    def tell(text: str) -> None:
        name, _, what = text.partition(": ")
        if as_json:
            terminal.out(
                json.dumps({"schema": "rota.spooled/1", "name": name, "told": what})
            )
        else:
            terminal.out(terminal.clean(text))
        sys.stdout.flush()

    return tell

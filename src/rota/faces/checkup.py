"""What ``rota doctor`` looks at: one function for each question, each with its remedy.

home ──▶ permissions, disk, fsync, leftovers      server ──▶ clock, nodes, channels, disk
this machine ──▶ SQLite, cgroups                  config.yaml ──▶ what is wrong with it
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from rota.core.errors import Malformed, RotaError
from rota.core.units import show_size
from rota.faces.homes import is_served

FREE_MIN, FREE_WISHED = 100 << 20, 1 << 30
FSYNC_MS_MAX = 50.0
FSYNCS = 5
CLOCK_S_MAX = 5.0
SQLITE_MIN = (3, 35, 0)

OK, WARN, BAD = "ok", "warn", "bad"


class Finding(NamedTuple):
    """One answer.  ``remedy``: what to do, "" when all is well."""

    check: str
    verdict: str
    says: str
    remedy: str = ""


View = Mapping[str, Any]


def of_machine() -> Iterator[Finding]:
    """Yield what is to be said about this machine."""
    version = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info < SQLITE_MIN:
        yield Finding("sqlite", BAD, f"SQLite {version} is too old", "take a newer Python")
    else:
        yield Finding("sqlite", OK, f"SQLite {version}")
    yield _cgroups()


def of_home(home: str) -> Iterator[Finding]:
    """Yield what is to be said about *home*; writes a small file there, and removes it."""
    try:
        mode = stat.S_IMODE(os.stat(home).st_mode)
    except FileNotFoundError:
        yield Finding("home", WARN, f"there is no {home} yet", "rota up --detach makes it")
        return
    if mode & 0o077:
        yield Finding(
            "home", BAD, f"others may read {home} (mode {mode:03o})", f"chmod 700 {home}"
        )
    else:
        yield Finding("home", OK, f"{home}, for its owner alone")
    yield _disk(home)
    yield _fsync(home)
    yield _leftovers(home)
    yield _config(os.path.join(home, "config.yaml"))


def of_server(ask: Callable[[], tuple[View, View, list[View]]]) -> Iterator[Finding]:
    """Yield what is to be said about a server.

    Args:
        ask: returns what the server says of itself, its totals, and its nodes
    """
    began = time.monotonic()
    try:
        info, total, nodes = ask()
    except RotaError as error:
        yield Finding("server", BAD, error.sentence, "rota up --detach")
        return
    took = (time.monotonic() - began) * 1000
    says = f"{info['version']} at {info['url']}, three answers in {took:.0f} ms"
    yield Finding("server", OK, says)
    yield _clock(str(info["at"]), time.time())
    if info["is_full"]:
        yield Finding("store", BAD, "no new work is taken", "make room on the disk")
    yield from _nodes(nodes)
    for channel in total["channels"]:
        name = f"channel {channel['name']}"
        if channel["error"]:
            says = f"{channel['waiting']} notices wait: {channel['error']}"
            yield Finding(name, BAD, says, "see notify: in config.yaml")
        else:
            yield Finding(name, OK, f"{channel['sent']} notices sent")


def of_store(check: Callable[[], list[str]]) -> Finding:
    """Return whether every row of the store is as it should be.

    Args:
        check: returns what is wrong with it, a sentence each
    """
    try:
        problems = check()
    except RotaError as error:
        return Finding("rows", BAD, error.sentence)
    if problems:
        more = f" … and {len(problems) - 3} more" if len(problems) > 3 else ""
        remedy = "rota down, and lay a backup into the home: docs/how-to/backup.md"
        return Finding("rows", BAD, "; ".join(problems[:3]) + more, remedy)
    return Finding("rows", OK, "every page and every row of the store is whole")


def _clock(theirs: str, ours: float) -> Finding:
    apart = abs(datetime.fromisoformat(theirs).timestamp() - ours)
    if apart > CLOCK_S_MAX:
        says = f"the server's and this machine's are {apart:.0f} s apart"
        return Finding("clock", WARN, says, "let NTP keep both")
    return Finding("clock", OK, f"as the server's, within {apart:.1f} s")


def _nodes(nodes: list[View]) -> Iterator[Finding]:
    if not nodes:
        remedy = "rota up starts an agent here; rota invite brings other machines"
        yield Finding("nodes", BAD, "there are none: nothing can run", remedy)
    for node in nodes:
        name, state = f"node {node['name']}", str(node["state"])
        if state == "up":
            yield Finding(name, OK, f"up, {node['cores']} cores")
            continue
        why = str((node.get("reason") or {}).get("text") or state)
        remedies = {
            "drained": f"rota undrain {node['name']}, when it may work again",
            "unreachable": "look whether its agent runs, and into its agent.log",
        }
        yield Finding(name, WARN, why, remedies.get(state, "see agent.log on the node"))


def _disk(home: str) -> Finding:
    free = shutil.disk_usage(home).free
    says = f"{show_size(free)} free at {home}"
    if free < FREE_MIN:
        return Finding("disk", BAD, says, "make room: no new work is taken on a full disk")
    if free < FREE_WISHED:
        return Finding("disk", WARN, says, "rota clean lets old files of jobs go")
    return Finding("disk", OK, says)


def _fsync(home: str) -> Finding:
    path = os.path.join(home, f".doctor.{os.getpid()}")
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        return Finding("fsync", BAD, f"cannot write to {home}: {error.strerror}")
    try:
        began = time.monotonic()
        for _ in range(FSYNCS):
            os.write(handle, b"x" * 4096)
            os.fsync(handle)
        each = (time.monotonic() - began) * 1000 / FSYNCS
    finally:
        os.close(handle)
        os.unlink(path)
    says = f"a write is safe on disk after {each:.1f} ms"
    if each > FSYNC_MS_MAX:
        remedy = "every submit waits for one: put the home on a faster, local disk"
        return Finding("fsync", WARN, says, remedy)
    return Finding("fsync", OK, says)


def _leftovers(home: str) -> Finding:
    if is_served(home):
        return Finding("leftovers", OK, "a server holds the home")
    found = [n for n in ("server.json", "rota.sock") if os.path.exists(f"{home}/{n}")]
    if found:
        says = f"{', '.join(found)} of a server that died"
        return Finding("leftovers", WARN, says, "harmless: the next rota up replaces them")
    return Finding("leftovers", OK, "none, and no server here")


def _config(path: str) -> Finding:
    from rota.formats.settings import read_settings

    try:
        with open(path, encoding="utf-8") as file:
            read_settings(file.read(), where=path)
    except FileNotFoundError:
        return Finding("config", OK, "no config.yaml: the built-in rules hold")
    except (OSError, UnicodeDecodeError) as error:
        return Finding("config", BAD, f"cannot read {path}: {error}")
    except Malformed as error:
        remedy = f"rota config --check {path} lists all that is wrong"
        return Finding("config", BAD, error.sentence, remedy)
    return Finding("config", OK, path)


def _cgroups() -> Finding:
    # What may be made is found by making it, as the agent does; it is asked as a program.
    code = "from rota.agent.cage import kind_of_cages; print(kind_of_cages())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    if done.returncode:
        return Finding("cgroups", WARN, f"not to be seen: {done.stderr.strip()[-200:]}")
    if (kind := done.stdout.strip()) != "none":
        return Finding("cgroups", OK, f"the kernel keeps memory limits, by cgroup {kind}")
    remedy = "memory is watched by measuring; systemd-run --user --scope -p Delegate=yes"
    return Finding("cgroups", WARN, "none may be made here", f"{remedy} gives them")

"""``rota down``: stop server and agent; running jobs live on, unless they are to be ended.

TERM to the server ──→ it stops its agent, closes its database, ends
--kill-jobs: then every attempt left on this node is ended and journaled as such, so
             that the next server learns the truth and nothing starts in between
"""

from __future__ import annotations

import os
import subprocess
import sys

from rota.client.find import home_of
from rota.faces import terminal
from rota.faces.homes import NODE, is_served, stop
from rota.faces.joined import Membership, memberships

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

STOP_S = 60.0
SSH_NODES = "ssh-nodes.json"


def options(parser: ArgumentParser) -> None:
    """Say what ``down`` takes."""
    parser.add_argument("--kill-jobs", action="store_true", help="end running jobs, too")


def run(args: Namespace) -> int:
    """Stop server and agent."""
    home = home_of(args.home)
    was_up = is_served(home)
    running = _running(home) if was_up else None
    if was_up and not stop(home, wait_s=STOP_S):
        from rota.core.errors import Broken

        raise Broken(f"the server of {home} is still there after {STOP_S:.0f} s")
    ended = _end_memberships(home)
    if args.kill_jobs or not was_up:
        _end_ssh_nodes(home, kill=args.kill_jobs)
    if args.kill_jobs:
        for node in (os.path.join(home, NODE), *(f"{one.path}/{NODE}" for one in ended)):
            _kill_jobs(node)
    if args.json:
        doc = {"home": home, "was_up": was_up, "running": running or 0}
        joined = [one.url for one in ended]
        terminal.show_json("down", {**doc, "killed": bool(args.kill_jobs), "left": joined})
        return 0
    for one in ended:
        where = one.url.partition("#")[0]
        terminal.out(f"node {one.name} of {where} has left; rota join brings it back")
    if was_up or not ended:
        terminal.out("stopped" if was_up else f"no server was up in {home}")
    told = _about_jobs(running, killed=args.kill_jobs)
    if told:
        terminal.say(told)
    return 0


def _end_memberships(home: str) -> list[Membership]:
    """End the agents by which this machine is a node of servers elsewhere."""
    ended = [one for one in memberships(home) if one.is_running()]
    for one in ended:
        if not one.stop(wait_s=STOP_S):
            from rota.core.errors import Broken

            raise Broken(f"the agent of {one.path} is still there after {STOP_S:.0f} s")
    return ended


def _running(home: str) -> int | None:
    """Return how many tasks run; None when the server does not say."""
    from rota.client.http import Client
    from rota.core.errors import RotaError

    try:
        with Client(home=home) as client:
            counts = client.info()["counts"]
    except RotaError:
        return None
    return sum(int(counts.get(state, 0)) for state in ("placed", "running", "suspended"))


def _end_ssh_nodes(home: str, *, kill: bool) -> None:
    """End agents that were started by ssh, where no server can do it (any more)."""
    if not os.path.exists(os.path.join(home, SSH_NODES)):
        return
    command = [sys.executable, "-m", "rota.launch", "--home", home]
    words = [*command, "--kill-jobs"] if kill else command
    if subprocess.run(words, stdin=subprocess.DEVNULL, check=False).returncode:
        from rota.core.errors import Broken

        raise Broken(f"not all ssh nodes could be told to end: {' '.join(words)}")


def _kill_jobs(node: str) -> None:
    if not os.path.isdir(node):
        return
    command = [sys.executable, "-m", "rota.agent", "--home", node, "--kill-jobs"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        from rota.core.errors import Broken

        raise Broken(f"jobs may still run: {' '.join(command)} gave {done.returncode}")


def _about_jobs(running: int | None, *, killed: bool) -> str:
    from rota.faces.tables import counted

    if running == 0:
        return "no job was running"
    if killed:
        return "all running jobs were ended"
    if running is None:
        return ""
    verb, whom = ("runs", "it") if running == 1 else ("run", "them")
    return f"{counted(running, 'task')} {verb} on; rota up takes {whom} up again"

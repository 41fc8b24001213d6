"""``rota join``: this machine becomes a node of a server on another one.

    rota join TOKEN ──secret──▶ server ──the agent's own token──▶ HOME/joined/SERVER/
                                                                   address  token  node/
    rota join            starts again what this home joined before, after a reboot say

The agent comes back by itself after any break of the line, for ever; rota down ends it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

from rota.client.find import home_of
from rota.faces import terminal
from rota.faces.joined import LOG, Membership, memberships
from rota.faces.options import count, size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from typing import Any

    from rota.wire.invitation import Invitation

READY_S = 20.0

EPILOG = """\
On the server's machine:   rota up --listen 0.0.0.0:8400 --detach;  rota invite
On this one:               rota join rota1-…   (--detach: in the background)
rota down ends the agent; what it runs goes on, and rota join takes it up again.
"""


def options(parser: ArgumentParser) -> None:
    """Say what ``join`` takes."""
    add = parser.add_argument
    add("token", nargs="*", help="what rota invite printed; none: as before")
    add("--detach", action="store_true", help="leave the agent running and return")
    add("--name", metavar="NAME", help="what to call this node [its host name]")
    add("--cores", type=count, metavar="N", help="how many cores it offers [all]")
    add("--memory", type=size, metavar="SIZE", help="how much memory it offers [all]")
    add("--gpus", metavar="IDS", help="gpus that it offers, 0,1 [all]")
    add("--label", action="append", default=[], metavar="WORD", help="a label of the node")
    add("--probe", action="append", default=[], metavar="COMMAND",
        help="a shell line that must end with 0 for the node to take work")  # fmt: skip
    add("--require", action="append", default=[], metavar="WORD",
        help="a label that a job must ask for")  # fmt: skip
    add("--resource", action="append", default=[], metavar="NAME=N",
        help="something else that it offers")  # fmt: skip


def run(args: Namespace) -> int:
    """Join a server, and be its agent."""
    home = home_of(args.home)
    known = memberships(home)
    if args.token:
        mine = [_join(home, "".join(args.token), args)]
    elif known:
        mine = known
    else:
        from rota.core.errors import Malformed

        raise Malformed(
            f"{home} has joined no server yet; rota join TOKEN does, "
            "and rota invite on the server's machine prints the token"
        )
    if not args.detach and len(mine) == 1:
        return _become(mine[0])
    for one in mine:
        _start(one)
    if args.json:
        rows = [{"server": one.url, "node": one.name, "home": one.path} for one in mine]
        terminal.show_json("joined", {"joined": rows})
    return 0


def _join(home: str, word: str, args: Namespace) -> Membership:
    from rota.wire.invitation import from_text

    invitation = from_text(word)
    name = args.name or os.uname().nodename
    url, told = _exchanged(invitation, name)
    one = Membership(os.path.join(home, "joined", str(told["server"])))
    if one.is_running():
        from rota.core.errors import Conflict

        raise Conflict(f"an agent of {one.url} runs here already; rota down ends it")
    labels = [*told["labels"], *args.label]
    one.write(url, str(told["token"]), _agent_options(name, labels, args))
    return one


def _exchanged(invitation: Invitation, name: str) -> tuple[str, Any]:
    """Return the address that answered, and what it said."""
    from rota.client.http import Client
    from rota.core.errors import Unreachable

    failed = []
    for url in invitation.urls:
        try:
            with Client(url, token="none") as client:
                return url, client.join(invitation.secret, name)
        except Unreachable as error:
            failed.append(error.sentence)
    raise Unreachable(
        "the server of this invitation cannot be reached from here: "
        + "; ".join(failed)
        + "; rota invite --address HOST:PORT names another way to it"
    )


def _agent_options(name: str, labels: list[str], args: Namespace) -> list[str]:
    words = ["--name", name]
    for option in ("cores", "memory", "gpus"):
        value = getattr(args, option)
        if value is not None:
            words += [f"--{option}", str(value)]
    for option, values in (("label", labels), ("require", args.require),
                           ("resource", args.resource), ("probe", args.probe)):  # fmt: skip
        for value in values:
            words += [f"--{option}", value]
    return words


def _become(one: Membership) -> int:
    terminal.say(f"node {one.name} of {one.url}; Ctrl-C ends the agent, not its jobs")
    sys.stdout.flush()
    os.execv(sys.executable, one.command())


def _start(one: Membership) -> None:
    """Start the agent in the background, and wait until the server has welcomed it."""
    path = os.path.join(one.path, LOG)
    with open(path, "ab", opener=_private) as log:
        start = log.tell()
        agent = subprocess.Popen(
            one.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
            start_new_session=True,
        )  # fmt: skip
    said = _until_welcome(agent, path, start)
    if "connected to" not in said:
        from rota.core.errors import Unreachable

        last = terminal.clean(said.strip().rpartition("\n")[2]) or "nothing"
        raise Unreachable(
            f"the agent was not welcomed by {one.url} within {READY_S:.0f} s; it said: "
            f"{last}; see {path}"
        )
    terminal.out(f"node    {one.name}  (process {agent.pid})")
    terminal.out(f"server  {one.url.partition('#')[0]}")
    terminal.out(f"home    {one.path}")


def _until_welcome(agent: subprocess.Popen[bytes], path: str, start: int) -> str:
    deadline, said = time.monotonic() + READY_S, ""
    while time.monotonic() < deadline:
        with open(path, "rb") as log:
            log.seek(start)
            said = log.read().decode("utf-8", "replace")
        if "connected to" in said or agent.poll() is not None:
            break
        time.sleep(0.05)
    return said


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)

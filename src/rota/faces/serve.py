"""``rota serve``, ``rota agent``, ``rota migrate-store``: become the program itself.

What they take is declared here for help and completion; it is handed on as it is, and
``rota.server`` and ``rota.agent`` have the last word on it.
"""

from __future__ import annotations

import os
import sys

from rota.client.find import home_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable
    from typing import Any

HANDS_ON = True
PROGRAMS = {
    "serve": "rota.server",
    "agent": "rota.agent",
    "migrate-store": "rota.server.migrating",
}
OF_A_HOME = ("serve", "migrate-store")


def options(parser: ArgumentParser) -> None:
    """Say what each of the programs takes."""
    TAKES[parser.get_default("verb")](parser.add_argument)


def _serve(add: Callable[..., Any]) -> None:
    add("--listen", metavar="HOST:PORT", help="where on TCP [127.0.0.1, a free port]")
    add("--no-tcp", action="store_true", help="only the unix socket in the home")
    add("--cluster", metavar="FILE", help="machines to start agents on by ssh")
    add("--cert", metavar="FILE", help="the site's own certificate")
    add("--key", metavar="FILE", help="its key [in the same file]")
    add("--config", metavar="FILE", help="queues, limits … [config.yaml in the home]")
    add("--database", metavar="URL", help="where to keep the queue [SQLite in the home]")
    add("--blobs", metavar="PLACE",
        help="where to keep files of jobs: a folder, or s3://… [in the home]")  # fmt: skip


def _agent(add: Callable[..., Any]) -> None:
    add("--token-file", metavar="FILE", help="the file with the agents' token")
    add("--name", metavar="NAME", help="what to call this node [its host name]")
    add("--cores", metavar="N", help="how many cores to offer [all]")
    add("--memory", metavar="SIZE", help="how much memory to offer [all]")
    add("--probe", metavar="COMMAND", help="must end with 0 for it to take work")
    add("--label", metavar="WORD", help="a label of the node, may be repeated")
    add("--resource", metavar="NAME=N", help="something else to offer, may be repeated")
    add("--as-users", action="store_true", help="jobs run as who handed them in (root)")
    add("--uid-min", metavar="UID", help="with --as-users: users from this id on [1000]")


def _migrate(add: Callable[..., Any]) -> None:
    add("--from", metavar="PLACE", help="where the queue is: a home, or postgresql://…")
    add("--to", metavar="PLACE", help="where it goes [what is not named is the home]")


TAKES = {"serve": _serve, "agent": _agent, "migrate-store": _migrate}


def run(args: Namespace) -> int:
    """Become the program; what it is told comes after the verb, as it was written."""
    words = list(args.words)
    if args.verb in OF_A_HOME and not any(w.partition("=")[0] == "--home" for w in words):
        words = ["--home", home_of(), *words]
    command = [sys.executable, "-m", PROGRAMS[args.verb], *words]
    sys.stdout.flush()
    os.execv(sys.executable, command)

"""``rota shell``: an interactive shell on a node, with the cores and memory it asks for.

rota shell --cores 4 --memory 8GB   ─→  a job on a terminal  ─→  this terminal
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

TAKES_COMMAND = True

EPILOG = """\
  rota shell                          your own shell, on one core
  rota shell --cores 4 --memory 8GB   with more; it waits until there is room
  rota shell --gpus 1 -- python3      something else to talk to
Ctrl-A d detaches: the shell lives on, and `rota attach` comes back to it.
"""


def options(parser: ArgumentParser) -> None:
    """Say what ``shell`` takes: what ``run`` does."""
    from rota.faces import run as running

    running.options(parser)


def run(args: Namespace) -> int:
    """Open a shell."""
    from rota.faces import run as running

    runs = {"--command", "--script"} & {name for name, _ in args.given}
    if args.rest is None and not runs:
        args.rest = [os.environ.get("SHELL") or "/bin/sh"]
        if not any(name == "--name" for name, _ in args.given):
            args.given = [("--name", "shell"), *args.given]
    args.pty = True
    return running.run(args)

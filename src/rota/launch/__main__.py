"""``python -m rota.launch --home HOME [--kill-jobs]``: end agents that were started by ssh.

``rota down`` runs it where a server is gone and could not do so itself: what was started
where stands in HOME/ssh-nodes.json.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from rota.launch.driver import Driver
from rota.launch.kept import Kept, read_kept
from rota.launch.ssh import leave, trouble


def main() -> int:
    """Do what the command line says; return the exit code."""
    found = argparse.ArgumentParser("python -m rota.launch", description=__doc__)
    found.add_argument("--home", type=Path, required=True)
    found.add_argument("--kill-jobs", action="store_true")
    asked = found.parse_args()
    return asyncio.run(_leave_all(read_kept(asked.home), kill=asked.kill_jobs))


async def _leave_all(kept: list[Kept], *, kill: bool) -> int:
    driver = Driver()
    commands = [leave(one.node, one.at, ssh=one.ssh, kill=kill) for one in kept]
    outputs = await asyncio.gather(*(driver.run(command) for command in commands))
    code = 0
    for one, output in zip(kept, outputs, strict=True):
        if output.code == 1:
            print(f"{one.node.name}: jobs run on there", file=sys.stderr)
        elif output.code != 0:
            print(f"{one.node.name}: {trouble(output).sentence}", file=sys.stderr)
            code = 1
    return code


if __name__ == "__main__":
    sys.exit(main())

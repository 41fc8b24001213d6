"""Programs without a server of ours: xargs, GNU parallel, task-spooler."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable

from speak import SLOTS, serve


def piped(*words: str) -> Callable[[int], None]:
    """Return what has *words* read so many lines, each an argument of /bin/true."""

    def run(jobs: int) -> None:
        lines = "".join(f"{number}\n" for number in range(jobs))
        subprocess.run(words, input=lines, text=True, check=True)

    return run


def spooled(jobs: int) -> None:
    """Hand in one by one, as its users do, and wait until none is left."""
    for _ in range(jobs):
        subprocess.run(["tsp", "-n", "/bin/true"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["tsp", "-w"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["tsp", "-C"], check=True)


def main(kind: str) -> None:
    """Serve *kind*."""
    if kind == "xargs":
        serve(piped("xargs", "-P", str(SLOTS), "-n", "1", "/bin/true"))
    elif kind == "parallel":
        serve(piped("parallel", "-j", str(SLOTS), "/bin/true"))
    else:
        with tempfile.TemporaryDirectory() as folder:
            os.environ |= {
                "TS_SOCKET": f"{folder}/socket",
                "TS_SAVELIST": "",
                "TMPDIR": folder,
            }
            os.environ["TS_SLOTS"] = str(SLOTS)
            serve(spooled)
            subprocess.run(["tsp", "-K"], check=False)


if __name__ == "__main__":
    main(sys.argv[1])

"""How a peer speaks with the bench: "ready", then for each number read, "done"."""

from __future__ import annotations

import sys
from collections.abc import Callable

SLOTS = 2


def serve(run: Callable[[int], None]) -> None:
    """Warm up, then run as many jobs as each line of standard input says."""
    run(20)
    print("ready", flush=True)
    for line in sys.stdin:
        run(int(line))
        print("done", flush=True)

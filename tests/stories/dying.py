"""A move of a queue that is killed right after a step of it.

python -m tests.stories.dying take|say WORDS OF rota.server.migrating
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from rota.server import migrating
from rota.store import places


def killed_after(step: Callable[..., Any]) -> Callable[..., Any]:
    """Return *step*, after which the program is gone."""

    def last(*args: Any, **options: Any) -> None:
        step(*args, **options)
        os.kill(os.getpid(), signal.SIGKILL)

    return last


if __name__ == "__main__":
    for kind in (places.FilePlace, places.ServerPlace):
        setattr(kind, sys.argv[1], killed_after(getattr(kind, sys.argv[1])))
    sys.exit(migrating.main(sys.argv[2:]))

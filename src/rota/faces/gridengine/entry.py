"""One door for Grid Engine's commands; errors in its words.

shim "qsub" ──▶ main("qsub") ──▶ its module's run(words, site) → exit code
"""

from __future__ import annotations

import sys

from rota.faces.foreign import Site, tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = ("qsub", "qstat", "qdel", "qacct")
AWAY = "error: unable to contact qmaster: {why}"


def main(
    command: str, words: Sequence[str] | None = None, *,
    home: str | None = None, server: str | None = None,
) -> int:  # fmt: skip
    """Run *command* with *words*, the process's own when None; return the exit code."""
    from importlib import import_module

    from rota.core.errors import RotaError, Unreachable

    site = Site(command, home=home, server=server)
    given = list(sys.argv[1:] if words is None else words)
    try:
        return int(import_module(f"rota.faces.gridengine.{command}").run(given, site))
    except Unreachable as error:
        tell(AWAY.format(why=error.sentence))
    except RotaError as error:
        if command == "qsub":
            tell(f"Unable to run job: {error.sentence}.\nExiting.")
        else:
            tell(f"error: {error.sentence}")
    except KeyboardInterrupt:
        return 130
    return 1

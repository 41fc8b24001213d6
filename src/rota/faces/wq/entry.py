"""The door of ``wq``: which of its commands was called, and errors as it tells them.

shim "wq" ──▶ main("wq") ──▶ COMMANDS[word] → its module's function(words, site) → code
"""

from __future__ import annotations

import sys

from rota.faces.foreign import Site, tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS: dict[str, tuple[str, str, str]] = {
    # command: (module, what it takes, what it does)
    "sub": ("sub", "[-r REQ] (-b FILE… | -c COMMAND | FILE)", "run jobs, here or alone"),
    "ls": ("listing", "[-f] [-u USER,USER]", "list jobs; -f in full, as YAML"),
    "stat": ("listing", "", "show how busy the nodes are"),
    "users": ("listing", "", "show what users run, and their limits"),
    "user": ("listing", "NAME", "show one of them"),
    "limit": ("acting", '"run: N; cores: M" | clear', "how to limit oneself"),
    "refresh": ("acting", "", "nothing: jobs are looked at all the time"),
    "rm": ("acting", "JOB… | all", "end jobs"),
    "node": ("acting", 'NAME… "status: offline|online"', "let nodes take no work"),
    "serve": ("acting", "DESCRIPTION", "start a server for the machines described"),
}  # fmt: skip


def main(
    command: str, words: Sequence[str] | None = None, *,
    home: str | None = None, server: str | None = None,
) -> int:  # fmt: skip
    """Run ``wq`` with *words*, the process's own when None; return the exit code."""
    from importlib import import_module

    from rota.core.errors import RotaError

    site = Site(command, home=home, server=server)
    left = list(sys.argv[1:] if words is None else words)
    if left[:1] == ["-p"]:
        # Its port: the server of a shim is known without.
        del left[:2]
    name = left.pop(0) if left else ""
    if name not in COMMANDS:
        usage()
        return 0 if name in ("-h", "--help") else 1
    if left[:1] in (["-h"], ["--help"]):
        print(f"usage: wq {name} {COMMANDS[name][1]}")
        return 0
    try:
        module = import_module(f"rota.faces.wq.{COMMANDS[name][0]}")
        return int(getattr(module, name)(left, site))
    except RotaError as error:
        tell(f"wq: {error.sentence}")
        return error.exit_code
    except KeyboardInterrupt:
        return 130


def usage() -> None:
    """Print what there is."""
    print("usage: wq [-p PORT] COMMAND …")
    for name, (_, takes, does) in COMMANDS.items():
        print(f"  wq {name + ' ' + takes:<44} {does}".rstrip())

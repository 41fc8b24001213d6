"""One door for all of Slurm's commands: which was called, and errors in Slurm's words.

    shim "squeue" ──▶ main("squeue", words, site) ──▶ its module's run(words, site) → code

Only the module of the command that was called is imported: these commands are called by
the thousand, and a Python that imports little starts quickly.
"""

from __future__ import annotations

import os
import sys
import time

from rota.faces.foreign import Site, tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from rota.core.errors import RotaError

VERSION = "slurm-wlm 22.05.8"
COMMANDS = (
    "sbatch", "squeue", "scancel", "sacct", "sinfo", "scontrol", "srun", "salloc", "sstat",
    "sacctmgr", "sshare", "sprio", "sdiag", "sreport",
)  # fmt: skip
_MODULES = {
    "sacctmgr": "accounts", "sshare": "accounts", "sprio": "accounts", "sdiag": "accounts",
    "sreport": "accounts", "sstat": "sacct",
}  # fmt: skip
CONTACT = "Unable to contact slurm controller (connect failure)"
_AWAY = {
    "sbatch": (f"sbatch: error: Batch job submission failed: {CONTACT}", 1),
    "srun": (f"srun: error: Unable to allocate resources: {CONTACT}", 1),
    "salloc": (f"salloc: error: Job submit/allocate failed: {CONTACT}", 1),
    "squeue": (f"slurm_load_jobs error: {CONTACT}", 1),
    "scontrol": (f"slurm_load_jobs error: {CONTACT}", 1),
    "scancel": (f"scancel: error: Kill job error: {CONTACT}", 8),
    "sinfo": (f"slurm_load_partitions: {CONTACT}", 1),
}
TRIES, PAUSE_S = 4, 1.0
_CHANGES = frozenset({"sbatch", "srun", "salloc", "scancel", "scontrol"})


def usage_error(site: Site, error: Exception) -> int:
    """Say what is wrong with the command line, as getopt does; return the exit code."""
    tell(f'{site.command}: {error}\nTry "{site.command} --help" for more information')
    return 255 if site.command in ("sbatch", "srun", "salloc") else 1


def main(
    command: str, words: Sequence[str] | None = None, *,
    home: str | None = None, server: str | None = None,
) -> int:  # fmt: skip
    """Run *command* with *words*, the process's own when None; return the exit code."""
    site = Site(command, home=home, server=server)
    given = list(sys.argv[1:] if words is None else words)
    if given[:1] in (["--version"], ["-V"]):
        print(VERSION)
        return 0
    for tries in range(TRIES):
        try:
            return run(site, given)
        except KeyboardInterrupt:
            return 130
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            return 141
        except Exception as error:
            from rota.core.errors import RotaError, Unreachable

            if not isinstance(error, RotaError):
                raise
            again = isinstance(error, Unreachable) and command not in _CHANGES
            if not again or tries + 1 == TRIES:
                return refused(site, error)
        time.sleep(PAUSE_S)
    return 1


def run(site: Site, words: list[str]) -> int:
    """Run the module of the command."""
    from importlib import import_module

    name = _MODULES.get(site.command, site.command)
    return int(import_module(f"rota.faces.slurm.{name}").run(words, site))


def refused(site: Site, error: RotaError) -> int:
    """Say why the server did not answer, or refused; return the exit code."""
    from rota.core.errors import Unreachable

    if isinstance(error, Unreachable) and site.command in _AWAY:
        text, code = _AWAY[site.command]
        tell(f"{text}\n{site.command}: error: {error.sentence}")
        return code
    site.error(error.sentence)
    return 1

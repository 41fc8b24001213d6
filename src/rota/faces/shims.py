"""``rota shims DIR``: other systems' commands as executables, for the server of this home.

    DIR/sbatch  DIR/squeue  …  DIR/qsub …    each a few lines of Python that call ``faces``

Nobody gets them without asking: put DIR in front of PATH where tools should find them.
Each knows the home it was made for, because tools start them with hardly any variables.
"""

from __future__ import annotations

import os
import sys

from rota.faces import terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

FAMILIES: dict[str, tuple[str, ...]] = {
    # family, a folder of ``faces``: its commands
    "slurm": (
        "sbatch", "squeue", "scancel", "sacct", "sinfo", "scontrol", "srun", "salloc",
        "sstat", "sacctmgr", "sshare", "sprio", "sdiag", "sreport",
    ),
    "gridengine": ("qsub", "qstat", "qdel", "qacct"),
    "jtm": (
        "jtm", "jtm-submit", "jtm-status", "jtm-kill", "jtm-isalive", "jtm-worker",
        "jtm-resource-log", "jrm-resource-log", "jtm-remove-pool", "jtm-check-worker",
        "jtm-check-manager",
    ),
    "wam": ("wam",),
    "wq": ("wq",),
    "dirac": (
        "dsub", "dstat", "dkill", "doutput", "dget", "dlogging",
        "dirac-wms-job-submit", "dirac-wms-job-status", "dirac-wms-job-attributes",
        "dirac-wms-job-kill", "dirac-wms-job-delete", "dirac-wms-job-reschedule",
        "dirac-wms-job-get-output", "dirac-wms-job-peek", "dirac-wms-job-get-jdl",
        "dirac-wms-job-logging-info", "dirac-wms-select-jobs", "dirac-wms-match",
    ),
}  # fmt: skip
"""To add a family, add a row."""

TEXT = """\
#!{python} -IS
# Made by `rota shims`: {command} for the queue of {told}.
import sys
sys.path[len(sys.path):] = {path!r}
from rota.faces.foreign import process
process({family!r}, {command!r}, home={home!r}, server={server!r})
"""


def options(parser: ArgumentParser) -> None:
    """Say what ``shims`` takes."""
    add = parser.add_argument
    add("folder", metavar="DIR", help="where to write them; made if it is not there")
    add("--only", metavar="FAMILY", action="append", choices=sorted(FAMILIES),
        help=f"only these: {', '.join(sorted(FAMILIES))}")  # fmt: skip


def run(args: Namespace) -> int:
    """Write the executables."""
    folder = os.path.abspath(args.folder)
    os.makedirs(folder, exist_ok=True)
    written: list[str] = []
    for family in args.only or FAMILIES:
        for command in FAMILIES[family]:
            _write(os.path.join(folder, command), text_of(command, family, args))
            written.append(command)
    if args.json:
        terminal.show_json("shims", {"folder": folder, "commands": written})
    else:
        terminal.out(f"{len(written)} commands in {terminal.clean(folder)}; to use them:")
        terminal.out(f'  PATH={terminal.clean(folder)}:"$PATH"')
    return 0


def text_of(command: str, family: str, args: Namespace) -> str:
    """Return the text of the executable *command*."""
    from rota.client.find import home_of

    server = args.server or (None if args.home else os.environ.get("ROTA_SERVER"))
    home = home_of(args.home)
    ours = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    others = [e for e in sys.path if e.endswith(("site-packages", "dist-packages"))]
    path = list(dict.fromkeys([ours, *map(os.path.abspath, others)]))
    return TEXT.format(
        python=sys.executable, command=command, family=family, home=home, server=server,
        path=path, told=(server or home).encode("unicode_escape").decode("ascii"),
    )  # fmt: skip


def _write(path: str, text: str) -> None:
    # Beside and renamed: somebody may be running the one that is there.
    fresh = f"{path}.{os.getpid()}.new"
    with open(fresh, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(fresh, 0o755)
    os.replace(fresh, path)

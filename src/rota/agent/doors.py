"""What a job of several nodes is given to start programs on all of them.

    SLOT/door                  where the server is, the token of this allocation, its nodes
    SLOT/bin/rota-spread       first on the job's PATH; see ``spread``
    SLOT/bin/rota-spread-rsh   takes HOST COMMAND as ssh does: mpirun is told to use it

A job that runs on one node alone has no door: it needs none.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Tuple

NAME = "door"

LAUNCHERS: Mapping[str, str] = {
    "OMPI_MCA_plm": "rsh",
    "OMPI_MCA_plm_rsh_agent": "{rsh}",
    "OMPI_MCA_plm_rsh_no_tree_spawn": "1",
    "OMPI_MCA_orte_leave_session_attached": "1",
    "PRTE_MCA_plm": "ssh",
    "PRTE_MCA_plm_ssh_agent": "{rsh}",
    "PRTE_MCA_plm_ssh_no_tree_spawn": "1",
    "PRTE_MCA_prte_leave_session_attached": "1",
    "HYDRA_LAUNCHER": "ssh",
    "HYDRA_LAUNCHER_EXEC": "{rsh}",
    "I_MPI_HYDRA_BOOTSTRAP": "ssh",
    "I_MPI_HYDRA_BOOTSTRAP_EXEC": "{rsh}",
}
"""How mpirun of Open MPI 4 and 5, MPICH and Intel MPI are told what to use for ssh.

Only the first node has the program, so it starts all the others itself: no tree.  Daemons
that left their session would be strays of a rank that is over: they stay attached.
"""

_CODE = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); "
    "from rota.agent.spread import main; sys.exit(main())"
)


class Door(NamedTuple):
    """Where ``rota spread`` of one allocation asks, and for what nodes.

    Shapes:
        places: (node, ranks there is room for), the job's own node first
    """

    server: str
    token: str
    places: List[Tuple[str, int]]

    def write(self, slot: str) -> None:
        """Leave the door and its programs in the folder *slot*.

        Raises:
            OSError: they cannot be written.
        """
        path = os.path.join(slot, NAME)
        text = json.dumps(self._asdict())
        write_whole(path, text, mode=0o600)
        programs = os.path.join(slot, "bin")
        os.makedirs(programs, 0o700, exist_ok=True)
        package = os.path.dirname(
            os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        )
        words = [sys.executable, "-S", "-E", "-c", _CODE, package, path]
        for name, kind in (("rota-spread", "spread"), ("rota-spread-rsh", "rsh")):
            command = " ".join(map(shlex.quote, [*words, kind]))
            text = f'#!/bin/sh\nexec {command} "$@"\n'
            write_whole(os.path.join(programs, name), text, mode=0o700)


def read(path: str) -> Door:
    """Return the door that was written at *path*.

    Raises:
        OSError, ValueError, TypeError: it cannot be read.
    """
    with open(path, encoding="utf-8") as source:
        held: Dict[str, Any] = json.load(source)
    places = [(str(node), int(count)) for node, count in held["places"]]
    return Door(str(held["server"]), str(held["token"]), places)


def door_of(run: Mapping[str, Any], *, server: Optional[str], hosts: str) -> Optional[Door]:
    """Return the door of the allocation of *run*; None: it is of one node.

    Shapes:
        hosts: a line for each rank there is room for, as in ROTA_HOSTFILE
    """
    token = run.get("spread")
    if token is None or server is None:
        return None
    return Door(server, str(token), list(counted(hosts).items()))


def counted(hosts: str) -> Dict[str, int]:
    """Return how many lines each host has in *hosts*, in their order."""
    counts: Dict[str, int] = {}
    for host in hosts.split():
        counts[host] = counts.get(host, 0) + 1
    return counts


def variables(slot: str, path: str) -> Dict[str, str]:
    """Return what a job with a door in *slot* finds it by; *path* is its PATH so far."""
    programs = os.path.join(slot, "bin")
    rsh = os.path.join(programs, "rota-spread-rsh")
    told = {name: value.format(rsh=rsh) for name, value in LAUNCHERS.items()}
    told["ROTA_SPREAD"] = os.path.join(programs, "rota-spread")
    told["PATH"] = f"{programs}:{path}" if path else programs
    return told


def write_whole(path: str, text: str, *, mode: int) -> None:
    """Have *text* at *path*: all of it, or what was there before.

    Raises:
        OSError: it cannot be written.
    """
    # Beside and renamed: a task that runs may be reading the one that is there.
    fresh = path + ".new"
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
    with open(os.open(fresh, flags, mode), "wb") as target:
        target.write(text.encode("utf-8", "surrogatepass"))
    os.rename(fresh, path)

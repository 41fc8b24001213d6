"""Every kind of pool there is, one row each."""

from __future__ import annotations

from collections.abc import Mapping

from rota.core.errors import Missing
from rota.launch.contract import Launcher
from rota.launch.gridengine import GridEngine
from rota.launch.htcondor import HTCondor
from rota.launch.kubernetes import Kubernetes
from rota.launch.local import Local
from rota.launch.pbs import Pbs
from rota.launch.slurm import Slurm
from rota.launch.template import Template

KINDS: Mapping[str, Launcher] = {
    "local": Local(),
    "slurm": Slurm(),
    "gridengine": GridEngine(),
    "pbs": Pbs(),
    "htcondor": HTCondor(),
    "kubernetes": Kubernetes(),
    "command": Template(),
}
"""{kind of a pool: its launcher}; launchers remember nothing, one of each is enough."""


def launcher_of(kind: str) -> Launcher:
    """Return the launcher for pools of *kind*.

    Raises:
        Missing: there is no such kind.
    """
    if kind not in KINDS:
        raise Missing(f"there is no kind of pool {kind!r}; kinds are {', '.join(KINDS)}")
    return KINDS[kind]

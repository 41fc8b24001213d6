"""The distribution's packages: what is missing is installed, when that is allowed.

    may_install()   root, or sudo without a password, and apt-get
    COMPONENTS      real programs that tests need, and the packages they come in

Nothing is installed by ``./try`` but what a Python without venv is missing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Component:
    """A real program that tests need.

    program:  what must be on the PATH
    packages: what it comes in, on Debian and its kin
    needed_by: what is tested with it
    """

    program: str
    packages: tuple[str, ...]
    needed_by: str


COMPONENTS: tuple[Component, ...] = (
    Component("chromium", ("chromium",), needed_by="the web page: tests/web"),
    Component("tmux", ("tmux",), needed_by="the live screen: tests/faces"),
    Component("sshd", ("openssh-server",), needed_by="nodes over ssh: tests/real"),
    Component("ssh", ("openssh-client",), needed_by="nodes over ssh: tests/real"),
    Component("ip", ("iproute2",), needed_by="two machines: tests/real/test_partition.py"),
    Component("pg_ctlcluster", ("postgresql",), needed_by="the store on PostgreSQL"),
    Component(
        "podman",
        ("podman", "runc", "busybox-static"),
        needed_by="jobs in containers: tests/real/test_containers.py",
    ),
    Component("mpirun", ("openmpi-bin",), needed_by="MPI: tests/faces/test_spread.py"),
    Component("iptables", ("iptables",), needed_by="tests/real/test_partition.py"),
    Component(
        "slurmctld",
        ("slurmctld", "slurmd", "slurm-client", "munge"),
        needed_by="pools on Slurm: tests/real/test_batch_pools.py",
    ),
    Component(
        "qconf",
        (
            "gridengine-master",
            "gridengine-exec",
            "gridengine-client",
            "gridengine-drmaa1.0",
        ),
        needed_by="pools on Grid Engine: tests/real/test_batch_pools.py",
    ),
)


@cache
def may_install() -> bool:
    """Say whether packages can be installed here without asking anybody."""
    if not shutil.which("apt-get"):
        return False
    if os.geteuid() == 0:
        return True
    sudo = shutil.which("sudo")
    return bool(sudo) and _runs("sudo", "-n", "true")


def install(packages: Sequence[str], *, log: Path) -> bool:
    """Install *packages*, the output going to *log*; say whether it worked."""
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    quiet = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]
    command = [*quiet, "install", "-y", "--no-install-recommends", *packages]
    with log.open("ab") as output:
        if _logged(command, output.fileno()):
            return True
        # The lists of a fresh machine are empty, and old ones name versions long gone.
        return _logged([*quiet, "update"], output.fileno()) and _logged(
            command, output.fileno()
        )


def missing(components: Sequence[Component] = COMPONENTS) -> list[Component]:
    """Return those of *components* that are not on this machine."""
    return [one for one in components if not shutil.which(one.program)]


def _runs(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _logged(command: Sequence[str], output: int) -> bool:
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False
    )
    return done.returncode == 0

"""What a job of several nodes is given: files and variables."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from rota.agent.doors import Door, counted, door_of, read, variables

HOSTS = "n1\nn1\nn2\n"


def test_only_jobs_of_several_nodes_have_a_door() -> None:
    """The server gives a token to those alone."""
    assert door_of({}, server="unix:/s", hosts=HOSTS) is None
    assert door_of({"spread": "7.abc"}, server=None, hosts=HOSTS) is None
    door = door_of({"spread": "7.abc"}, server="unix:/s", hosts=HOSTS)
    assert door == Door("unix:/s", "7.abc", [("n1", 2), ("n2", 1)])


def test_what_is_written_is_read_and_nobody_elses(tmp_path: Path) -> None:
    """The token is for the owner's eyes; the programs run."""
    door = Door("unix:/nowhere", "7.abc", [("n1", 1), ("n2", 1)])
    door.write(str(tmp_path))
    assert read(str(tmp_path / "door")) == door
    assert (tmp_path / "door").stat().st_mode & 0o077 == 0
    program = tmp_path / "bin" / "rota-spread"
    done = subprocess.run(
        [program, "-w", "n7", "true"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "n7 is not a node of this job: it has n1, n2" in done.stderr
    assert "7.abc" not in program.read_text()


def test_mpirun_is_told_and_the_path_begins_with_ours() -> None:
    """Whatever make it is of."""
    told = variables("/slot", "/bin")
    assert told["PATH"] == "/slot/bin:/bin"
    agent = os.path.join("/slot/bin", "rota-spread-rsh")
    assert agent == told["OMPI_MCA_plm_rsh_agent"] == told["HYDRA_LAUNCHER_EXEC"]


def test_hosts_are_counted_in_their_order() -> None:
    """One entry for each."""
    assert list(counted("b\na\nb\n").items()) == [("b", 2), ("a", 1)]

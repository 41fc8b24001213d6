"""PBS: what qsub is asked, what ``qstat -f`` says.

The listings are written after what OpenPBS 19 and Torque 4 print (qstat(1B), and listings
in public documentation): they were not recorded here, where neither is installed.
"""

from __future__ import annotations

import pytest

from rota.launch.contract import ENDED, QUEUED, RUNNING, STUCK, LaunchFailed
from rota.launch.pbs import STATES, Pbs
from tests.launch.samples import output, pool, ticket

OPENPBS = """\
Job Id: 21.head
    Job_Name = rota-ab12-big-7
    Job_Owner = ann@login
    job_state = R
    queue = workq
    exec_vnode = (n1:ncpus=4)
    Resource_List.walltime = 01:00:00
    Variable_List = PBS_O_HOME=/home/ann,PBS_O_LANG=en_US.UTF-8,
\tPBS_O_LOGNAME=ann,ROTA_MARKER=rota-ab12-b
\tig-7,PBS_O_QUEUE=workq
    comment = Job run at Fri May 01 at 14:41 on (n1:ncpus=4)

Job Id: 22.head
    Job_Name = rota-ab12-big-8
    job_state = Q
    Variable_List = ROTA_MARKER=rota-ab12-big-8
    comment = Not Running: Not enough free nodes available
"""
TORQUE = """\
Job Id: 89.server-2
    Job_Name = rota-ab12-verylo
    Job_Owner = ann@server-2
    job_state = C
    queue = batch
    Variable_List = PBS_O_QUEUE=batch,PBS_O_HOME=/home/ann,ROTA_MARKER=rota-ab12-verylong-7
    exit_status = 0
"""


def test_all_that_is_asked_stands_in_the_script() -> None:
    """As #PBS lines; the name is short enough for Torque."""
    script = Pbs().script(pool("pbs", cluster="head"), ticket())
    lines = [line[5:] for line in script.splitlines() if line.startswith("#PBS ")]
    assert {
        "-N rota-ab12-big-7", "-v ROTA_MARKER=rota-ab12-big-7", "-q short@head",
        "-l select=1:ncpus=4:mem=8192mb:ngpus=1:gen5", "-l walltime=01:00:00", "-A proj7",
    } <= set(lines)  # fmt: skip
    assert all(len(line) <= 3 + 15 for line in lines if line.startswith("-N "))


def test_openpbs_is_read() -> None:
    """Also markers that are broken over two lines."""
    seen = Pbs().polled(output(OPENPBS))
    assert (seen["21.head"].state, seen["21.head"].name) == (RUNNING, "rota-ab12-big-7")
    assert seen["22.head"].state == QUEUED
    assert "Not enough free nodes" in seen["22.head"].word


def test_torque_is_read() -> None:
    """The variable says the whole marker where the name is cut."""
    [seen] = Pbs().polled(output(TORQUE)).values()
    assert (seen.state, seen.name) == (ENDED, "rota-ab12-verylong-7")


def test_ids_and_refusals() -> None:
    """qsub prints the id; a server that is away says nothing about jobs."""
    assert Pbs().submitted(output("21.head\n")) == "21.head"
    with pytest.raises(LaunchFailed, match="Unknown queue"):
        Pbs().submitted(output(code=170, err="qsub: Unknown queue"))
    with pytest.raises(LaunchFailed, match="cannot connect"):
        Pbs().polled(output(code=111, err="qstat: cannot connect to server head"))
    assert Pbs().polled(output("")) == {}
    assert set(STATES.values()) == {QUEUED, RUNNING, STUCK, ENDED}

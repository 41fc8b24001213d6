"""Grid Engine: what qsub is asked, what qstat's XML says (recorded from 8.1.9)."""

from __future__ import annotations

import pytest

from rota.launch.contract import QUEUED, RUNNING, STUCK, LaunchFailed
from rota.launch.gridengine import GridEngine
from tests.launch.samples import output, pool, ticket

ROW = """\
    <job_list state="{kind}">
      <JB_job_number>{number}</JB_job_number>
      <JAT_prio>0.50000</JAT_prio>
      <JB_name>rota-ab12-big-{number}</JB_name>
      <JB_owner>ann</JB_owner>
      <state>{state}</state>
      <slots>1</slots>
    </job_list>
"""
HEAD = """<?xml version='1.0'?>
<job_info  xmlns:xsd="http://arc.liv.ac.uk/repos/darcs/sge/source/dist/util/resources/\
schemas/qstat/qstat.xsd">
  <queue_info>
"""


def _listed(**states: str) -> str:
    rows = [
        ROW.format(
            number=number[1:], state=state, kind="pending" if "w" in state else "running"
        )
        for number, state in states.items()
    ]
    return (
        HEAD + "".join(rows) + "  </queue_info>\n  <job_info>\n  </job_info>\n</job_info>\n"
    )


def test_all_that_is_asked_stands_in_the_script() -> None:
    """As #$ lines."""
    script = GridEngine().script(pool("gridengine"), ticket())
    lines = [line[3:] for line in script.splitlines() if line.startswith("#$ ")]
    assert {
        "-N rota-ab12-big-7", "-pe smp 4", "-l h_rt=3600", "-l mem_free=2048M", "-q short",
        "-P proj7", "-l gen5", "-r n", "-notify",
    } <= set(lines)  # fmt: skip


def test_states_are_read() -> None:
    """Waiting, running, suspended, and the error state that never ends by itself."""
    seen = GridEngine().polled(output(_listed(j1="qw", j2="r", j3="S", j4="Eqw", j5="dr")))
    assert [one.state for one in seen.values()] == [
        QUEUED,
        RUNNING,
        RUNNING,
        STUCK,
        RUNNING,
    ]
    assert seen["2"].name == "rota-ab12-big-2"


def test_nothing_listed_is_an_answer_and_rubbish_is_none() -> None:
    """An empty queue is known to be empty; half an answer is not."""
    assert GridEngine().polled(output(_listed())) == {}
    for text in ("", _listed(j1="r")[:-40], "<!DOCTYPE x><job_info/>"):
        with pytest.raises(LaunchFailed):
            GridEngine().polled(output(text))


def test_the_number_comes_after_warnings() -> None:
    """qsub may talk before it answers."""
    assert GridEngine().submitted(output("a warning\n17\n")) == "17"
    with pytest.raises(LaunchFailed, match="unknown queue"):
        err = (
            'Unable to run job: Job was rejected because job requests unknown queue "nope"'
        )
        GridEngine().submitted(output(code=1, err=err))

"""What users of the five systems bring, and what must come of it: from text to cores.

WAM     test_wam.py::test_the_vector, test_tokens           two jobs, argv, twelve tokens
JTM     test_jtm.py::test_the_vector, test_how_they_are_…   pool, workers, sizes; spellings
QM      test_qm.py, faces/spool/test_watch.py               cfg, XML, raw %, half-copied
wq      wq/test_meaning.py, and here                        who gets which cores
JDL     jdl/test_meaning.py, jdl/test_parametric.py         four jobs, "a;b", 1 → 3 → 7
rest    agent/test_progress.py, agent/test_sta.py           5 / 32, 3 / 0, rows of .sta

Here is what those do not show.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from rota.core.resources import Grant, Mode, Node, Request
from rota.formats import jdl, qm, wq
from rota.formats.licences import lmstat
from rota.formats.native import build
from rota.formats.wq.meaning import GB
from rota.sched.modes import find
from rota.sched.policy import PRIORITY
from rota.sched.problem import Line, NodeView, Running, Snapshot, Waiting
from rota.sched.round import plan
from rota.sched.space import space_of
from tests.drawing import shown
from tests.formats.wq.conftest import JOB

FIVE = {"n1": (12, 64, "gen4 a"), "n2": (16, 64, "gen5"), "n3": (24, 24, "gen5"),
        "n4": (12, 64, "gen4 slow"), "n5": (12, 64, "gen4")}  # fmt: skip
HOUR = 3_600_000


def idle() -> list[NodeView]:
    """wq's example cluster, nothing on it."""
    views = []
    for name, (cores, memory, labels) in FIVE.items():
        node = Node(name, tuple(range(cores)), memory * GB, labels=tuple(labels.split()))
        views.append(NodeView(node, node.cores, node.memory, (), {}, None))
    return views


def test_wqs_job_on_its_five_nodes() -> None:
    """n3 has too little memory, n4 is excluded: 40 cores on the other three."""
    request = build({**wq.read(JOB).doc, "cwd": "/data"}).request
    where = space_of(idle())
    took = shown(find(request, where), where)
    assert took == {"n1": 12, "n2": 16, "n5": 12} and sum(took.values()) == 40
    ranks = {name: cores // request.threads for name, cores in took.items()}
    assert ranks == {"n1": 3, "n2": 4, "n5": 3}


def test_a_blocking_job_of_wq_keeps_its_group_free_and_no_more() -> None:
    """Nothing starts on n2 and n3 that would still run then; n1 and n5 stay of use."""
    views = idle()
    busy = Running(9, "bob", "", Request(cores=1), (Grant("n2", (0,)),), 0, HOUR, alloc=9)
    views[1] = replace(views[1], cores=views[1].cores[1:])
    block = Request(mode=Mode.BY_GROUP, group=("gen5",), time_ms=HOUR)

    def line(job: int, request: Request, priority: int = 0) -> Line:
        return Line(request, f"u{job}", "", "q", [Waiting(job, priority, job, 1)])

    lines = [
        line(1, block, 1000),
        line(2, Request(mode=Mode.BY_HOST, host="n2", time_ms=9 * HOUR)),
        line(3, Request(mode=Mode.BY_HOST, host="n3", time_ms=9 * HOUR)),
        line(4, Request(cores=12, group=("gen4",), time_ms=9 * HOUR)),
        line(5, Request(mode=Mode.BY_HOST, host="n3", cores=24, time_ms=HOUR // 2)),
    ]
    decided = plan(Snapshot(10, views, lines, [busy], policy=PRIORITY))
    assert sorted(start.job for start in decided.starts) == [4, 5]
    assert decided.promises[0].job == 1


@pytest.mark.parametrize("key", ["e_mail", "e-mail"])
def test_qms_owner_is_spelt_in_two_ways(key: str) -> None:
    """As its README and as its code have it."""
    text = f'<P><{key} value="user@example.org"/><script value="date +%Y"/></P>'
    doc = qm.read(text, where="infos.xml").doc
    assert doc["tags"] == ["user@example.org"] and doc["env"] == {"NB_PROC": "1"}
    assert "date +%Y" in str(doc)


def test_a_semicolon_in_a_jdl_is_a_character_like_any_other() -> None:
    """DIRAC's own light parser ends the value there."""
    (reading,) = jdl.read('Executable = "x"; Arguments = "a;b";')
    assert reading.doc["argv"] == ["x", "a;b"]


def test_the_line_of_flexnet() -> None:
    """Ten issued, one in use."""
    line = "Users of abaqus:  (Total of 10 licenses issued;  Total of 1 license in use)"
    found = lmstat.read(line)["abaqus"]
    assert found.total and (found.total, found.total - (found.used or 0)) == (10, 9)

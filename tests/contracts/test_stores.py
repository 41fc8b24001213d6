"""What every store must do, run over every implementation there is.

A new implementation adds a row to ``stores.STORES`` and must pass unchanged.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.core.errors import Broken
from rota.core.indexes import IndexSet
from rota.core.job import Array, JobSpec
from rota.core.lifecycle import State
from rota.core.reasons import Reason
from rota.engine.records import JobAdded, JobImage, Record
from rota.store.contract import JobQuery, Sample, Store
from tests.contracts.stores import STORES, each_store, opened, plain, quick
from tests.store import chances
from tests.store import making as make
from tests.store.making import AT, array_of, submitted, told


@pytest.fixture(params=STORES)
def fresh(request: pytest.FixtureRequest) -> Iterator[Store]:
    """A new store."""
    with opened(request.param) as (store, _):
        yield store


# ── what goes in comes out ────────────────────────────────────────────────────────────


@each_store
@quick
@given(spec=chances.specs, uid=st.none() | chances.counts, reason=chances.maybe_reason)
def test_a_job_comes_back_as_it_was(
    kind: str, spec: JobSpec, uid: int | None, reason: Reason | None
) -> None:
    """Whatever a job says, a start, a rerun and a listing say the same."""
    job = JobAdded(1, spec, "ann", uid, AT)
    waiting = spec.array.indexes.ranges() if spec.array else [[0, 0]]
    row = make.changed(1, {"held": 3}, waiting=waiting, reason=reason)

    with opened(kind) as (store, _):
        store.commit([job, row])
        image = store.load().jobs[0]
        listed = store.jobs(JobQuery())[0]

        assert plain(image) == plain(JobImage(job, row))
        assert [plain(i) for i in store.revive([1])] == [plain(image)]
        assert (listed["spec"], listed["uid"], listed["reason"]) == (spec, uid, reason)
        if spec.key is not None:
            assert store.keys("ann", [spec.key]) == {spec.key: 1}


@each_store
@quick
@given(rows=st.lists(chances.task_rows, max_size=4, unique_by=lambda row: row.task))
def test_tasks_come_back_as_they_were(kind: str, rows: list[Any]) -> None:
    """A start finds the tasks that are not over, a rerun all of them, in order."""
    spec, rows = array_of(0, 10**9), sorted(rows, key=lambda row: row.task)
    tries = [make.attempt(1, row.task, max(row.attempt, 1)) for row in rows]

    with opened(kind) as (store, _):
        store.commit([*submitted(1, spec), *tries, *rows])
        live = [row for row in rows if row.state not in make.FINAL]

        assert store.load().jobs[0].tasks == (live or ())
        assert store.revive([1])[0].tasks == (rows or ())


@each_store
@quick
@given(rows=st.lists(chances.attempt_rows, max_size=5, unique_by=lambda row: row[1:3]))
def test_attempts_come_back_as_they_were(kind: str, rows: list[Any]) -> None:
    """All attempts of a job, by task, then by number; numbers of allocations go on."""
    with opened(kind) as (store, again):
        store.commit([*submitted(1, array_of(0, 9)), *rows])
        expected = [row._asdict() for row in sorted(rows, key=lambda row: row[1:3])]
        for shown in expected:
            del shown["job"]

        assert store.attempts(1, None) == expected
        store.close()
        later = again()
        assert later.load().next_alloc > max((row.alloc for row in rows), default=0)
        later.close()


@each_store
@quick
@given(rows=st.lists(chances.node_rows, max_size=4))
def test_nodes_come_back_as_last_seen(kind: str, rows: list[Any]) -> None:
    """Of each node the last row, and a clock that does not fall behind it."""
    with opened(kind) as (store, _):
        for row in rows:
            store.commit([row])
        image = store.load()

        assert {n.name: n for n in image.nodes} == {row.name: row for row in rows}
        assert image.last_at >= max((n.seen_at for n in image.nodes), default=0)


@each_store
@quick
@given(rows=st.lists(chances.history_rows, max_size=8))
def test_history_comes_back_line_by_line(kind: str, rows: list[Any]) -> None:
    """Lines are numbered from 1 without a gap, also over a restart."""
    with opened(kind) as (store, again):
        assert store.commit([]) == 0
        assert store.commit(rows) == len(rows)
        store.close()
        later = again()
        assert later.commit([told(1)]) == len(rows) + 1
        lines = later.history(job=None, task=None, after=0, limit=99)
        later.close()

    assert [line.pop("seq") for line in lines] == list(range(1, len(rows) + 2))
    assert lines[:-1] == [row._asdict() for row in rows]


# ── a batch is one thing ──────────────────────────────────────────────────────────────


def test_a_batch_is_in_whole_or_not_at_all(fresh: Store) -> None:
    """When its last row cannot be written, nothing of it is there, and the next one is."""
    fresh.commit(submitted(1))

    with pytest.raises(Broken, match="no row in the store"):
        fresh.commit([*submitted(2), make.changed(99, {"done": 1})])

    assert [row["id"] for row in fresh.jobs(JobQuery())] == [1]
    assert fresh.commit(submitted(3)) == 2


def test_of_two_rows_of_the_same_the_later_stays(fresh: Store) -> None:
    """Whether they come in one batch or in two."""
    rows = [make.task(1, 4, "running"), make.task(1, 4, "failed", exit_code=3)]
    fresh.commit([*submitted(1, array_of(0, 9)), *rows])
    fresh.commit([make.changed(1, {"held": 9}), make.changed(1, {"failed": 10})])

    assert fresh.revive([1])[0].tasks == [rows[1]]
    assert fresh.jobs(JobQuery())[0]["state"] == "failed"


def test_the_same_key_twice_is_refused(fresh: Store) -> None:
    """One user's key names one job; another user may use it too."""
    spec = JobSpec(argv=("true",), key="k")
    fresh.commit(submitted(1, spec))
    fresh.commit(submitted(2, spec, user="bob"))

    with pytest.raises(Broken):
        fresh.commit(submitted(3, spec))

    assert fresh.keys("ann", ["k", "other"]) == {"k": 1}
    assert fresh.keys("bob", ["k"]) == {"k": 2}
    assert fresh.keys("eve", ["k"]) == {}


def test_readers_see_whole_batches_only(fresh: Store) -> None:
    """While batches of two jobs go in, nobody ever counts an odd number of jobs."""
    stop, odd, looks = threading.Event(), list[int](), [0, 0]

    def look(which: int) -> None:
        """Count all jobs until told to stop."""
        while not stop.is_set():
            found = len(fresh.jobs(JobQuery(limit=1000)))
            looks[which] += 1
            if found % 2:
                odd.append(found)

    threads = [threading.Thread(target=look, args=(i,)) for i in range(2)]
    for thread in threads:
        thread.start()
    id = 0
    while min(looks) < 20 or id < 100:
        fresh.commit([*submitted(id + 1), *submitted(id + 2)])
        id += 2
        assert id < 100_000, "the readers do not get to look"
    stop.set()
    for thread in threads:
        thread.join()

    assert odd == []


# ── what a start finds ────────────────────────────────────────────────────────────────


def test_a_start_finds_what_lives_and_nothing_else(fresh: Store) -> None:
    """Live jobs with their open tasks and the attempts that hold something."""
    fresh.commit([*submitted(1, array_of(0, 9)), *submitted(2), *submitted(3)])
    held = [make.attempt(1, 0, 2), make.attempt(1, 3)]
    fresh.commit(
        [
            make.changed(1, {"running": 1}, waiting=[[4, 9]]), make.changed(2, {"done": 1}),
            make.task(1, 0, State.RUNNING, attempt=2), make.task(1, 1, "done"),
            make.task(1, 2, "queued"), make.task(1, 3, "placed"), make.task(2, 0, "done"),
            make.attempt(1, 0, 1), *held, make.attempt(1, 1), make.attempt(1, 2),
        ]
    )  # fmt: skip
    image = fresh.load()

    assert [job.added.id for job in image.jobs] == [1, 3]
    assert [(t.task, t.state) for t in image.jobs[0].tasks] == [
        (0, "running"), (2, "queued"), (3, "placed"),
    ]  # fmt: skip
    assert image.jobs[0].attempts == held
    assert (image.next_job, image.last_at) == (4, AT)
    assert image.next_alloc > 7


def test_an_empty_store_starts_from_the_beginning(fresh: Store) -> None:
    """Numbers begin at one."""
    image = fresh.load()

    assert (image.jobs, image.nodes, image.last_at) == ([], [], 0)
    assert (image.next_job, image.next_alloc) == (1, 1)


def test_jobs_that_say_the_same_share_it(fresh: Store) -> None:
    """A million equal jobs hold one spec; different ones still share what is equal."""
    env = {"PATH": "/bin", "LONG": "x" * 1000}
    for id in (1, 2):
        fresh.commit(submitted(id, JobSpec(argv=("true",), env=dict(env))))
    fresh.commit(submitted(3, JobSpec(argv=("false",), env=dict(env))))
    one, two, other = (job.added.spec for job in fresh.load().jobs)

    assert one is two
    assert one.env is other.env
    assert one.request is other.request


def test_an_edit_changes_what_the_job_says(fresh: Store) -> None:
    """A start, a listing and the searches by name, queue and tag follow it."""
    fresh.commit(submitted(1, JobSpec(argv=("a",), name="old", tags=("x", "y"))))
    new = JobSpec(script="b", name="new", queue="q", tags=("y", "z"), env={"A": "1"})
    fresh.commit([make.changed(1, {"queued": 1}, spec=new)])

    assert fresh.load().jobs[0].added.spec == new
    for query in ({"names": ["new"]}, {"queues": ["q"]}, {"tags": ["y", "z"]}):
        assert [row["spec"] for row in fresh.jobs(JobQuery(**query))] == [new]
    for query in ({"names": ["old"]}, {"queues": ["default"]}, {"tags": ["x"]}):
        assert fresh.jobs(JobQuery(**query)) == []


def test_what_ended_is_told_and_brought_back(fresh: Store) -> None:
    """``ended`` knows final states only; ``revive`` brings back whatever there is."""
    fresh.commit([*submitted(1), *submitted(2), *submitted(3)])
    fresh.commit([make.changed(1, {"done": 1}), make.changed(2, {"failed": 1})])
    fresh.commit([make.task(2, 0, "failed", exit_code=1), make.attempt(2, 0)])

    assert fresh.ended([1, 2, 3, 4]) == {1: "done", 2: "failed"}
    images = fresh.revive([3, 2, 99])
    assert [(i.added.id, len(i.tasks), len(i.attempts)) for i in images] == [
        (2, 1, 0), (3, 0, 0),
    ]  # fmt: skip


def test_many_ids_and_keys_at_once(fresh: Store) -> None:
    """Thousands in one question are as good as one."""
    count = 1200
    batch: list[Record] = []
    for id in range(1, count + 1):
        batch += submitted(id, JobSpec(argv=("true",), key=f"k{id}"))
    fresh.commit(batch)
    ids = list(range(1, count + 1))
    fresh.commit([make.changed(id, {"done": 1}) for id in ids])

    assert fresh.ended(ids) == dict.fromkeys(ids, "done")
    assert fresh.keys("ann", [f"k{id}" for id in ids]) == {f"k{id}": id for id in ids}
    assert [image.added.id for image in fresh.revive(ids)] == ids
    found = fresh.jobs(JobQuery(ids=ids, limit=count))
    assert [row["id"] for row in found] == ids[::-1]


# ── listings ──────────────────────────────────────────────────────────────────────────


def test_a_single_job_shows_its_task(fresh: Store) -> None:
    """A listing of a job without an array has what is true of its latest attempt."""
    fresh.commit(submitted(1))
    waiting = fresh.jobs(JobQuery())[0]
    why = Reason("exit_code", "ended with exit code 3", {"code": 3})
    ended = make.task(1, 0, "failed", attempt=2, reason=why, exit_code=3, ended_at=AT + 9)
    last = make.attempt(1, 0, 2, node="two", usage={"cpu_s": 1.5}, exit_code=3)
    fresh.commit([make.changed(1, {"failed": 1}), ended, make.attempt(1, 0, 1), last])
    row = fresh.jobs(JobQuery())[0]

    assert (waiting["attempt"], waiting["node"], waiting["exit_code"]) == (0, None, None)
    assert (row["attempt"], row["node"], row["exit_code"]) == (2, "two", 3)
    assert (row["reason"], row["grants"], row["usage"]) == (
        why, last.grants, {"cpu_s": 1.5},
    )  # fmt: skip


def test_array_values_are_there_when_looked_at(fresh: Store) -> None:
    """A listing shows them too, without reading them for everybody."""
    array = Array(IndexSet([[0, 2]]), None, {"item": ("a", "b", "c")})
    spec = JobSpec(argv=("true",), array=array)
    fresh.commit(submitted(1, spec))
    shown = fresh.jobs(JobQuery())[0]["spec"]

    assert shown.array.values["item"] == ("a", "b", "c")
    assert (list(shown.array.values), len(shown.array.values)) == (["item"], 1)
    assert shown == spec


def test_history_is_paged_and_knows_tasks(fresh: Store) -> None:
    """From a number on, of everything, of a job, or of a task with what told of it all."""
    lines = [
        told(1),
        told(2),
        told(1, "place", task=3),
        told(1, "place", task=4),
        told(1, "hold"),
    ]
    fresh.commit([*submitted(1, array_of(0, 9))[:2], *submitted(2)[:2], *lines])

    def seqs(**which: Any) -> list[int]:
        """Return the numbers of the lines asked for."""
        asked = {"job": None, "task": None, "after": 0, "limit": 99, **which}
        return [line["seq"] for line in fresh.history(**asked)]

    assert seqs() == [1, 2, 3, 4, 5]
    assert seqs(after=2, limit=2) == [3, 4]
    assert seqs(job=1) == [1, 3, 4, 5]
    assert seqs(job=1, task=3) == [1, 3, 5]
    assert seqs(job=1, task=3, after=1, limit=1) == [3]
    assert seqs(job=7) == []


def test_attempts_of_one_task_and_no_more_than_asked(fresh: Store) -> None:
    """One task's, or the first few of many."""
    rows = [make.attempt(1, task, n) for task in (0, 1, 2) for n in (1, 2)]
    fresh.commit([*submitted(1, array_of(0, 9)), *rows])

    assert [(row["task"], row["n"]) for row in fresh.attempts(1, 1)] == [(1, 1), (1, 2)]
    assert len(fresh.attempts(1, None, limit=5)) == 5
    assert fresh.attempts(1, 9) == fresh.attempts(2, None) == []


def test_measurements_make_a_series(fresh: Store) -> None:
    """In order of time; what is told twice is kept once."""
    rows: list[Sample] = [(1, 0, 1, AT + i, i * 10, 1000, 1, 2, 3) for i in (2, 0, 1)]
    fresh.save_samples(rows)
    fresh.save_samples(rows[:1])

    series = fresh.series(1, 0, 1)
    assert [row["at"] - AT for row in series] == [0, 1, 2]
    assert series[1] == {
        "at": AT + 1, "cpu_ms": 10, "rss": 1000, "read_bytes": 1, "written_bytes": 2,
        "processes": 3,
    }  # fmt: skip
    assert fresh.series(1, 0, 2) == []

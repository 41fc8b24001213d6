"""Pages of jobs and tasks: whatever is stored and asked, they are what a filter gives.

The filter looks at everything; the stores go by indexes.  They must never differ.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rota.core.indexes import IndexSet
from rota.core.job import Array, JobSpec
from rota.core.lifecycle import State
from rota.engine.records import Audited, JobAdded, JobChanged, Record
from rota.store.contract import AuditQuery, JobQuery
from tests.contracts.stores import each_store, opened, quick
from tests.store import making as make
from tests.store.making import AT, FINAL

STATES = [state.value for state in State]
NAMES = ["sim", "sim-1", "sim-2", "fit", "Sim", "é*"]
GLOBS = [*NAMES, "sim*", "*im*", "s?m", "sim-[12]", "sim-[!1]", "*", "?it", "é[*]"]


# ── the audit log ─────────────────────────────────────────────────────────────────────


LINES = st.builds(
    Audited, id=st.integers(1, 30), at=st.integers(0, 9), user=st.sampled_from("abc"),
    role=st.just("user"), origin=st.just("pid 1 here"), action=st.sampled_from(["x", "y"]),
    subject=st.just("12"), why=st.sampled_from(["", "é"]),
    refused=st.none() | st.just("no"),
)  # fmt: skip
ASKED = st.builds(
    AuditQuery, users=st.lists(st.sampled_from("abc"), max_size=2),
    actions=st.lists(st.sampled_from(["x", "y"]), max_size=1), refused=st.booleans(),
    since=st.none() | st.integers(0, 9), before=st.none() | st.integers(0, 31),
    limit=st.integers(1, 5),
)  # fmt: skip


@each_store
@quick
@given(lines=st.lists(LINES, max_size=12), query=ASKED)
def test_the_audit_log_gives_what_is_asked(
    kind: str, lines: list[Audited], query: AuditQuery
) -> None:
    """Newest first; of two lines of a number the later one, also of one batch."""
    with opened(kind) as (store, _):
        store.commit(lines)
        kept = sorted({line.id: line for line in lines}.values(), reverse=True)
        wanted = [
            line._asdict()
            for line in kept
            if (not query.users or line.user in query.users)
            and (not query.actions or line.action in query.actions)
            and (not query.refused or line.refused is not None)
            and (query.since is None or line.at >= query.since)
            and (query.before is None or line.id < query.before)
        ]
        assert store.audit(query) == wanted[: query.limit]


# ── jobs ──────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Known:
    """A job as the filter sees it."""

    id: int
    user: str
    state: str
    name: str
    queue: str
    tags: tuple[str, ...]
    failed: int
    submitted_at: int

    def records(self) -> list[Record]:
        """Return what is committed of it."""
        spec = JobSpec(argv=("true",), name=self.name, queue=self.queue, tags=self.tags)
        counts = {self.state: 1, **({"failed": self.failed} if self.failed else {})}
        row = JobChanged(self.id, self.state, counts, [], None, None, None)
        return [JobAdded(self.id, spec, self.user, None, self.submitted_at), row]

    def matches(self, query: JobQuery) -> bool:
        """Whether the job is asked for, limit aside."""
        return all(
            [
                query.ids is None or self.id in query.ids,
                not query.users or self.user in query.users,
                not query.states or self.state in query.states,
                not query.names or any(fnmatchcase(self.name, n) for n in query.names),
                all(tag in self.tags for tag in query.tags),
                not query.queues or self.queue in query.queues,
                not query.live or self.state not in FINAL,
                not query.failed or self.failed > 0,
                query.since is None or self.submitted_at >= query.since,
                query.before is None or self.id < query.before,
            ]
        )


@st.composite
def known_jobs(draw: st.DrawFn) -> list[Known]:
    """Jobs with gaps between their ids, submitted in the order of their ids."""
    id, at, jobs = 0, AT, []
    for _ in range(draw(st.integers(0, 12))):
        id += draw(st.integers(1, 3))
        at += draw(st.integers(0, 2))
        state = draw(st.sampled_from(STATES))
        failed = draw(st.integers(0, 1)) if state != "failed" else 1
        job = Known(
            id, draw(st.sampled_from("ab")), state, draw(st.sampled_from(NAMES)),
            draw(st.sampled_from("pq")), draw(_tags), failed, at,
        )  # fmt: skip
        jobs.append(job)
    return jobs


_tags = st.lists(st.sampled_from("xyz"), max_size=3, unique=True).map(tuple)
_queries = st.builds(
    JobQuery,
    ids=st.none() | st.lists(st.integers(1, 30), max_size=9),
    users=st.lists(st.sampled_from("abc"), max_size=2),
    states=st.lists(st.sampled_from([*STATES, "unheard"]), max_size=3),
    names=st.lists(st.sampled_from(GLOBS), max_size=2),
    tags=_tags, queues=st.lists(st.sampled_from("pq"), max_size=2),
    live=st.booleans(), failed=st.booleans(),
    since=st.none() | st.integers(AT - 1, AT + 20),
    before=st.none() | st.integers(0, 30), limit=st.integers(1, 9),
)  # fmt: skip


@each_store
@quick
@given(jobs=known_jobs(), queries=st.lists(_queries, min_size=1, max_size=20))
def test_a_page_of_jobs_is_what_a_filter_gives(
    kind: str, jobs: list[Known], queries: list[JobQuery]
) -> None:
    """The newest that fulfil every condition, no more than asked."""
    with opened(kind) as (store, _):
        store.commit([record for job in jobs for record in job.records()])
        for query in queries:
            right = [job.id for job in reversed(jobs) if job.matches(query)][: query.limit]
            assert [row["id"] for row in store.jobs(query)] == right, query


@each_store
@quick
@given(
    jobs=known_jobs(),
    query=_queries,
    by=st.sampled_from(["user", "state", "queue", "name"]),
)
def test_ranges_and_groups_are_what_a_filter_gives(
    kind: str, jobs: list[Known], query: JobQuery, by: str
) -> None:
    """The same ids, in ranges; the same jobs, counted."""
    with opened(kind) as (store, _):
        store.commit([record for job in jobs for record in job.records()])
        asked = replace(query, limit=1000)
        right = [job for job in reversed(jobs) if job.matches(asked)]
        ranges = store.job_ranges(asked)
        assert [n for a, b in ranges for n in range(a, b - 1, -1)] == [j.id for j in right]
        assert all(a[1] > b[0] + 1 for a, b in pairwise(ranges)), (
            "ranges that touch are one"
        )
        counted: dict[str, dict[str, int]] = {}
        for job in right:
            states = counted.setdefault(getattr(job, by), {})
            states[job.state] = states.get(job.state, 0) + 1
        assert store.job_groups(asked, by) == counted


@each_store
def test_pages_of_many_jobs_join(kind: str) -> None:
    """Going on below the last id shows every job once, however they are asked for."""
    with opened(kind) as (store, _):
        batch: list[Record] = []
        for id in range(1, 7001):
            state = STATES[id % len(STATES)]
            name = "odd" if id % 1000 == 7 else "even"
            batch += Known(id, "ab"[id % 2], state, name, "q", ("t",), 0, AT).records()
        store.commit(batch)
        # 7 000 is more than are looked through before an index is asked.
        for which, right in (
            ({}, 7000), ({"names": ["odd"]}, 7), ({"names": ["?dd"]}, 7),
            ({"tags": ["t"], "users": ["a"]}, 3500), ({"states": ["held", "done"]}, 1556),
        ):  # fmt: skip
            seen: list[int] = []
            while rows := store.jobs(
                JobQuery(limit=999, before=min(seen, default=None), **which)
            ):
                seen += [row["id"] for row in rows]
            assert (len(seen), seen) == (right, sorted(set(seen), reverse=True)), which


# ── tasks ─────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Tasks:
    """An array in which every task is somewhere: with a row, waiting, or cancelled."""

    rows: dict[int, str]
    waiting: list[int]
    cancelled: list[int]
    gate: str

    def states(self) -> dict[int, str]:
        """Return {index: state} of all, in order."""
        found = {**self.rows, **dict.fromkeys(self.waiting, self.gate)}
        found |= dict.fromkeys(self.cancelled, "cancelled")
        return dict(sorted(found.items()))

    def records(self) -> list[Record]:
        """Return what is committed of it."""
        states = self.states()
        spec = JobSpec(argv=("true",), array=Array(IndexSet([i, i] for i in states)))
        counts = {s: list(states.values()).count(s) for s in set(states.values())}
        waiting = IndexSet([i, i] for i in self.waiting).ranges()
        row = JobChanged(1, "running", counts, waiting, None, None, None)
        rows = [make.task(1, index, state) for index, state in self.rows.items()]
        return [JobAdded(1, spec, "ann", None, AT), row, *rows]


@st.composite
def arrays(draw: st.DrawFn) -> Tasks:
    """Arrays of up to 24 tasks, in runs so that there are ranges."""
    rows: dict[int, str] = {}
    waiting: list[int] = []
    cancelled: list[int] = []
    for index in range(draw(st.integers(1, 24))):
        where = draw(st.sampled_from([*STATES, "waits", "waits", "gone", "none"]))
        if where == "waits":
            waiting.append(index)
        elif where == "gone":
            cancelled.append(index)
        elif where != "none":
            rows[index] = where
    if not (rows or waiting or cancelled):
        waiting = [0]
    return Tasks(rows, waiting, cancelled, draw(st.sampled_from(["held", "queued"])))


_wanted = st.lists(st.sampled_from(STATES), max_size=3, unique=True)
_pages = st.tuples(_wanted, st.integers(-1, 25), st.integers(1, 30))


@each_store
@quick
@given(array=arrays(), pages=st.lists(_pages, min_size=1, max_size=20))
def test_a_page_of_tasks_is_what_a_filter_gives(
    kind: str, array: Tasks, pages: list[Any]
) -> None:
    """In order, each in its state, whether it has a row or not."""
    with opened(kind) as (store, _):
        store.commit(array.records())
        for wanted, after, limit in pages:
            right = [
                (index, state) for index, state in array.states().items()
                if index > after and (not wanted or state in wanted)
            ]  # fmt: skip
            shown = store.tasks(1, states=wanted, after=after, limit=limit)
            assert [(t["task"], t["state"]) for t in shown] == right[:limit]


@each_store
def test_a_million_waiting_tasks_cost_what_a_page_costs(kind: str) -> None:
    """They are counted, not made: a page in their middle is read at once."""
    with opened(kind) as (store, _):
        last = 10_000_000
        store.commit(make.submitted(1, make.array_of(0, last)))
        store.commit([make.task(1, 5_000_003, "done")])
        row = make.changed(1, {"queued": last}, waiting=[[0, 5_000_002], [5_000_004, last]])
        store.commit([row])

        page = store.tasks(1, after=5_000_000, limit=4)
        assert [(t["task"], t["state"]) for t in page] == [
            (5_000_001, "queued"), (5_000_002, "queued"), (5_000_003, "done"),
            (5_000_004, "queued"),
        ]  # fmt: skip
        assert page[0]["attempt"] == 0
        tail = store.tasks(1, states=["queued"], after=last - 1)
        assert [t["task"] for t in tail] == [last]


@each_store
def test_a_single_job_has_one_task(kind: str) -> None:
    """Its task 0, placed or not; a job that there is not has none."""
    with opened(kind) as (store, _):
        store.commit([*make.submitted(1), *make.submitted(2), make.task(2, 0)])

        assert [(t["task"], t["state"]) for t in store.tasks(1)] == [(0, "queued")]
        assert store.tasks(1, states=["running"]) == []
        assert store.tasks(3) == []

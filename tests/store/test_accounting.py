"""What was used, added up: in portions as in one, on every store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rota.core.job import JobSpec
from rota.core.resources import Grant, Request
from rota.engine.records import NodeSaved, Record
from rota.store.contract import USAGE_KEYS, USAGE_SUMS, Store, UsageQuery
from tests.contracts.stores import each_store, opened, quick
from tests.store import making as make
from tests.store.making import AT

HOUR = 3_600_000
DAY = 24 * HOUR


def ended(job: int, n: int = 1, *, after: int, run: int, **more: Any) -> Record:
    """Return an attempt that started *after* ms, ran for *run* and computed half of it."""
    started = AT + after
    more.setdefault("usage", {"cpu_s": run / 2000, "max_rss": 50})
    return make.attempt(job, 0, n, started_at=started, ended_at=started + run, **more)


def whole(store: Store, query: UsageQuery) -> dict[tuple[str, ...], Mapping[str, float]]:
    """Return the sums of all there is, which is one portion."""
    portion = store.usage(query)
    assert portion.next is None
    return {key: dict(sums) for key, sums in portion.sums.items()}


@each_store
def test_waiting_running_and_what_was_held_are_told_apart(kind: str) -> None:
    """Cores times hours, processor time of it, memory and time of what was asked for."""
    asked = Request(cores=2, memory=100, time_ms=4 * HOUR)
    spec = JobSpec(argv=("true",), request=asked, account="phys", queue="long")
    grants = (Grant("one", (0, 1), gpus=(0,)),)
    with opened(kind) as (store, _):
        store.commit([
            *make.submitted(1, spec),
            ended(1, after=HOUR, run=HOUR, grants=grants),
            ended(1, 2, after=5 * HOUR, run=2 * HOUR, grants=grants),
            make.task(1, 0, "done", attempt=2),
        ])  # fmt: skip
        assert whole(store, UsageQuery(by=["user", "account", "queue"])) == {
            ("ann", "phys", "long"): {
                "attempts": 2, "again": 1, "done": 1, "started": 2,
                "wait_s": 3600 + 3 * 3600, "wait_max_s": 3 * 3600, "run_s": 3 * 3600,
                "core_s": 6 * 3600, "gpu_s": 3 * 3600, "cpu_s": 1.5 * 3600,
                "memory_byte_s": 3 * 3600 * 50, "memory_asked_byte_s": 3 * 3600 * 100,
                "timed_run_s": 3 * 3600, "time_asked_s": 8 * 3600,
            }
        }  # fmt: skip


@each_store
def test_an_attempt_counts_where_it_ended_and_under_each_of_its_labels(kind: str) -> None:
    """Months are those of UTC; what never started counts as an attempt and no more."""
    node = NodeSaved("one", "b", (0,), 1, (), {}, ["big", "gen4"], AT, None)
    spec = JobSpec(argv=("true",), tags=("paper", "test"))
    never = make.attempt(2, 0, started_at=None, ended_at=AT + 1)
    with opened(kind) as (store, _):
        store.commit([
            node, *make.submitted(1, spec), *make.submitted(2),
            ended(1, after=0, run=20 * DAY), make.task(1, 0, "failed"),
            never, make.task(2, 0, "cancelled"),
        ])  # fmt: skip
        months = whole(store, UsageQuery(by=["month", "ended"]))
        assert {key: sums["attempts"] for key, sums in months.items()} == {
            ("2023-12", "failed"): 1, ("2023-11", "cancelled"): 1,
        }  # fmt: skip
        assert "run_s" not in months["2023-11", "cancelled"]
        tags = whole(store, UsageQuery(by=["tag"]))
        assert set(tags) == {("paper",), ("test",), ("(no tag)",)}
        labels = whole(store, UsageQuery(by=["label", "node"]))
        assert set(labels) == {("big", "one"), ("gen4", "one")}
        before = UsageQuery(by=["day"], until=AT + DAY)
        assert set(whole(store, before)) == {("2023-11-14",)}
        assert set(whole(store, UsageQuery(by=["day"], since=AT + DAY))) == {
            ("2023-12-04",)
        }
        assert whole(store, UsageQuery(users=["bob"])) == {}


@st.composite
def histories(draw: st.DrawFn) -> list[Record]:
    """Jobs of some attempts each, ended or not."""
    found: list[Record] = []
    for job in range(1, draw(st.integers(1, 6))):
        spec = JobSpec(argv=("true",), queue=draw(st.sampled_from(["p", "q"])))
        found += make.submitted(job, spec, user=draw(st.sampled_from("ab")))
        tries = draw(st.integers(1, 3))
        for n in range(1, tries + 1):
            found.append(ended(job, n, after=n * DAY, run=draw(st.integers(0, 9)) * 1000))
        found.append(make.task(job, 0, draw(st.sampled_from(make.FINAL)), attempt=tries))
    return found


@each_store
@quick
@given(
    records=histories(),
    limit=st.integers(1, 4),
    by=st.lists(st.sampled_from(USAGE_KEYS), min_size=1, max_size=3, unique=True),
)
def test_portions_add_up_to_the_whole(
    kind: str, records: list[Record], limit: int, by: Sequence[str]
) -> None:
    """However they are cut; every attempt ended in one way, and every sum has a name."""
    with opened(kind) as (store, _):
        store.commit(records)
        right = whole(store, UsageQuery(by=by))
        added: dict[tuple[str, ...], dict[str, float]] = {}
        query: UsageQuery | None = UsageQuery(by=by, limit=limit)
        while query is not None:
            portion = store.usage(query)
            for key, sums in portion.sums.items():
                total = added.setdefault(key, {})
                for name, value in sums.items():
                    old = total.get(name, 0)
                    total[name] = max(old, value) if name == "wait_max_s" else old + value
            more = portion.next
            query = UsageQuery(by=by, limit=limit, after=more) if more else None
        assert added == right
        for sums in right.values():
            kinds = ("done", "failed", "cancelled", "again")
            assert sum(sums.get(kind, 0) for kind in kinds) == sums["attempts"]
            assert set(sums) <= set(USAGE_SUMS)

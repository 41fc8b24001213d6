"""Records → rows: what the driver can take as it is, and what is written only once."""

from __future__ import annotations

import pytest

from rota.core.job import JobSpec
from rota.core.lifecycle import Move, State
from rota.store import statements as sql
from rota.store.rows import Encoder, Rows
from tests.store import making as make


def written(rows: Rows, writing: sql.Writing) -> list[dict[str, object]]:
    """Return the rows that go to one table, as dicts."""
    width = len(writing.columns)
    flat = [value for kind, values in rows.writes if kind is writing for value in values]
    parts = [flat[start : start + width] for start in range(0, len(flat), width)]
    return [dict(zip(writing.columns, part, strict=True)) for part in parts]


def test_every_value_is_one_the_driver_takes_as_it_is() -> None:
    """Not an enum, not a bool: the driver would ask its adapters about each of them."""
    batch = [
        *make.submitted(1, make.array_of(0, 3, tags=("t",), env={"A": "1"})),
        make.task(1, 0, State.RUNNING), make.attempt(1, 0),
        make.told(1, Move.START, before=State.PLACED, after=State.RUNNING),
    ]  # fmt: skip
    rows = Encoder().rows_of(batch, after=0)

    kinds = {type(value) for _, values in rows.writes for value in values}
    assert kinds == {int, str, bytes, type(None)}
    assert written(rows, sql.TASK)[0]["state"] == "running"
    assert [line["move"] for line in written(rows, sql.EVENT)] == ["submit", "start"]


def test_history_is_numbered_on() -> None:
    """From the number after the last, in the order of the batch."""
    rows = Encoder().rows_of([make.told(1), make.told(2)], after=41)

    assert [line["seq"] for line in written(rows, sql.EVENT)] == [42, 43]
    assert rows.seq == 43


def test_what_jobs_share_is_written_once() -> None:
    """Of equal environments one, and none that is in the store already."""
    encoder = Encoder()
    env = {"A": "1", "B": "2"}
    specs = [
        JobSpec(argv=("x",), env=dict(env)),
        JobSpec(argv=("y",), env=dict(reversed(env.items()))),
    ]
    batch = [*make.submitted(1, specs[0]), *make.submitted(2, specs[1])]
    first = encoder.rows_of(batch, after=0)
    again = encoder.rows_of(batch, after=0)
    encoder.written(again)
    later = encoder.rows_of(batch, after=0)

    assert [row["body"] for row in written(first, sql.CONTENT)] == ['{"A":"1","B":"2"}']
    assert len({row["env"] for row in written(first, sql.JOB)}) == 1
    # The first was never confirmed: what it shared must not be taken for written.
    assert len(written(again, sql.CONTENT)) == 1
    assert written(later, sql.CONTENT) == []


def test_a_job_that_comes_in_is_one_row() -> None:
    """What was asked for and what became of it; only what was there before is updated."""
    batch = [*make.submitted(1), make.changed(2, {"done": 1, "failed": 4})]
    rows = Encoder().rows_of(batch, after=0)

    assert [row["id"] for row in written(rows, sql.JOB)] == [1]
    update = written(rows, sql.JOB_BECAME)[0]
    assert (update["id"], update["failed"], rows.changed) == (2, 4, 1)


def test_an_edit_in_the_batch_of_the_job_is_the_job() -> None:
    """The row says what the job says in the end."""
    new = JobSpec(command="b", name="new")
    batch = [make.added(1), make.changed(1, {"queued": 1}, spec=new)]
    rows = Encoder().rows_of(batch, after=0)

    assert written(rows, sql.JOB)[0]["name"] == "new"
    assert rows.edited == []


def test_a_job_without_what_became_of_it_is_a_bug() -> None:
    """The mind writes both in one batch; half of them is not guessed."""
    with pytest.raises(KeyError):
        Encoder().rows_of([make.added(1)], after=0)


def test_the_largest_allocation_is_noted() -> None:
    """Numbers go on behind it after a start."""
    rows = [make.attempt(1, n, alloc=n * 7 % 5) for n in range(5)]

    assert Encoder().rows_of(rows, after=0).alloc == 4
    assert Encoder().rows_of([make.told(1)], after=0).alloc == 0


def test_what_is_said_again_is_written_again_until_it_is_in_the_store() -> None:
    """A batch that failed took its environment with it."""
    encoder, spec = Encoder(), make.array_of(0, 3, env={"A": "1"})
    lost = encoder.rows_of(make.submitted(1, spec), after=0)
    again = encoder.rows_of(make.submitted(1, spec), after=0)
    assert written(lost, sql.CONTENT) == written(again, sql.CONTENT) != []
    encoder.written(again)
    later = encoder.rows_of(make.submitted(2, spec), after=9)
    assert written(later, sql.CONTENT) == []
    (first,), (second,) = written(again, sql.JOB), written(later, sql.JOB)
    assert {**first, "id": 2} == second

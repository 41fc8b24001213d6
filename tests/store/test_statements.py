"""The statements of the hot path write exactly the rows they are given."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rota.store.statements import IDS_MAX, ROWS_MAX, Writing, portions, write

PLACE = Writing("place", "insert", ("a", "b", "c"))
ONCE = Writing("place", "once", ("a", "b", "c"))
UPSERT = Writing("place", "upsert", ("a", "b", "c"), ("a",))
UPDATE = Writing("place", "update", ("a", "c"), ("a",))


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    """A table of three columns."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.execute("CREATE TABLE place (a INTEGER PRIMARY KEY, b TEXT NOT NULL, c INTEGER)")
    yield db
    db.close()


def rows(db: sqlite3.Connection) -> list[tuple[int, str, int]]:
    """Return all rows in order."""
    return list(db.execute("SELECT * FROM place ORDER BY a"))


@settings(max_examples=50, deadline=None)
@given(count=st.integers(0, 5 * ROWS_MAX))
def test_any_number_of_rows_is_written(count: int) -> None:
    """None is left out and none comes twice, however they are split."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.execute("CREATE TABLE place (a INTEGER PRIMARY KEY, b TEXT NOT NULL, c INTEGER)")
    right = [(n, str(n), -n) for n in range(count)]
    write(db, PLACE, values=[value for row in right for value in row])

    assert rows(db) == right
    db.close()


def test_few_statements_are_ever_compiled(db: sqlite3.Connection) -> None:
    """Powers of two: eight of them, whatever sizes batches have."""
    fresh = Writing("place", "insert", ("a", "b", "c"))
    first = 0
    for count in range(1, 200):
        flat = [v for n in range(first, first + count) for v in (n, "", None)]
        write(db, fresh, values=flat)
        first += count

    assert sorted(fresh._sql) == [1, 2, 4, 8, 16, 32, 64, 128]


def test_a_second_row_of_the_same_key(db: sqlite3.Connection) -> None:
    """Is an error, is dropped, or replaces the first, as the kind of write says."""
    write(db, PLACE, values=[1, "first", 1])
    with pytest.raises(sqlite3.IntegrityError):
        write(db, PLACE, values=[1, "second", 2])
    write(db, ONCE, values=[1, "third", 3, 2, "new", 2])
    assert rows(db) == [(1, "first", 1), (2, "new", 2)]

    write(db, UPSERT, values=[1, "fourth", 4, 3, "new", 3])
    assert rows(db) == [(1, "fourth", 4), (2, "new", 2), (3, "new", 3)]


def test_an_update_changes_some_columns_of_rows_there_are(db: sqlite3.Connection) -> None:
    """A row that is not there shows in the number of changes, which the store compares."""
    write(db, PLACE, values=[1, "x", 1, 2, "y", 2])
    before = db.total_changes
    write(db, UPDATE, values=[2, 22, 1, 11, 9, 99])

    assert rows(db) == [(1, "x", 11), (2, "y", 22)]
    assert db.total_changes - before == 2


def test_portions_are_as_many_holes_as_values() -> None:
    """All values, in order, never more at once than every database takes."""
    values = list(range(2 * IDS_MAX + 7))
    found = list(portions(values))

    assert [value for _, some in found for value in some] == values
    assert [holes.count("?") for holes, _ in found] == [IDS_MAX, IDS_MAX, 7]
    assert list(portions([])) == []

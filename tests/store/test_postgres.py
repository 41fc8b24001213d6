"""The store on PostgreSQL, beside the contract: connections lost at every moment."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("psycopg")

from rota.core.errors import Unreachable
from rota.engine.records import Record
from rota.store.contract import JobQuery, StoreAway, Token
from rota.store.line import Line
from rota.store.postgres import PostgresStore
from tests.real import postgres
from tests.store.making import AT, submitted

pytestmark = pytest.mark.real

CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE pid <> pg_backend_pid() AND application_name LIKE 'rota%'"
)


@pytest.fixture
def url() -> Iterator[str]:
    """The address of an empty database."""
    with postgres.running().lent() as url:
        yield url


def cut(url: str) -> None:
    """End all connections of all stores."""
    db = Line(url).writer("scissors")
    db.execute(CUT).fetchall()
    db.close()


def again(store: PostgresStore, batch: list[Record]) -> int:
    """Commit as the loop does: until it is in."""
    for _ in range(5):
        try:
            return store.commit(batch)
        except StoreAway:
            continue
    raise AssertionError("it never came back")


def test_a_lost_connection_loses_nothing_and_doubles_nothing(url: str) -> None:
    """Before the first statement: the batch is not in, and goes in once."""
    store = PostgresStore(url)
    store.commit(submitted(1))
    cut(url)
    assert again(store, submitted(2)) == 2

    assert [job["id"] for job in store.jobs(JobQuery())] == [2, 1]
    assert [line["seq"] for line in store.history()] == [1, 2]
    store.close()


@pytest.mark.parametrize("is_in", [True, False])
def test_a_commit_whose_answer_is_lost_is_found_out(
    url: str, monkeypatch: pytest.MonkeyPatch, is_in: bool
) -> None:
    """The count of commits tells whether it is in; either way it is there once."""
    store = PostgresStore(url)
    store.commit(submitted(1))
    batch = submitted(2)
    with monkeypatch.context() as patch:
        _lose_the_answer(store, patch, is_in=is_in)
        with pytest.raises(StoreAway):
            store.commit(batch)
    store._writer.close()

    assert again(store, batch) == 2
    assert again(store, submitted(3)) == 3
    assert [job["id"] for job in store.jobs(JobQuery())] == [3, 2, 1]
    assert [line["job"] for line in store.history()] == [1, 2, 3]
    store.close()


def _lose_the_answer(
    store: PostgresStore, patch: pytest.MonkeyPatch, *, is_in: bool
) -> None:
    """Break the line after the last statement, or after the commit itself."""
    import psycopg

    real = store._write_rows

    def broken(db: psycopg.Connection[tuple[object, ...]], rows: object) -> None:
        real(db, rows)  # type: ignore[arg-type]
        if is_in:
            db.execute("COMMIT")
        else:
            db.execute("ROLLBACK")
        raise psycopg.OperationalError("the connection was lost")

    patch.setattr(store, "_write_rows", broken)


def test_an_invitation_is_not_used_twice_by_a_repeat(url: str) -> None:
    """What was not answered was not done, or is known to be."""
    store = PostgresStore(url)
    store.add_token("one", Token("ann", 1000, "invite", AT, uses=2))
    cut(url)
    with pytest.raises(Unreachable, match="does not answer"):
        store.use_token("one")

    assert [store.use_token("one") for _ in range(3)] == [True, True, False]
    store.close()


def test_readers_come_back_by_themselves(url: str) -> None:
    """A reader that lay idle while the database restarted is replaced unseen."""
    store = PostgresStore(url)
    store.commit(submitted(1))
    assert len(store.jobs(JobQuery())) == 1
    cut(url)

    assert len(store.jobs(JobQuery())) == 1
    store.close()

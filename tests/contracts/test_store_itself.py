"""What a store is asked about itself: its name, tokens, room, health, copies of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rota.core.errors import Broken, Conflict, Missing
from rota.store.contract import JobQuery, Store, Token
from rota.store.sqlite import SqliteStore
from tests.contracts.stores import STORES, each_store, opened
from tests.store import making as make
from tests.store.making import AT, submitted


@pytest.fixture(params=STORES)
def fresh(request: pytest.FixtureRequest) -> Iterator[Store]:
    """A new store."""
    with opened(request.param) as (store, _):
        yield store


ANN = Token("ann", 1000, "user", AT)


def test_a_token_stands_for_somebody_until_dropped(fresh: Store) -> None:
    """Only its hash is known; what was made from it goes with it."""
    page = ANN._replace(scope="page:user", parent="digest", created_at=AT + 1)
    fresh.add_token("digest", ANN)
    fresh.add_token("page", page)

    assert fresh.token("digest") == ANN
    assert fresh.token("other") is None
    assert dict(fresh.tokens()) == {"digest": ANN, "page": page}
    fresh.drop_token("digest")
    assert fresh.tokens() == {}


def test_a_token_is_used_as_often_as_it_says(fresh: Store) -> None:
    """And keeps all that was said about it."""
    invite = ANN._replace(
        scope="invite", note="lab", expires_at=AT + 9, uses=1, node="n1", labels=("a", "b")
    )
    fresh.add_token("invite", invite)
    fresh.add_token("free", ANN)

    assert fresh.token("invite") == invite
    assert [fresh.use_token("invite") for _ in range(2)] == [True, False]
    assert not fresh.use_token("free")
    assert not fresh.use_token("none")


@each_store
def test_a_store_keeps_its_name(kind: str) -> None:
    """It is given once; no other store has it."""
    with opened(kind) as (store, again), opened(kind) as (other, _):
        name = store.server_id()
        store.close()
        later = again()

        assert name
        assert later.server_id() == name
        assert other.server_id() != name
        later.close()


def test_a_new_store_has_room_and_no_problems(fresh: Store) -> None:
    """And refuses nothing."""
    fresh.commit([*submitted(1), make.task(1, 0), make.attempt(1, 0)])

    assert fresh.check() == []
    assert not fresh.is_full()
    assert fresh.has_room(1000)
    assert not fresh.has_room(1 << 60)


def test_g04_a_backup_is_a_store_of_one_instant(fresh: Store, tmp_path: Path) -> None:
    """It is made while others write, opens by itself, and overwrites nothing."""
    target = tmp_path / "copy" / "rota.db"
    target.parent.mkdir()
    stop = threading.Event()
    fresh.commit([*submitted(1), *submitted(2)])

    def write() -> None:
        """Hand in two jobs at a time."""
        id = 2
        while not stop.is_set():
            fresh.commit([*submitted(id + 1), *submitted(id + 2)])
            id += 2

    writer = threading.Thread(target=write)
    writer.start()
    fresh.backup(target)
    stop.set()
    writer.join()

    assert [path.name for path in target.parent.iterdir()] == ["rota.db"]
    copy = SqliteStore(target, ballast=0)
    found = len(copy.jobs(JobQuery(limit=1_000_000)))
    assert found >= 2
    assert found % 2 == 0
    assert copy.check() == []
    copy.close()
    with pytest.raises(Conflict, match="never overwrites"):
        fresh.backup(target)
    with pytest.raises(Missing, match="no folder"):
        fresh.backup(tmp_path / "nowhere" / "copy.db")


def test_a_closed_store_says_so(fresh: Store) -> None:
    """Closing twice is no error; using it afterwards is."""
    fresh.commit(submitted(1))
    fresh.close()
    fresh.close()

    with pytest.raises(Broken, match="closed"):
        fresh.jobs(JobQuery())
    with pytest.raises(Broken, match="closed"):
        fresh.commit(submitted(2))

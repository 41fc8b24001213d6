"""The stores there are, each opened anew in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import settings

from rota.core.errors import Conflict
from rota.engine.records import JobImage
from rota.store.contract import Store
from rota.store.sqlite import SqliteStore
from tests.real import postgres
from tests.server.running import until

Open = Callable[[], Store]


@contextmanager
def _in_a_file() -> Iterator[Open]:
    with TemporaryDirectory() as folder:
        yield lambda: SqliteStore(Path(folder) / "rota.db", ballast=1 << 16)


@contextmanager
def _on_postgres() -> Iterator[Open]:
    with postgres.running().lent() as url:
        from rota.store.postgres import PostgresStore

        yield lambda: PostgresStore(url)


PLACES: dict[str, Callable[[], AbstractContextManager[Open]]] = {
    "sqlite": _in_a_file,
    "postgresql": _on_postgres,
}
STORES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.real))

each_store = pytest.mark.parametrize("kind", STORES)
quick = settings(max_examples=30, deadline=None)


@contextmanager
def opened(kind: str) -> Iterator[tuple[Store, Open]]:
    """A new store, and what opens the same one again."""
    with PLACES[kind]() as again:
        store = _led(again)
        try:
            yield store, again
        finally:
            store.close()


def _led(again: Open) -> Store:
    """Open it; a database may notice a moment later that who led it before is gone."""

    def found() -> Store | None:
        try:
            return again()
        except Conflict:
            return None

    store = until(found)
    assert store is not None
    return store


def plain(image: JobImage) -> tuple[Any, ...]:
    """Return *image* as values that compare: an edited spec in its place, rows in order."""
    added, changed = image.added, image.changed
    waiting = [list(pair) for pair in changed.waiting]
    row = changed._replace(counts=dict(changed.counts), waiting=waiting, spec=None)
    tasks = sorted(image.tasks, key=lambda row: row.task)
    attempts = sorted(image.attempts, key=lambda row: row.task)
    return added._replace(spec=changed.spec or added.spec), row, tasks, attempts

"""A queue moves between places, one at a time in use, whatever happens on the way."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("psycopg")

from rota.core.errors import Broken, Conflict, Missing
from rota.store.contract import JobQuery
from rota.store.line import Line
from rota.store.places import FilePlace, Mark, move
from rota.store.sqlite import SqliteStore
from rota.store.trouble import Moved
from tests.old.make import fill
from tests.store.making import submitted


def quietly(_table: str, _rows: int) -> None:
    """Tell nobody how far it is."""


def home_of(folder: Path, *, full: bool = False) -> FilePlace:
    """Return a home's place, with a queue in use if it is to be *full*."""
    folder.mkdir()
    if full:
        store = SqliteStore(folder / "rota.db", ballast=0)
        fill(store)
        store.close()
    return FilePlace(folder)


def jobs_at(place: FilePlace) -> int:
    """Open what is at *place* as a server does; return how many jobs it has."""
    store = SqliteStore(place.path, ballast=0)
    found = len(store.jobs(JobQuery()))
    store.close()
    return found


def test_what_was_left_says_where_the_queue_went(tmp_path: Path) -> None:
    """And opens no more; the other one has it all, under an epoch of its own."""
    here, there = home_of(tmp_path / "a", full=True), home_of(tmp_path / "b")
    found = move(here, there, told=quietly)

    assert found["job"].rows == 5
    with pytest.raises(Moved, match=f"its queue was moved to {there.name}"):
        SqliteStore(here.path, ballast=0)
    assert jobs_at(there) == 5
    with here.read() as before, there.read() as after:
        epoch = "SELECT epoch FROM meta"
        assert after.execute(epoch).fetchone()[0] > before.execute(epoch).fetchone()[0]


def test_it_comes_back_over_what_it_left(tmp_path: Path) -> None:
    """What lay there is kept aside, as one file."""
    here, there = home_of(tmp_path / "a", full=True), home_of(tmp_path / "b")
    move(here, there, told=quietly)
    store = SqliteStore(there.path, ballast=0)
    store.commit(submitted(6))
    store.close()
    move(there, here, told=quietly)

    assert jobs_at(here) == 6
    assert (tmp_path / "a" / "rota.db.before-move-1").exists()
    with pytest.raises(Moved):
        SqliteStore(there.path, ballast=0)


@pytest.mark.parametrize("step", ["read", "take", "say here", "say there"])
def test_cut_off_anywhere_the_same_words_finish_it(
    tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In between, at most one of the two opens."""
    here, there = home_of(tmp_path / "a", full=True), home_of(tmp_path / "b")
    verb, _, where = step.partition(" ")
    with monkeypatch.context() as cut, pytest.raises(KeyboardInterrupt):
        cut.setattr(there if where == "there" or verb == "take" else here, verb, _cut_off)
        move(here, there, told=quietly)
    opens = [place for place in (here, there) if _opens(place)]

    assert len(opens) <= 1
    move(here, there, told=quietly)
    assert jobs_at(there) == 5
    assert not _opens(here)


def _cut_off(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def _opens(place: FilePlace) -> bool:
    mark = place.mark()
    return mark is not None and not mark.moved


def test_another_queue_is_never_written_over(tmp_path: Path) -> None:
    """Nor is a place left that has none."""
    here, other = home_of(tmp_path / "a", full=True), home_of(tmp_path / "b", full=True)
    with pytest.raises(Conflict, match="there is another queue at"):
        move(here, other, told=quietly)
    with pytest.raises(Missing, match="there is no queue at"):
        move(home_of(tmp_path / "c"), here, told=quietly)
    assert jobs_at(here) == jobs_at(other) == 5


def test_a_queue_is_not_moved_twice(tmp_path: Path) -> None:
    """From where it was, to a third place: that would be a second one."""
    here, there = home_of(tmp_path / "a", full=True), home_of(tmp_path / "b")
    move(here, there, told=quietly)

    with pytest.raises(Conflict, match="is not there: it went to"):
        move(here, home_of(tmp_path / "c"), told=quietly)


def test_a_place_whose_queue_was_exchanged_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mark of the source is not enough."""
    here, there = home_of(tmp_path / "a", full=True), home_of(tmp_path / "b")
    move(here, there, told=quietly)
    monkeypatch.setattr(there, "mark", lambda: Mark("another", "", True))

    with pytest.raises(Broken, match="holds another queue"):
        move(here, there, told=quietly)


def test_what_a_place_is_called_has_no_password() -> None:
    """It is written into the other database, and shown (G31)."""
    line = Line("postgresql://ann:secret@db.example:5432/rota?password=x&sslmode=require")

    assert line.address == "postgresql://ann@db.example:5432/rota?sslmode=require"

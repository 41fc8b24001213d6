"""``rota migrate-store`` as a command: wrong words, homes that are held."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("psycopg")

from rota.server import migrating
from rota.server.home import Home
from rota.store.sqlite import SqliteStore
from tests.old.make import fill


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with a queue, nobody serving it."""
    found = Home(tmp_path / "home")
    found.make()
    found.lock()
    store = SqliteStore(found.path / "rota.db", ballast=0)
    fill(store)
    store.close()
    assert found._lock is not None
    found._lock.close()
    return found


def test_from_home_to_home(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was moved is told by table, with its digest."""
    words = ["--home", str(home.path), "--to", str(tmp_path / "new"), "--json"]

    assert migrating.main(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == "rota.migrate-store/1"
    assert told["tables"]["job"]["rows"] == 5
    assert told["rows"] == sum(table["rows"] for table in told["tables"].values())


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--to", "mysql://x/y"], "is no place for a queue; give postgresql://"),
        ([], "say --to or --from another place"),
        (["--from", "/nowhere/at/all"], "cannot make the home"),
    ],
)
def test_wrong_words_change_nothing(
    home: Home, words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """They say what to give instead."""
    if words[:1] == ["--from"]:
        (home.path / "file").touch()
        words = ["--from", str(home.path / "file" / "x")]

    assert migrating.main(["--home", str(home.path), *words]) == 2
    assert says in capsys.readouterr().err


def test_a_home_that_is_served_is_left_alone(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its server would go on writing where nobody looks any more."""
    home.lock()

    words = ["--home", str(home.path), "--to", str(tmp_path / "new")]
    assert migrating.main(words) == 2
    assert "is held by a running server" in capsys.readouterr().err

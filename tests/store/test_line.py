"""What both databases are asked is one text: translated here, and its errors too."""

from __future__ import annotations

import re
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.core.errors import Broken, Refused

psycopg = pytest.importorskip("psycopg")

from rota.store.contract import StoreAway, StoreFull  # noqa: E402
from rota.store.line import Line, regex_of, translated_sql  # noqa: E402

ALPHABET = "ab-é.[]!^*?\\$"


def test_questions_are_translated() -> None:
    """Holes and globs; a percent sign stays one."""
    asked = "SELECT id FROM job WHERE name GLOB ? AND spec LIKE '%tree%'"

    assert translated_sql(asked) == (
        "SELECT id FROM job WHERE name ~ %s AND spec LIKE '%%tree%%'"
    )


@given(glob=st.text(ALPHABET, max_size=6), name=st.text("ab-é.[]^", max_size=4))
def test_a_glob_matches_what_sqlite_says(glob: str, name: str) -> None:
    """Whatever stands in brackets, and whether or not they are closed."""
    db = sqlite3.connect(":memory:")
    (is_match,) = db.execute("SELECT ? GLOB ?", (name, glob)).fetchone()
    db.close()
    if re.search(r"\[.?.?\w?-", glob):
        return  # ranges: PostgreSQL refuses those that run backwards

    assert bool(re.match(regex_of(glob), name, re.DOTALL)) == bool(is_match)


def test_a_password_is_never_shown() -> None:
    """Errors and logs name the database and its host only (G31)."""
    line = Line("postgresql://ann:secret@db.example/rota")

    assert line.shown == "rota at db.example"


def test_what_is_no_address_is_refused() -> None:
    """With an example of one."""
    with pytest.raises(Refused, match="postgresql://USER@HOST"):
        Line("postgresql://[broken")


@pytest.mark.parametrize(
    ("error", "ours"),
    [
        (psycopg.errors.DiskFull("no room"), StoreFull),
        (psycopg.errors.AdminShutdown("bye"), StoreAway),
        (psycopg.OperationalError("server closed the connection"), StoreAway),
        (psycopg.errors.UndefinedTable("job"), Broken),
        (psycopg.errors.UniqueViolation("twice"), Broken),
    ],
)
def test_each_error_has_its_meaning(error: psycopg.Error, ours: type) -> None:
    """A connection that is lost is waited for, a full disk too; the rest is a bug."""
    found = Line("postgresql://db.example/rota").translated(error)

    assert type(found) is ours
    assert "db.example" in str(found)


def test_nobody_there_is_said_with_what_goes_on() -> None:
    """Not a stack trace of the driver."""
    line = Line("postgresql:///rota?host=/nowhere")

    with pytest.raises(StoreAway, match="what runs goes on"):
        line.writer()

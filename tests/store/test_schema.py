"""One schema, told three times: tables, the script made of them, the SQL a server runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from rota.store import schema, statements


def test_the_script_is_made_from_the_tables() -> None:
    """``python -m rota.store.schema sqlite > schema.sql`` brings it up to date."""
    script = Path(schema.__file__).with_name("schema.sql")

    assert script.read_text("utf-8") == schema.script("sqlite")


@pytest.mark.parametrize("writing", statements.ALL, ids=lambda w: f"{w.table}-{w.how}")
def test_statements_write_columns_there_are(writing: statements.Writing) -> None:
    """What is inserted is every column of its table; what is a key is its key."""
    table = schema.metadata.tables[writing.table]

    if writing.how not in ("update", "delete"):
        assert sorted(writing.columns) == sorted(table.columns.keys())
    assert set(writing.columns) <= set(table.columns.keys())
    if writing.key:
        assert set(writing.key) == {column.name for column in table.primary_key}


def test_a_running_server_does_without_sqlalchemy(tmp_path: Path) -> None:
    """It costs 23 MB and a tenth of a second, and only an upgrade needs it."""
    code = (
        "import sys; from pathlib import Path; from rota.store.sqlite import SqliteStore; "
        "SqliteStore(Path(sys.argv[1]), ballast=0).load(); "
        "print([m for m in ('sqlalchemy', 'alembic') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "rota.db"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert done.stdout == "[]\n"

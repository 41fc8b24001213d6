"""``rota doctor`` as a whole."""

from __future__ import annotations

from rota.faces.checkup import Finding
from rota.faces.doctor import page
from tests.faces.conftest import Rota


def test_a_server_that_works(rota: Rota) -> None:
    """For programs: everything that was looked at, by name."""
    said = rota("doctor", "--json")
    checks = {one["check"]: one for one in said.json["findings"]}
    assert said.json["schema"] == "rota.doctor/1"
    assert checks["server"]["verdict"] == checks["clock"]["verdict"] == "ok"
    assert any(name.startswith("node ") for name in checks)
    assert said.code == (0 if said.json["healthy"] else 1)


def test_the_rows_of_the_store_are_looked_at_when_asked(rota: Rota) -> None:
    """It may take minutes, so only then."""
    said = rota("doctor", "--check-store", "--json")
    (rows,) = [one for one in said.json["findings"] if one["check"] == "rows"]
    assert rows["verdict"] == "ok"


def test_where_there_is_no_server(alone: Rota) -> None:
    """It says so, and how to start one; that is no success."""
    said = alone("doctor")
    assert said.code == 1
    assert any("rota up --detach" in line for line in said.lines)


def test_the_page_puts_each_remedy_below() -> None:
    """Names from elsewhere cannot move the cursor."""
    odd = Finding("node \x1b[2J", "bad", "a\x1bb", "do this")
    lines = list(page([Finding("home", "ok", "fine"), odd]))
    assert lines[0].startswith("ok    home") and lines[0].endswith("fine")
    assert "\x1b" not in lines[1] and lines[2].strip() == "→ do this"

"""``rota reservation``, against a server."""

from __future__ import annotations

from tests.faces.conftest import Rota


def test_added_listed_shown_and_removed(rota: Rota) -> None:
    """With its span, nodes and people; what was removed is shown on request."""
    said = rota(
        "reservation", "add", "demo", "--count", "1", "--users", "ann", "--accounts",
        "chem", "--start", "now+300d", "--duration", "1h",
    )  # fmt: skip
    assert said.lines[0] == "reservation demo: coming"
    assert "  for     ann, account chem" in said.lines
    assert "as things are now" in said.out
    assert "demo  coming" in rota("reservation").out
    assert rota("reservation", "show", "demo").lines == said.lines
    [row] = rota("--json", "reservation", "ls").json["reservations"]
    assert (row["count"], row["source"]) == (1, "live")
    assert rota("reservation", "remove", "demo").out == "demo is given up\n"
    assert "nothing is kept" in rota("reservation").err
    assert "demo  removed" in rota("reservation", "ls", "--all").out


def test_what_makes_no_sense_is_refused(rota: Rota) -> None:
    """With the option it is about, or the words that do."""
    assert "needs a NAME" in rota("reservation", "add").err
    said = rota("reservation", "add", "x", "--start", "soon", "--duration", "1h")
    assert said.code == 2 and "--start: soon is no time" in said.err
    said = rota(
        "reservation", "add", "x", "--nodes", "nx", "--users", "a", "--duration", "1h"
    )
    assert "nodes: there is no node nx" in said.err
    assert "there is no reservation demos" in rota("reservation", "remove", "demos").err
    assert "there is no reservation nix" in rota("reservation", "show", "nix").err

"""``rota top`` where there is no screen."""

from __future__ import annotations

from tests.faces.conftest import Rota


def test_without_a_terminal_it_says_what_else_there_is(rota: Rota) -> None:
    """For pipes and programs."""
    assert "rota ls prints the queue" in rota("top").err
    assert "rota ls --json" in rota("top", "--json").err

"""What moves: bars and screens, and names that cannot colour them."""

from __future__ import annotations

import pytest

from rota.faces.live import Bars, Screen


def test_bars_say_what_they_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    """On stderr; the last state stays; a name is no markup."""
    with Bars() as bars:
        bars.show("a", title="12 [red]fit\x1b[2J", done=1, total=4, note="[bold]x")
        bars.show("a", title="ignored", done=4, total=4, note="done")
        bars.say("the server is [away]")
    said = capsys.readouterr()

    assert said.out == ""
    assert "12 [red]fit\\x1b[2J" in said.err
    assert "4/4" in said.err
    assert "the server is [away]" in said.err


def test_a_screen_shows_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """The last ones stay."""
    with Screen() as screen:
        screen.show(["one", "[two]"])
        screen.rest(0)

    assert "[two]" in capsys.readouterr().err

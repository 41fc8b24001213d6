"""What many ranks write, as one reader sees it."""

from __future__ import annotations

import pytest

from rota.agent.shown import HELD_MAX, Shown


def test_lines_are_whole_and_labelled(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """Halves of lines wait for the rest; the last one gets its end."""
    shown = Shown(label=True, raw=False)
    shown.take(0, b"a\nb", is_err=False)
    shown.take(1, b"x\ny\n", is_err=False)
    shown.take(0, b"c\nlast", is_err=False)
    shown.end(0)
    assert capfdbinary.readouterr().out == b"0: a\n1: x\n1: y\n0: bc\n0: last\n"


def test_without_labels_not_a_byte_is_added(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    """Standard error apart from standard output."""
    shown = Shown(label=False, raw=False)
    shown.take(0, b"no end", is_err=False)
    shown.take(0, b"oops\n", is_err=True)
    assert capfdbinary.readouterr() == (b"", b"oops\n")
    shown.flush()
    assert capfdbinary.readouterr() == (b"no end", b"")


def test_a_line_without_end_is_not_held_for_ever(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    """And what is passed on raw is not held at all."""
    shown = Shown(label=False, raw=False)
    shown.take(0, b"a\n" * HELD_MAX + b"half", is_err=False)
    assert capfdbinary.readouterr().out == b"a\n" * HELD_MAX
    shown.end(0)
    assert capfdbinary.readouterr().out == b"half"
    shown.take(0, b"x" * (HELD_MAX + 1), is_err=False)
    Shown(label=False, raw=True).take(0, b"y", is_err=False)
    assert capfdbinary.readouterr().out == b"x" * (HELD_MAX + 1) + b"y"

"""How Slurm writes times, sizes and columns."""

from __future__ import annotations

import pytest

from rota.faces.slurm import show


@pytest.mark.parametrize(
    ("seconds", "span", "clock"),
    [
        (10, "0:10", "00:00:10"), (3723, "1:02:03", "01:02:03"),
        (176523, "2-01:02:03", "2-01:02:03"), (None, "UNLIMITED", "UNLIMITED"),
    ],
)  # fmt: skip
def test_durations(seconds: int | None, span: str, clock: str) -> None:
    """squeue's way and sacct's."""
    assert (show.span(seconds), show.clock(seconds)) == (span, clock)


def test_instants_are_local_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a zone, whatever the locale."""
    import time

    monkeypatch.setenv("TZ", "Europe/Paris")
    time.tzset()
    try:
        at = show.instant("2026-11-21T01:17:32.500Z")
        assert at is not None and at % 1 == 0.5
        assert show.moment(at) == "2026-11-21T02:17:32"
    finally:
        monkeypatch.undo()
        time.tzset()
    assert show.moment(None) == "N/A" and show.instant(None) is None


def test_sizes() -> None:
    """In the largest unit that comes out even."""
    assert show.megabytes(50 << 20) == "50M" and show.megabytes(4 << 30) == "4G"
    assert show.kilobytes(10776 << 10) == "10776K" and show.kilobytes(None) == ""


def test_cells_are_cut_and_harmless() -> None:
    """A name with an escape code in it cannot move the cursor."""
    assert show.cell("abcdef", 3) == "abc" and show.cell("ab", 4, right=True) == "  ab"
    assert "\x1b" not in show.cell("a\x1b[2J", None)
    assert show.plus("CANCELLED by 0", 10) == "CANCELLED+"
    assert show.plus("ok", 5, left=True) == "ok   "


def test_comma_lists_add_up() -> None:
    """Given once or several times."""
    assert show.listed(["1,2", "3"]) == ["1", "2", "3"] and show.listed([""]) == []

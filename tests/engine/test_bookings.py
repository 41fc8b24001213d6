"""What was booked: in force until it is over or given up, known for a while longer."""

from __future__ import annotations

from typing import Any

from rota.engine.bookings import KEPT_MS, Bookings
from rota.engine.records import WindowSaved
from rota.sched.problem import Window


def row(name: str, start: int = 0, end: int = 100, **more: Any) -> WindowSaved:
    """Return the row of a booking."""
    said = {"name": name, "start": start, "end": end}
    return WindowSaved(name, start, said, "ann", **more)


def test_what_is_over_or_given_up_is_not_in_force() -> None:
    """At its last instant it is over."""
    bookings = Bookings()
    bookings.put(row("a"))
    bookings.put(row("b", removed_at=50, removed_by="bob"))
    names = [[w.name for w in bookings.beside((), at=at)] for at in (49, 50, 99, 100)]
    assert names == [["a", "b"], ["a"], ["a"], []]
    assert bookings.live("b", at=50) is None


def test_the_file_goes_before_a_booking_of_its_name() -> None:
    """There are never two of a name."""
    bookings = Bookings()
    bookings.put(row("a"))
    declared = Window("a", 5, 6)
    assert bookings.beside((declared,), at=0) == (declared,)


def test_what_was_over_long_ago_is_not_recalled() -> None:
    """It stays in the store."""
    bookings = Bookings()
    bookings.recall([row("old"), row("new", 100, 200)], at=KEPT_MS + 100)
    assert [name for name, _ in bookings.booked] == ["new"]
    assert bookings.rows() == []

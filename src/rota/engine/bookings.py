"""Windows that were set live: those to come, those that are on, and what became of others.

    config.yaml's windows + what is booked ──→ Rules.windows ──→ rounds, submits, lists

What the file says of a name stands: a booking of the same name waits until it is gone
from there.
"""

from __future__ import annotations

from collections.abc import Iterable

from rota.engine.records import WindowSaved
from rota.sched.problem import Window
from rota.sched.reservations import KIND
from rota.sched.rules import window_of

KEPT_MS = 30 * 86_400_000
"""For so long it is known who had what after it was over or removed."""


class Bookings:
    """See the head of the file.

    Shapes:
        booked: {(name, set_at): its row}, in the order they were set
    """

    def __init__(self) -> None:
        self.booked: dict[tuple[str, int], WindowSaved] = {}
        self._changed: dict[tuple[str, int], WindowSaved] = {}

    def put(self, row: WindowSaved) -> None:
        """Let *row* hold, in place of an earlier state of the same booking."""
        key = row.name, row.set_at
        self.booked[key] = self._changed[key] = row

    def recall(self, rows: Iterable[WindowSaved], *, at: int) -> None:
        """Start from what the store kept, without what was over long ago."""
        for row in rows:
            if over_at(row) > at - KEPT_MS:
                self.booked[row.name, row.set_at] = row

    def live(self, name: str, *, at: int) -> WindowSaved | None:
        """Return the booking of that name which is not over, if there is one."""
        found = [row for row in self.booked.values() if row.name == name]
        return next((row for row in found if over_at(row) > at), None)

    def beside(self, declared: Iterable[Window], *, at: int) -> tuple[Window, ...]:
        """Return what is in force: *declared* by the file, and what is booked besides."""
        declared = tuple(declared)
        names = {window.name for window in declared}
        more = (
            booked_window(row)
            for row in self.booked.values()
            if row.name not in names and over_at(row) > at
        )
        return (*declared, *more)

    def rows(self) -> list[WindowSaved]:
        """Return the rows that changed since the last call."""
        rows = list(self._changed.values())
        self._changed.clear()
        return rows


def booked_window(row: WindowSaved) -> Window:
    """Return the window that *row* stands for."""
    kind = "maintenance" if row.said.get("maintenance") else KIND
    return window_of(row.said, kind=kind)


def over_at(row: WindowSaved) -> int:
    """Return when it is over: at its end, or when it was removed."""
    end = int(row.said["end"])
    return end if row.removed_at is None else min(end, row.removed_at)

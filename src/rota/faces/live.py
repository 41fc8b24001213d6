"""What moves on a terminal: a bar that fills, a list that renews itself; drawn by rich.

Only imported when a person is looking: rich costs ten times what a plain list costs.
"""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from rota.faces import terminal


class Screen:
    """Lines that are drawn over the ones before."""

    def __init__(self) -> None:
        self._live = Live(console=_console(), auto_refresh=False, vertical_overflow="crop")

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.__exit__(kind, value, trace)

    def show(self, lines: list[str]) -> None:
        """Draw *lines*, which may hold our own colours, in place of the last ones."""
        room = max(1, self._live.console.size.height - 1)
        self._live.update(Text.from_ansi("\n".join(lines[:room])), refresh=True)

    def rest(self, pause_s: float) -> None:
        """Leave what is shown on the screen for *pause_s* seconds."""
        time.sleep(pause_s)


class Bars:
    """A bar for each of a few jobs, or one for all of many."""

    def __init__(self) -> None:
        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}", markup=False),
            TimeElapsedColumn(),
            TimeRemainingColumn(compact=True),
            console=_console(),
            expand=True,
        )
        self._known: dict[object, TaskID] = {}

    def __enter__(self) -> Self:
        self._bars.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.__exit__(kind, value, trace)

    def show(
        self, key: object, *, title: str, done: float, total: float, note: str
    ) -> None:
        """Set the bar *key*; the first time makes it."""
        note = terminal.clean(note)
        if key not in self._known:
            # Without markup: a job may well be called "[red]".
            shown = terminal.clean(title)
            self._known[key] = self._bars.add_task(shown, total=total, note=note)
        self._bars.update(self._known[key], completed=done, total=total, note=note)

    def say(self, text: str) -> None:
        """Print a line above the bars."""
        self._bars.console.print(Text(terminal.clean(text)))


def _console() -> Console:
    # Chatter goes to stderr; what rich finds there (a terminal, NO_COLOR) it obeys itself.
    return Console(stderr=True, highlight=False)

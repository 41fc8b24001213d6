"""What was learned of run times and waits, kept over a restart: at times, and at the end.

    a job ends ──→ Runtimes, Overtaken ──→ rows every ``SAVE_MS`` at most, and when a
                                           server stops ──→ the next one begins with them

Nothing rests on it but the order of starts: a server that is killed has lost seconds of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from rota.engine.records import LearnedSaved
from rota.sched.expected import Runtimes
from rota.sched.overtaking import Overtaken

SAVE_MS = 10_000
RUNS, WAITS = "runs ", "waits"


class Learned:
    """See the head of the file."""

    def __init__(self) -> None:
        self.runtimes, self.overtaken = Runtimes(), Overtaken()
        self._saved_at = 0
        self._has_news = False
        self.is_last = False
        """The server stops: all is to be kept, whatever the time."""

    def note(self) -> None:
        """There is something new to be kept."""
        self._has_news = True

    def rows(self, at: int) -> list[LearnedSaved]:
        """Return the rows of what is new, if it is time."""
        is_time = self.is_last or at - self._saved_at >= SAVE_MS
        if not self._has_news or not is_time:
            return []
        self._saved_at, self._has_news = at, False
        return list(self._rows(at))

    def _rows(self, at: int) -> Iterator[LearnedSaved]:
        for key, figures in self.runtimes.news():
            yield LearnedSaved(RUNS + json.dumps(key), figures, at)
        yield LearnedSaved(WAITS, self.overtaken.kept(), at)

    def recall(self, rows: Iterable[LearnedSaved]) -> None:
        """Start from what the store kept."""
        for row in rows:
            if row.name == WAITS:
                self.overtaken.recall(row.said)
            elif row.name.startswith(RUNS):
                key = tuple(json.loads(row.name.removeprefix(RUNS)))
                self.runtimes.recall(key, row.said)

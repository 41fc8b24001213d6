"""Following what a task writes, from attempt to attempt, until the task is over.

    wait for a start ──→ copy until the attempt is over ──→ over for good? else wait again

The server may go away and come back in between; the job does not mind, so neither does
who follows it: reading goes on at the byte where it broke off.
"""

from __future__ import annotations

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from rota.client.http import Client, Log

BEAT_S = 1.0
AWAY_S_MAX = 2.0


class Follower:
    """Follows one stream of one task; *task* is None for a job without an array.

    Args:
        first: the attempt to begin with; None: the latest there is
    """

    def __init__(
        self,
        client: Client,
        job: int,
        task: int | None = None,
        *,
        stream: str = "stdout",
        first: int | None = None,
    ) -> None:
        self._client = client
        self._job, self._task = job, task
        self._stream = stream
        self._first = first
        self._at = 0

    def pieces(self, *, offset: int = 0) -> Iterator[bytes]:
        """Yield what the task writes, the first attempt's from *offset* on."""
        attempt = self._first
        while True:
            log = self._of_attempt(attempt, offset)
            if log is None:
                return
            yield from self._all_of(log)
            goes_on = self._goes_on(log.attempt)
            yield from self._rest_of(log.attempt)
            if not goes_on:
                return
            attempt, offset = log.attempt + 1, 0

    def _of_attempt(self, attempt: int | None, offset: int) -> Log | None:
        """Return the log of *attempt*, waiting until it begins; None when it never will."""
        from rota.core.errors import Missing

        while attempt is not None:
            try:
                return self._open(offset, attempt)
            except Missing:
                # Not there yet: wait for the next to begin; by then it may be over, too.
                log = self._open(offset)
                if log is None or log.attempt == attempt:
                    return log
                log.close()
                attempt = self._first_of(attempt, log.attempt, offset)
        return self._open(offset)

    def _first_of(self, first: int, last: int, offset: int) -> int:
        """Return the first attempt from *first* to *last* that has output at all."""
        from rota.core.errors import Missing

        for attempt in range(first, last):
            try:
                self._client.log(
                    self._job, task=self._task, attempt=attempt, stream=self._stream,
                    offset=offset, limit=0,
                ).close()  # fmt: skip
            except Missing:
                continue
            return attempt
        return last

    def _open(self, offset: int, attempt: int | None = None) -> Log | None:
        """Return the log of the attempt that runs or will; None when there was none."""
        from rota.core.errors import Missing

        try:
            return self._client.log(
                self._job, task=self._task, attempt=attempt, stream=self._stream,
                offset=offset, follow=True,
            )  # fmt: skip
        except Missing:
            if self._client.job(self._job, self._task).is_final:
                return None
            raise

    def _all_of(self, log: Log) -> Iterator[bytes]:
        from rota.core.errors import Unreachable

        again: Log | None = log
        self._at = log.offset
        while again is not None:
            try:
                for piece in again:
                    yield piece
                    self._at += len(piece)
                return
            except Unreachable:
                again = self._again(log.attempt)

    def _again(self, attempt: int) -> Log | None:
        """Return the log once it can be read on; None when nothing more will come."""
        from rota.core.errors import Missing, Unreachable

        pause_s = 0.1
        while True:
            time.sleep(pause_s)
            pause_s = min(AWAY_S_MAX, pause_s * 2)
            try:
                return self._open(self._at, attempt)
            except (Unreachable, Missing):
                if self._is_over(attempt):
                    return None

    def _is_over(self, attempt: int) -> bool:
        """Whether the attempt has surely ended: it may have written nothing at all."""
        from rota.core.errors import Unreachable

        try:
            view = self._client.job(self._job, self._task)
        except Unreachable:
            return False
        return view.is_final or view["attempt"] > attempt

    def _rest_of(self, attempt: int) -> Iterator[bytes]:
        """Yield what the attempt, which is over now, wrote after we stopped reading.

        A stream may end early when a node has just come back and does not know yet that
        it still runs what is read; what is over is read to its true end.
        """
        from rota.core.errors import RotaError

        try:
            yield from self._client.log(
                self._job, task=self._task, attempt=attempt, stream=self._stream,
                offset=self._at,
            )  # fmt: skip
        except RotaError:
            # The node is gone, with the output that is kept there: nothing more can come.
            return

    def _goes_on(self, attempt: int) -> bool:
        """Wait until the task is over or on its next attempt; return whether it goes on."""
        from rota.core.errors import Unreachable

        while True:
            try:
                seq = self._client.jobs(ids=[self._job]).seq
                view = self._client.job(self._job, self._task)
                if view["attempt"] > attempt:
                    return True
                if view.is_final:
                    return False
                self._await_change(seq)
            except Unreachable:
                time.sleep(AWAY_S_MAX)

    def _await_change(self, seq: int | None) -> None:
        watched = self._client.watch(
            jobs=[self._job], since=seq, level="task", beat_s=BEAT_S
        )
        for event in watched:
            if event is not None and self._task in (None, event.data.get("task")):
                return

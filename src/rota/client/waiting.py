"""Waiting for jobs: who is still not over, by one look and then by being told.

    look:  GET /jobs?ids=…  ──→ states, and the history line they are as of
    told:  GET /events?since=that line&level=job ──→ what changed, summed up by the server

A server that goes away in between is waited for, too: jobs outlive it.  An array of a
million tasks costs what one job costs, for only its counts are told.
"""

from __future__ import annotations

import time

from rota.client.calls import PAGE_MAX
from rota.client.views import FINAL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any, TypeVar

    from rota.client.http import Client
    from rota.client.http1 import Event
    from rota.client.views import Job, Page

    T = TypeVar("T")

BEAT_S = 0.25
AWAY_S_MAX = 2.0
_NAMED_MAX = 100  # more jobs than this, and all events are listened to instead


class Waited:
    """What is known of the jobs waited for.

    Shapes:
        counts: {job: {state: tasks}}
        state:  {job: state}
        over:   the jobs that ended; ``left`` the others, in the order asked
    """

    def __init__(self, ids: Sequence[int]) -> None:
        self.ids = list(dict.fromkeys(ids))
        self.state: dict[int, str] = {}
        self.counts: dict[int, dict[str, int]] = {}
        self.views: dict[int, Job] = {}

    @property
    def left(self) -> list[int]:
        """The jobs that have not ended."""
        return [job for job in self.ids if self.state.get(job) not in FINAL]

    def look(self, page: Page) -> None:
        """Take in a page of jobs."""
        for job in page:
            self.views[job.id] = job
            self.state[job.id], self.counts[job.id] = job.state, job.counts

    def hear(self, event: Event) -> bool:
        """Take in an event; return whether it said anything about one of ours."""
        data: Any = event.data
        job = data.get("id") if isinstance(data, dict) else None
        if event.name != "job" or job not in self.state:
            return False
        self.state[job] = data["state"]
        self.counts[job] = data.get("counts") or self.counts[job]
        return True

    def missing(self) -> list[int]:
        """Return the jobs that nobody knows."""
        return [job for job in self.ids if job not in self.state]


def waited(
    client: Client,
    ids: Sequence[int],
    *,
    away: Callable[[str], None] | None = None,
) -> Iterator[Waited]:
    """Yield what is known of *ids* at every change, and every beat, until all are over.

    *away* is told, once each time, that the server cannot be reached; it is called with
    "" when it is back.

    Raises:
        Missing: there is no such job.
        Unreachable: the server was away from the very first.
    """
    from rota.core.errors import Unreachable

    known = Waited(ids)
    seq = _look(client, known)
    yield known
    pause_s = 0.0
    while known.left:
        try:
            if pause_s:
                seq = _look(client, known)
                _tell(away, "")
            yield from _told(client, known, seq)
            pause_s = 0.0
        except Unreachable as error:
            if not pause_s:
                _tell(away, str(error))
            pause_s = min(AWAY_S_MAX, max(0.1, pause_s * 2))
            time.sleep(pause_s)
            yield known


def wait_for(
    client: Client, ids: Sequence[int], *, timeout_s: float | None = None
) -> dict[int, Job]:
    """Return the jobs *ids*, as views, once all of them have ended.

    Raises:
        TimeoutError: *timeout_s* passed first.
    """
    deadline = None if timeout_s is None else time.monotonic() + timeout_s
    for known in waited(client, ids):
        if known.left and deadline is not None and time.monotonic() >= deadline:
            raise TimeoutError(f"{len(known.left)} of {len(known.ids)} jobs are not over")
    _look(client, known)
    return known.views


def chunks(ids: Sequence[T], size: int = 500) -> list[Sequence[T]]:
    """Return *ids* in pieces that fit into one request each."""
    return [ids[at : at + size] for at in range(0, len(ids), size)]


def _look(client: Client, known: Waited) -> int | None:
    from rota.core.errors import Missing

    seqs = []
    for some in chunks(known.ids):
        page = client.jobs(ids=some, limit=PAGE_MAX)
        known.look(page)
        seqs.append(page.seq)
    if gone := known.missing():
        names = ", ".join(str(job) for job in gone[:5])
        raise Missing(f"there is no job {names}" + (" …" if len(gone) > 5 else ""))
    found = [seq for seq in seqs if seq is not None]
    return min(found) if found else None


def _told(client: Client, known: Waited, seq: int | None) -> Iterator[Waited]:
    named = known.left if len(known.left) <= _NAMED_MAX else []
    for event in client.watch(jobs=named, since=seq, beat_s=BEAT_S):
        if event is None or known.hear(event):
            yield known
        if not known.left:
            return
    raise _went_away(client)


def _went_away(client: Client) -> Exception:
    from rota.core.errors import Unreachable

    return Unreachable(f"the server at {client.address} went away")


def _tell(away: Callable[[str], None] | None, text: str) -> None:
    if away is not None:
        away(text)

"""What will be free when: what runs ends by its limits, windows come and go.

    releases  ───┬────────┬──────────────┬──→       each gives back what it holds
    windows        ▐███▌                            nodes promised away
    claims             ▐▒▒▒▒▒▒▒▌                    starts promised in this round

``earliest`` walks along the instants at which more becomes free, from the first on at which
the ends of what runs leave room at all (``soonest``), and returns the first at which a
request has a place that disturbs nothing claimed, and that place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from heapq import merge
from typing import NamedTuple

from rota.core.reasons import Reason
from rota.core.resources import Mode, Request
from rota.sched.modes import find
from rota.sched.problem import Window
from rota.sched.releases import UNBOUNDED, Releases
from rota.sched.soonest import place_then, soonest
from rota.sched.space import Space, Take

CLOSED = Reason("reservation", "promised away")


class Claim(NamedTuple):
    """A promised start: so much of these nodes in [start, end).

    passable: others may use its nodes until then; False: from now on they may not
    """

    start: int
    end: int
    takes: tuple[Take, ...]
    licences: tuple[tuple[str, int], ...]
    passable: bool = True


class Place(NamedTuple):
    """Where a request, or all requests of a gang, start together, and when."""

    at: int
    takes: tuple[Take, ...]
    parts: tuple[int, ...]


def fit_together(requests: Sequence[Request], space: Space) -> Place | None:
    """Return where all of *requests* fit at once, or None; *space* stays as it is."""
    if len(requests) == 1:
        takes = find(requests[0], space)
        return None if takes is None else Place(0, tuple(takes), (len(takes),))
    found: list[Take] = []
    counts: list[int] = []
    for request in requests:
        takes = find(request, space)
        if takes is None:
            break
        space.take(takes)
        space.take_licences(request.licences)
        found += takes
        counts.append(len(takes))
    for request in requests[: len(counts)]:
        space.take_licences(request.licences, -1)
    space.give(found)
    return Place(0, tuple(found), tuple(counts)) if len(counts) == len(requests) else None


def licences_of(requests: Iterable[Request]) -> tuple[tuple[str, int], ...]:
    """Return ((name, amount), …) of all *requests* together."""
    total: dict[str, int] = {}
    for request in requests:
        for name, amount in request.licences:
            total[name] = total.get(name, 0) + amount
    return tuple(sorted(total.items()))


class Future:
    """A space as it will be.  To be asked once."""

    def __init__(
        self,
        space: Space,
        *,
        at: int,
        releases: Releases,
        claims: Sequence[Claim],
        windows: Sequence[Window],
    ) -> None:
        self._now = space
        self._copy: Space | None = None
        self._at = at
        self._releases = releases
        self._ends = iter(releases)
        self._next = next(self._ends, None)
        self._claims = claims
        self._windows = windows
        self._active: set[int] = set()

    def earliest(
        self, requests: Sequence[Request], *, length: int | None, reservation: str | None
    ) -> Place | None:
        """Return the first place for *requests* from now on, or None if there is none.

        Args:
            length: how long it must last; None: it has no limit
        """
        looks = [soonest(r, self._now, self._releases, at=self._at) for r in requests]
        found = [look for look in looks if look is not None]
        if len(found) < len(requests):
            return None
        if self._is_plain(requests, reservation):
            takes = place_then(requests[0], self._now, found[0])
            if takes is not None:
                return Place(found[0].at, tuple(takes), (len(takes),))
        for at in self._instants(max(look.at for look in found)):
            self._go_to(at)
            end = UNBOUNDED + 1 if length is None else at + length
            if place := self._try(requests, at=at, end=end, reservation=reservation):
                return place._replace(at=at)
        return None

    @property
    def _space(self) -> Space:
        if self._copy is None:
            self._copy = self._now.copy()
        return self._copy

    def _is_plain(self, requests: Sequence[Request], reservation: str | None) -> bool:
        """Whether nothing but what runs on some nodes stands in the way."""
        if len(requests) > 1 or requests[0].mode is Mode.BY_CORE:
            return False
        others = self._claims or self._windows or reservation or requests[0].licences
        return not others

    def _instants(self, first: int) -> Iterable[int]:
        releases = (row[0] for row in self._releases.rows)
        claims = sorted(claim.end for claim in self._claims)
        windows = sorted([w.end for w in self._windows] + [w.start for w in self._windows])
        last = None
        for at in merge([first], releases, claims, windows):
            if at != last and at >= first:
                last = at
                yield at

    def _go_to(self, at: int) -> None:
        space = self._space
        while self._next is not None and self._next.at <= at:
            space.give(self._next.takes)
            space.take_licences(self._next.licences, -1)
            self._next = next(self._ends, None)
        for number, claim in enumerate(self._claims):
            active = claim.start <= at < claim.end
            if active and number not in self._active:
                self._active.add(number)
                space.take(claim.takes)
                space.take_licences(claim.licences)
            elif not active and number in self._active:
                self._active.discard(number)
                space.give(claim.takes)
                space.take_licences(claim.licences, -1)

    def _try(
        self, requests: Sequence[Request], *, at: int, end: int, reservation: str | None
    ) -> Place | None:
        """Look for a place in [at, end): what is claimed later in it is out of bounds."""
        closed = closed_by(
            self._windows, self._space, at=at, end=end, reservation=reservation
        )
        if closed is None:
            return None
        later = [claim for claim in self._claims if at < claim.start < end]
        space = self._space
        for spot in closed:
            space.close(spot, CLOSED)
        for claim in later:
            space.take(claim.takes)
            space.take_licences(claim.licences)
        place = fit_together(requests, space)
        for claim in later:
            space.give(claim.takes)
            space.take_licences(claim.licences, -1)
        for spot in closed:
            space.close(spot, None)
        return place


def closed_by(
    windows: Iterable[Window], space: Space, *, at: int, end: int, reservation: str | None
) -> list[int] | None:
    """Return the open spots of *space* that *windows* bar from running in [at, end).

    None: it names a *reservation* that it would not be inside of.
    """
    barred: set[int] = set()
    inside: set[int] | None = set() if reservation else None
    for window in windows:
        spots = _spots(window, space)
        if reservation and window.name == reservation and window.kind == "reservation":
            if window.start <= at and end <= window.end:
                inside = (inside or set()) | spots
        elif window.kind == "end" and end > UNBOUNDED:
            # Nobody knows how long it takes: it may well be over in time.
            continue
        elif window.start < end and at < window.end:
            barred |= spots
    if inside is not None:
        if not inside:
            return None
        barred |= set(range(len(space.nodes))) - inside
    return [spot for spot in barred if space.closed[spot] is None]


def _spots(window: Window, space: Space) -> set[int]:
    if window.nodes is None:
        return set(range(len(space.nodes)))
    return {space.by_name[name] for name in window.nodes if name in space.by_name}

"""The machine as nodes: what the walk along the queue may start, and what it promises."""

from __future__ import annotations

from collections.abc import Callable

from rota.core.reasons import Reason, reason
from rota.sched.claims import Claims
from rota.sched.future import (
    CLOSED,
    Claim,
    Future,
    Place,
    closed_by,
    fit_together,
    licences_of,
)
from rota.sched.grants import Ids
from rota.sched.limits import Quota
from rota.sched.lineup import Head, longest, parts
from rota.sched.mirror import Mirror, Size, within
from rota.sched.problem import Promise, Snapshot, Start
from rota.sched.releases import UNBOUNDED, Release
from rota.sched.roster import Group
from rota.sched.space import Space, Take

RENEW_MS = 30_000
"""A server looks for an earlier start of whom it promised one no more often than that."""

PROMISES_MAX = 100
"""Conservative backfill promises so many starts in a round; who is behind just passes."""


class NodeRoom:
    """A ``backfill.Room`` over the nodes of a snapshot.

    Attributes:
        taken:     all that starts of this round hold
        full:      groups of lines that have no place now
        held_back: {number of a line: why}, where it is not for lack of something free
    """

    def __init__(self, snapshot: Snapshot, space: Space, *, keeps: bool = False) -> None:
        self.space = space
        self.taken: list[Take] = []
        self.starts: list[Start] = []
        self.promises: list[Promise] = []
        self.full: set[Group] = set()
        self.held_back: dict[int, Reason] = {}
        self._snapshot = snapshot
        self._ids = Ids(snapshot.nodes)
        self._quota = Quota(
            snapshot.limits, snapshot.running, at=snapshot.at, recent=snapshot.recent
        )
        self._claims = Claims(snapshot, space)
        self._unsettled: list[Head] = []
        nodes = snapshot.nodes
        self._failed = nodes.failed if isinstance(nodes, Mirror) else {}
        self._keeps = keeps
        if keeps:
            self._hold_old()

    def start(self, head: Head) -> bool:
        """Start as many tasks of *head* as may start; say whether all did."""
        line = head.line
        lifted = self._lift(head) if self._keeps else None
        while head.left:
            if refused := self._quota.refuses(line):
                self.held_back[head.index] = refused
                return True  # It waits for its limit: nobody need keep a place for it.
            place = self._find(head) if lifted or head.group not in self.full else None
            if place is None:
                if not lifted:
                    self.full.add(head.group)
                    head.full = True
                return False
            self._begin(head, place)
        return True

    def hopeless(self, group: Group) -> bool:
        """Say whether nobody of *group* has a place now, promises left aside.

        In a round things only get fewer: where less had no place, more has none.
        """
        if group in self.full:
            return True
        size = group.size
        if size is None:
            hopeless = fit_together(group.requests, self.space) is None
        else:
            hopeless = self._has_failed(group, size)
        if hopeless:
            self.full.add(group)
        return hopeless

    def _has_failed(self, group: Group, size: Size) -> bool:
        failed = self._failed.get(group.sort, ())
        for less in failed:
            if within(less, size):
                return True
        if fit_together(group.requests, self.space) is not None:
            return False
        self._failed[group.sort] = [*(s for s in failed if not within(size, s)), size]
        return True

    def promise(self, head: Head) -> None:
        """Promise *head* its earliest start; it is worked out when somebody could pass."""
        if len(self._claims) + len(self._unsettled) < PROMISES_MAX:
            self._unsettled.append(head)

    def settle(self) -> None:
        """Work out the promises made since the last time."""
        for head in self._unsettled:
            self._claim(head)
        self._unsettled.clear()

    def _lift(self, head: Head) -> Claim | None:
        """Lift what *head* was promised, once all before it have their places again."""
        self.settle()
        return self._claims.lift(head.job.job)

    def _hold_old(self) -> None:
        """Hold what earlier rounds promised; each is lifted when its job has its turn."""
        for job, old in self._snapshot.promised.items():
            claim = old.claim
            if claim is None or claim.start < self._snapshot.at:
                continue
            if self._names(claim) == old.nodes and self._claims.good(claim):
                self._claims.add(job, claim)

    def _find(self, head: Head) -> Place | None:
        requests, length = parts(head.line), longest(head.line)
        if not (len(self._claims) or self._unsettled or self._snapshot.windows):
            return fit_together(requests, self.space)
        if fit_together(requests, self.space) is None:
            return None
        self.settle()
        return self._spared(
            head, self._end(length), lambda: fit_together(requests, self.space)
        )

    def _end(self, length: int | None) -> int:
        # What has no limit is taken to end after everything else that has none.
        return UNBOUNDED + 1 if length is None else self._snapshot.at + length

    def _spared(
        self, head: Head, end: int, look: Callable[[], Place | None]
    ) -> Place | None:
        """Look while all is hidden that would be missing for a promise or a window."""
        space, windows = self.space, self._snapshot.windows
        wanted = head.line.request.reservation
        at = self._snapshot.at
        closed = closed_by(windows, space, at=at, end=end, reservation=wanted)
        if closed is None:
            text = f"waits for its reservation {wanted}"
            self.held_back[head.index] = reason("reservation", what=text)
            return None
        hidden = self._claims.hide(end)
        for spot in closed:
            space.close(spot, CLOSED)
        place = look()
        for spot in closed:
            space.close(spot, None)
        self._claims.show(hidden)
        if place is None:
            self._say_why(head, bool(closed))
        return place

    def _say_why(self, head: Head, closed: bool) -> None:
        if closed and not len(self._claims):
            names = ", ".join(window.name for window in self._snapshot.windows)
            text = f"it could run into {names}"
            self.held_back.setdefault(head.index, reason("reservation", what=text))
        elif self.promises:
            ahead = f"job {self.promises[0].job}, whose start it would delay"
            self.held_back.setdefault(head.index, reason("priority", ahead=ahead))

    def _begin(self, head: Head, place: Place) -> None:
        space, licences = self.space, licences_of(parts(head.line))
        space.take(place.takes)
        self.taken += place.takes
        space.take_licences(licences)
        end = self._end(longest(head.line))
        self._claims.started(Release(min(end, UNBOUNDED), place.takes, licences))
        grants = self._ids.name(place.takes)
        counts = place.parts if len(place.parts) > 1 else ()
        self.starts.append(Start(head.job.job, grants, counts))
        self._quota.add(head.line)
        head.left -= 1

    def _claim(self, head: Head) -> None:
        """Hold the earliest place for *head*, or the one it was promised not long ago."""
        snapshot, length = self._snapshot, longest(head.line)
        old = snapshot.promised.get(head.job.job)
        kept = self._still_good(old)
        if kept and old and snapshot.at < old.made_at + RENEW_MS and self._looks_often:
            self._hold(head, kept, made_at=old.made_at)
            return
        future = Future(
            self.space,
            at=snapshot.at,
            releases=self._claims.releases(),
            claims=self._claims.all(),
            windows=snapshot.windows,
        )
        place = future.earliest(
            parts(head.line), length=length, reservation=head.line.request.reservation
        )
        if place and not (kept and kept.start < place.at):
            end = UNBOUNDED + 1 if length is None else place.at + length
            passable = place.at < UNBOUNDED or head.key[0] > 0
            licences = licences_of(parts(head.line))
            kept = Claim(place.at, end, place.takes, licences, passable)
        if kept:  # Otherwise it fits nowhere, ever, with the nodes that are open now.
            self._hold(head, kept, made_at=snapshot.at)

    @property
    def _looks_often(self) -> bool:
        """Whether the snapshot is a server's, whose nodes are kept from round to round."""
        return isinstance(self._snapshot.nodes, Mirror)

    def _still_good(self, old: Promise | None) -> Claim | None:
        if old is None or old.claim is None or old.claim.start < self._snapshot.at:
            return None
        claim: Claim = old.claim
        good = self._names(claim) == old.nodes and self._claims.good(claim)
        return claim if good else None

    def _hold(self, head: Head, claim: Claim, *, made_at: int) -> None:
        self._claims.add(head.job.job, claim)
        when = claim.start if claim.start < UNBOUNDED else None
        promise = Promise(head.job.job, when, self._names(claim), claim, made_at)
        self.promises.append(promise)

    def _names(self, claim: Claim) -> tuple[str, ...]:
        nodes = self.space.nodes
        spots = (take.spot for take in claim.takes)
        return tuple(nodes[spot].name if spot < len(nodes) else "" for spot in spots)

"""When enough nodes have room: the quick look says what a slow one does."""

from __future__ import annotations

import random

from rota.core.reasons import reason
from rota.core.resources import Mode, Node, Request
from rota.sched.future import Future
from rota.sched.modes import find
from rota.sched.problem import NodeView, Window
from rota.sched.releases import Release, Releases
from rota.sched.soonest import soonest
from rota.sched.space import Space, Take, space_of

AWAY = reason("drained", who="ann", why="a test")


def _cluster(chance: random.Random) -> tuple[Space, Releases]:
    """Return a busy cluster of two sorts of node, and when what runs there ends."""
    views, releases = [], []
    for spot in range(12):
        size = chance.choice((4, 8))
        labels = ("old",) if chance.random() < 0.3 else ()
        name, cores = f"n{spot:02}", tuple(range(size))
        node = Node(name, cores, size * 10, (), {"disk": 9}, labels)
        free, memory, disk = size, size * 10, 9
        while free > 0 and chance.random() < 0.85:
            k = chance.randint(1, free)
            m, d = chance.randint(0, memory), chance.randint(0, disk)
            free, memory, disk = free - k, memory - m, disk - d
            take = Take(spot, k, m, 0, (("disk", d),))
            releases.append(Release(chance.randint(-5, 20), (take,), ()))
        closed = AWAY if chance.random() < 0.05 else None
        views.append(NodeView(node, cores[:free], memory, (), {"disk": disk}, closed))
    releases.append(Release(3, (), (("lic", 1),)))
    return space_of(views), Releases(releases)


def _request(chance: random.Random) -> Request:
    """Return a request of any mode, whole nodes and parts of them."""
    mode = chance.choice(tuple(Mode))
    disk = (("disk", chance.randint(1, 9)),) if chance.random() < 0.3 else ()
    is_pooled = mode is Mode.BY_CORE
    return Request(
        cores=chance.randint(1, 20 if is_pooled else 9),
        memory=chance.randint(0, 90) if chance.random() < 0.5 else 0,
        mode=mode,
        n=chance.randint(1, 4) if mode is Mode.BY_NODE else 1,
        cores_per_node=chance.randint(0, 6) if mode is Mode.BY_NODE else 0,
        host=f"n{chance.randrange(13):02}" if mode is Mode.BY_HOST else None,
        group=("old",) if mode is Mode.BY_GROUP or chance.random() < 0.2 else (),
        resources=() if is_pooled else disk,
        exclusive=chance.random() < 0.2,
    )


def _looked_at_always(
    request: Request, space: Space, releases: Releases
) -> tuple[int, list[Take]] | None:
    """Look at the whole machine at every instant at which something ends."""
    then = space.copy()
    ends = list(releases)
    for at in sorted({0, *(max(0, release.at) for release in ends)}):
        while ends and ends[0].at <= at:
            then.give(ends.pop(0).takes)
        takes = find(request, then)
        if takes is not None:
            return at, takes
    return None


def test_it_is_when_a_look_at_the_whole_machine_at_every_instant_finds_room() -> None:
    """In all modes; and the place is the one that such a look chooses."""
    chance, found = random.Random(2), set()
    nowhere = [Window("nowhere", -9, 99, frozenset())]
    for _ in range(1500):
        space, releases = _cluster(chance)
        request = _request(chance)
        slow = _looked_at_always(request, space, releases)
        look = soonest(request, space, releases, at=0)
        assert look or not slow, request
        if look and request.mode is not Mode.BY_CORE:
            assert slow and look.at == slow[0], request
        for windows in ([], nowhere):
            future = Future(space, at=0, releases=releases, claims=(), windows=windows)
            place = future.earliest([request], length=5, reservation=None)
            assert (place and place.at) == (slow and slow[0]), request
            if place and slow:
                assert sorted(place.takes) == sorted(slow[1]), request
        found.add((request.mode, bool(slow and slow[0]), slow is None))
    assert len(found) == 15, "each mode: now, later, never"


def test_what_is_over_its_time_may_end_at_any_moment() -> None:
    """It is counted as ending now."""
    node = Node("n1", (0, 1), 10)
    space = space_of([NodeView(node, (), 10, (), {})])
    releases = Releases([Release(5, (Take(0, 1),), ()), Release(9, (Take(0, 1),), ())])
    look = soonest(Request(cores=2), space, releases, at=50)
    assert look and (look.at, list(look.free)) == (50, [0])
    assert soonest(Request(cores=3), space, releases, at=50) is None

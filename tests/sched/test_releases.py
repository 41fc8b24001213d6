"""What runs, in the order in which it gives back; and the first node that has room."""

from __future__ import annotations

import random

from rota.core.resources import Node, Request
from rota.sched.future import Future, Release, first_node
from rota.sched.problem import NodeView, Window
from rota.sched.releases import Releases
from rota.sched.space import Space, Take, space_of


def test_they_are_in_order_whatever_comes_goes_and_changes() -> None:
    """By instant and by node; what was dropped is nowhere."""
    chance, releases = random.Random(1), Releases()
    true: dict[int, Release] = {}
    for _ in range(500):
        alloc = chance.randrange(20)
        if chance.random() < 0.4:
            releases.drop(alloc)
            true.pop(alloc, None)
        else:
            takes = (Take(chance.randrange(3), 1), Take(3 + chance.randrange(3), 2))
            true[alloc] = Release(chance.randrange(50), takes, ())
            releases.put(alloc, true[alloc])
        assert len(releases) == len(true)
        assert [r.at for r in releases] == sorted(r.at for r in true.values())
        assert all(releases.of(number) == true.get(number) for number in range(20))
        for spot in range(6):
            on = [r for r in true.values() if spot in {take.spot for take in r.takes}]
            assert sorted(releases.on(spot)) == sorted(on)
    releases.clear()
    assert not list(releases) and not list(releases.on(0))


def _cluster(chance: random.Random) -> tuple[Space, list[Release]]:
    """Return a busy cluster of two sorts of node, and when what runs there ends."""
    views, releases = [], []
    for spot in range(12):
        size = chance.choice((4, 8))
        node = Node(f"n{spot:02}", tuple(range(size)), size * 10, resources={"disk": 9})
        cores, memory, disk = size, size * 10, 9
        while cores > 0 and chance.random() < 0.85:
            k = chance.randint(1, cores)
            m, d = chance.randint(0, memory), chance.randint(0, disk)
            cores, memory, disk = cores - k, memory - m, disk - d
            take = Take(spot, k, m, 0, (("disk", d),))
            releases.append(Release(chance.randint(-5, 20), (take,), ()))
        views.append(NodeView(node, tuple(range(cores)), memory, (), {"disk": disk}))
    releases.sort(key=lambda release: release.at)
    return space_of(views), releases


def test_the_first_node_is_when_a_look_at_the_whole_machine_finds_one() -> None:
    """A window over no node makes ``Future`` look at everything at every instant."""
    chance, found = random.Random(2), set()
    nowhere = [Window("nowhere", -9, 99, frozenset())]
    for _ in range(400):
        space, releases = _cluster(chance)
        disk = (("disk", chance.randint(1, 9)),) if chance.random() < 0.5 else ()
        request = Request(
            cores=chance.randint(1, 9), memory=chance.randint(0, 90), resources=disk,
            exclusive=chance.random() < 0.2,
        )  # fmt: skip
        quick = first_node(request, space, releases, at=0)
        future = Future(space, at=0, releases=releases, claims=(), windows=nowhere)
        slow = future.earliest([request], length=5, reservation=None)
        assert (quick and quick.at) == (slow and slow.at)
        found.add(quick and quick.at)
        if quick and slow and quick.at:
            (take,), (other,) = quick.takes, slow.takes
            assert take._replace(spot=0) == other._replace(spot=0) or request.exclusive
    assert None in found and 0 in found and len(found) > 10

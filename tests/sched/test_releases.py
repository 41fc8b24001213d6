"""What runs, in the order in which it gives back."""

from __future__ import annotations

import random

from rota.sched.releases import Release, Releases
from rota.sched.space import Take


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


def test_those_that_started_since_stand_beside_them() -> None:
    """In the same order, by node as well; what was known before does not know them."""
    known = Releases([Release(30, (Take(0, 1), Take(1, 2)), ()), Release(10, (), ())])
    fresh = Release(20, (Take(1, 4),), ())
    both = known.beside([fresh])
    assert [release.at for release in both] == [10, 20, 30]
    assert list(both.on(1)) == [Release(30, (Take(0, 1), Take(1, 2)), ()), fresh]
    assert [release.at for release in known] == [10, 30]
    assert list(known.on(1)) == [Release(30, (Take(0, 1), Take(1, 2)), ())]
    assert known.beside([]) is known

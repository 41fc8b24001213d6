"""Faults from seeds: no order of them loses, doubles or starves a job."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from rota.sim.faults import campaign
from rota.sim.world import World
from rota.sim.worlds import tried

FOUND = Path(__file__).with_name("found_seeds.txt")
"""Seeds that broke a promise once: ``kind seed  what broke`` by line."""


def all_hold(kind: str, seeds: range) -> Counter[str]:
    """Live through the worlds of *seeds*; return what was tried in them."""
    counts: Counter[str] = Counter()
    for seed in seeds:
        world = tried(kind, seed)
        assert world.broken is None, f"{kind} {seed}: {world.broken}"
        counts += world.counts
    return counts


@pytest.mark.parametrize("block", range(10))
def test_g09_g27_no_order_of_faults_breaks_a_promise(block: int) -> None:
    """Crashes before and after commits, lost links, reboots, long silences, and users."""
    counts = all_hold("plain", range(block * 20, block * 20 + 20))
    assert counts["acknowledged"] > 100, "the worlds were too quiet to show anything"


@pytest.mark.parametrize("block", range(5))
def test_g19_no_order_of_faults_breaks_a_rule(block: int) -> None:
    """Licences, limits, windows and preemption in force: none is ever overdrawn."""
    counts = all_hold("rules", range(block * 20, block * 20 + 20))
    assert counts["licences"] > 100, "the worlds were too quiet to show anything"
    assert counts["preempted"], "nobody was ever stopped for somebody else"


def test_no_order_of_faults_breaks_a_remedy() -> None:
    """Tasks that ask for more, or for another node, than the rest of their job."""
    counts = all_hold("remedies", range(200, 220))
    learned = {f"learned {name}" for name in ("exit_code", "requeue", "lost")}
    assert all(counts[name] for name in learned), "the worlds were too quiet"


def test_g19_no_order_of_faults_gives_a_lent_core_twice() -> None:
    """Suspended for others, lent, taken back; the server dies, links break in between."""
    counts = all_hold("lending", range(40))
    assert counts["lent"] > 10 and counts["back"] > 10, "the worlds were too quiet"


def test_what_once_broke_a_promise_does_so_no_more() -> None:
    """Every seed that a long run has found stays here."""
    lines = FOUND.read_text(encoding="utf-8").splitlines()
    for kind, seed, *_ in (line.split() for line in lines if not line.startswith("#")):
        all_hold(kind, range(int(seed), int(seed) + 1))


def test_the_same_seed_gives_the_same_run() -> None:
    """A failure that a seed found can be found again."""
    first, second = World(7), World(7)
    campaign(first, steps=60)
    campaign(second, steps=60)
    assert first.state() == second.state()
    assert first.ledger.history == second.ledger.history

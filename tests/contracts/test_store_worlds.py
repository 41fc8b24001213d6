"""The mind in its virtual world, on a real store: after every crash it starts from there.

The ledger of ``sim`` keeps the same records in dictionaries; the two may never differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest

from rota.engine.records import Image, Record
from rota.sim.faults import campaign
from rota.sim.ledger import Ledger
from rota.sim.world import World
from rota.store.contract import JobQuery, Store
from tests.contracts.stores import opened, plain
from tests.store.making import FINAL


class Doubled(Ledger):
    """A ledger whose commits also go to a store, and whose images come from there."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.store = store
        self.starts = 0

    def commit(self, batch: Sequence[Record]) -> None:
        """Keep *batch* twice."""
        super().commit(batch)
        assert self.store.commit(batch) == len(self.history)

    def image(self) -> Image:
        """Return what the store says, which must be what the ledger says."""
        right, image = super().image(), self.store.load()
        assert [plain(job) for job in image.jobs] == [plain(job) for job in right.jobs]
        nodes = {node.name: node for node in image.nodes}
        assert nodes == {node.name: node for node in right.nodes}
        assert image.next_job == right.next_job
        assert image.next_alloc >= right.next_alloc
        assert image.last_at >= right.last_at
        self.starts += 1
        return image


# A server and a client take turns for every commit: two worlds tell as much as eight.
WORLDS = [("sqlite", seed) for seed in range(900, 908)] + [
    pytest.param("postgresql", seed, marks=pytest.mark.real) for seed in (900, 901)
]


@pytest.mark.parametrize(("kind", "seed"), WORLDS)
def test_a_store_keeps_what_the_ledger_keeps(kind: str, seed: int) -> None:
    """Crashes, lost links, kills, reruns: starts, listings, tasks and histories agree."""
    with opened(kind) as (store, _):
        world = World(seed)
        ledger = Doubled(store)
        world.ledger = world.witness.ledger = ledger
        campaign(world, steps=40)

        assert ledger.starts > 0
        assert store.check() == []
        _compare_listings(store, ledger)


def _compare_listings(store: Store, ledger: Ledger) -> None:
    rows = {row["id"]: row for row in store.jobs(JobQuery(limit=10_000))}
    assert sorted(rows) == sorted(ledger.added)
    for id, row in rows.items():
        changed = ledger.changed[id]
        assert row["state"] == str(changed.state)
        assert row["counts"] == dict(changed.counts)
        shown = store.tasks(id)
        assert Counter(task["state"] for task in shown) == Counter(dict(changed.counts))
        assert len(store.attempts(id)) == sum(key[0] == id for key in ledger.attempts)
        told = [line.after for line in ledger.history if line.job == id]
        assert [line["after"] for line in store.history(job=id)] == [str(s) for s in told]
    finals = ledger.ended()
    assert store.ended(sorted(rows)) == finals
    assert store.task_ends(sorted(rows)) == ledger.task_ends(rows)
    for image in store.revive(sorted(finals)):
        assert plain(image) == plain(ledger.job_image(image.added.id, live=False))
    assert {i.added.id for i in store.load().jobs} == {
        id for id, row in rows.items() if row["state"] not in FINAL
    }

"""A program that commits batches until it is killed, and tells which are confirmed.

    python -m tests.store.crashing DATABASE SEED      prints a batch's number when it is in

DATABASE is a file, or an address of PostgreSQL.  A connection that is lost is made again,
and the batch whose outcome nobody knows is committed once more, as the server does.

All jobs of a batch carry its number as their queue, so that half a batch would show.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from rota.core.job import JobSpec
from rota.engine.records import Record
from rota.store.contract import Store, StoreAway
from rota.store.sqlite import SqliteStore
from tests.store import making as make


def opened(database: str) -> Store:
    """Return the store at *database*."""
    if "://" not in database:
        return SqliteStore(Path(database), ballast=1 << 16)
    from rota.store.postgres import PostgresStore

    return PostgresStore(database)


def batch_of(number: int, *, first: int, size: int) -> list[Record]:
    """Return *size* jobs with ids from *first*, each with a task that runs."""
    batch: list[Record] = []
    for id in range(first, first + size):
        spec = JobSpec(argv=("true",), queue=str(number), info=f"{size}", tags=("t",))
        batch += [*make.submitted(id, spec), make.task(id, 0), make.attempt(id, 0)]
    return batch


def main() -> None:
    """Go on from what is there."""
    chance = random.Random(sys.argv[2])
    store = opened(sys.argv[1])
    image = store.load()
    id = image.next_job
    number = int(image.jobs[-1].added.spec.queue) + 1 if image.jobs else 1
    while True:
        size = chance.choice([1, 1, 2, 5, 20, 200])
        batch = batch_of(number, first=id, size=size)
        while not _is_in(store, batch):
            pass
        print(number, flush=True)
        id, number = id + size, number + 1


def _is_in(store: Store, batch: list[Record]) -> bool:
    """Commit *batch*; return whether it is known to be in."""
    try:
        store.commit(batch)
    except StoreAway:
        return False
    return True


if __name__ == "__main__":
    main()

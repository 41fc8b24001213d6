"""A program that commits batches until it is killed, and tells which are confirmed.

    python -m tests.store.crashing DATABASE SEED      prints a batch's number when it is in

All jobs of a batch carry its number as their queue, so that half a batch would show.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from rota.core.job import JobSpec
from rota.engine.records import Record
from rota.store.sqlite import SqliteStore
from tests.store import making as make


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
    store = SqliteStore(Path(sys.argv[1]), ballast=1 << 16)
    image = store.load()
    id = image.next_job
    number = int(image.jobs[-1].added.spec.queue) + 1 if image.jobs else 1
    while True:
        size = chance.choice([1, 1, 2, 5, 20, 200])
        store.commit(batch_of(number, first=id, size=size))
        print(number, flush=True)
        id, number = id + size, number + 1


if __name__ == "__main__":
    main()

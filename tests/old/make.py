"""Make the database that the present version leaves behind, once, when it is released.

    python -m tests.old.make tests/old/0001.db

It holds what a home in use holds: jobs that wait, run and have ended, an array half done, a
node, a token, measurements.  Once released a file is never made again.
"""

from __future__ import annotations

import sys
from pathlib import Path

from rota.core.indexes import IndexSet
from rota.core.job import After, Array, JobSpec
from rota.core.reasons import reason
from rota.core.resources import Request
from rota.engine.records import NodeSaved
from rota.store.contract import Token
from rota.store.sqlite import SqliteStore
from tests.store import making as make
from tests.store.making import AT

SWEEP = JobSpec(
    command="fit {item}",
    name="sweep",
    cwd="/home/ann",
    env={"LANG": "C", "PATH": "/bin"},
    request=Request(cores=2, memory=1 << 30, time_ms=60_000),
    tags=("thesis",),
    key="sweep-1",
    array=Array(IndexSet([[0, 9]]), 4, {"item": tuple("abcdefghij")}),
    retries={"any": 2},
)


def fill(store: SqliteStore) -> None:
    """Commit what a server would have committed."""
    node = NodeSaved(
        "one", "boot-1", (0, 1, 2, 3), 8 << 30, (), {"disk": 5}, ("gen4",), AT, None
    )
    store.commit([node, *make.submitted(1), *make.submitted(2, SWEEP)])
    merge = JobSpec(script="#!/bin/sh\nmerge\n", after=(After("ok", 2),))
    why = reason("dependency", what="job 2")
    held = make.changed(3, {"held": 1}, waiting=[[0, 0]], reason=why)
    store.commit([make.added(3, merge), held, make.told(3, after="held")])
    store.commit([*make.submitted(4), *make.submitted(5, user="bob")])
    usage = {"cpu_s": 0.5}
    ok, bad = reason("ok", code=0), reason("exit_code", code=3)
    store.commit(
        [
            make.changed(1, {"done": 1}, reason=ok, ended_at=AT + 9),
            make.task(1, 0, "done", exit_code=0, ended_at=AT + 9, reason=ok),
            make.attempt(1, 0, ended_at=AT + 9, exit_code=0, reason=ok, usage=usage),
            make.told(1, "finish", task=0, attempt=1, before="running", after="done"),
            make.changed(
                2, {"done": 1, "failed": 1, "running": 1, "queued": 7}, state="running",
                waiting=[[4, 9]], started_at=AT + 5,
            ),
            make.task(2, 0, "done", exit_code=0), make.attempt(2, 0),
            make.task(2, 1, "failed", attempt=3, failures={"any": 3}, reason=bad),
            *[make.attempt(2, 1, n, exit_code=3, reason=bad) for n in (1, 2, 3)],
            make.task(2, 2, "running"), make.attempt(2, 2, alloc=11),
            make.task(2, 3, "queued", attempt=1, troubles=1), make.attempt(2, 3),
            make.changed(5, {"cancelled": 1}, ended_at=AT + 7),
        ]
    )  # fmt: skip
    store.save_samples([(2, 2, 1, AT + n, 10 * n, 1 << 20, 0, 0, 2) for n in range(3)])
    store.add_token("digest-of-a-token", Token("ann", 1000, "user", AT, "laptop"))


if __name__ == "__main__":
    store = SqliteStore(Path(sys.argv[1]), ballast=0)
    fill(store)
    store.close()

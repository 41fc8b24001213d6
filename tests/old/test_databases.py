"""A database of every released version opens, and its queue is what it was."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from rota.engine.mind import Mind
from rota.store.contract import JobQuery, Store
from rota.store.opening import SCHEMA
from rota.store.sqlite import SqliteStore
from tests.old.make import SWEEP
from tests.real import postgres
from tests.store.making import AT

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.glob("*.db"))
DUMPS = sorted(FOLDER.glob("*.sql"))
"""Of PostgreSQL, as ``pg_dump --inserts`` wrote them; the first one that there was."""

EVERY = [
    *(pytest.param(file, id=file.stem) for file in FILES),
    *(pytest.param(file, id=file.name, marks=pytest.mark.real) for file in DUMPS),
]


@pytest.fixture
def opened(file: Path, tmp_path: Path) -> Iterator[Store]:
    """The store that a new server finds, upgraded."""
    if file.suffix == ".db":
        store = SqliteStore(Path(shutil.copy(file, tmp_path / "rota.db")), ballast=0)
        yield store
        store.close()
        return
    from rota.store.line import Line
    from rota.store.postgres import PostgresStore

    cluster = postgres.running()
    admin = Line(cluster.url()).writer()
    admin.execute("CREATE SCHEMA old")
    old = Line(cluster.url("old")).writer()
    old.execute(file.read_bytes())
    old.close()
    found = PostgresStore(cluster.url("old"))
    yield found
    found.close()
    admin.execute("DROP SCHEMA old CASCADE")
    admin.close()


@pytest.mark.parametrize("file", EVERY)
def test_it_opens_with_its_queue_intact(opened: Store) -> None:
    """What waited waits, what ran runs, what ended is told; a mind can go on from it."""
    store = opened
    image = store.load()
    sweep, merge, single = image.jobs

    assert [job.changed.state for job in image.jobs] == ["running", "held", "queued"]
    assert sweep.added.spec == SWEEP
    assert [list(pair) for pair in sweep.changed.waiting] == [[4, 9]]
    assert [(t.task, t.state, t.attempt) for t in sweep.tasks] == [
        (2, "running", 1), (3, "queued", 1),
    ]  # fmt: skip
    assert [attempt.alloc for attempt in sweep.attempts] == [11]
    assert merge.added.spec.after[0].job == 2
    assert single.added.id == 4
    assert (image.next_job, image.nodes[0].cores) == (6, (0, 1, 2, 3))
    assert store.check() == []
    mind = Mind()
    mind.load(image, AT + 1000)
    mind.check()


@pytest.mark.parametrize("file", EVERY)
def test_what_ended_is_still_told(opened: Store) -> None:
    """Listings, attempts, history, measurements, keys and tokens."""
    store = opened

    assert store.ended([1, 2, 5]) == {1: "done", 5: "cancelled"}
    done = store.jobs(JobQuery(ids=[1]))[0]
    assert (done["exit_code"], done["usage"]) == (0, {"cpu_s": 0.5})
    assert [row["n"] for row in store.attempts(2, 1)] == [1, 2, 3]
    assert [t["state"] for t in store.tasks(2)] == [
        "done", "failed", "running", *["queued"] * 7,
    ]  # fmt: skip
    assert [line["move"] for line in store.history(job=1)] == ["submit", "finish"]
    assert len(store.series(2, 2, 1)) == 3
    assert store.keys("ann", ["sweep-1"]) == {"sweep-1": 2}
    token = store.token("digest-of-a-token")
    assert token is not None
    assert token.user == "ann"


def test_there_is_a_file_of_every_schema() -> None:
    """None was left out, up to the present one."""
    assert [file.stem for file in FILES] == [f"{n:04d}" for n in range(1, SCHEMA + 1)]

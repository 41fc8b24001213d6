"""A database of every released version opens, and its queue is what it was."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from rota.engine.mind import Mind
from rota.store.contract import JobQuery
from rota.store.opening import SCHEMA
from rota.store.sqlite import SqliteStore
from tests.old.make import SWEEP
from tests.store.making import AT

FILES = sorted(Path(__file__).parent.glob("*.db"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_opens_with_its_queue_intact(file: Path, tmp_path: Path) -> None:
    """What waited waits, what ran runs, what ended is told; a mind can go on from it."""
    path = Path(shutil.copy(file, tmp_path / "rota.db"))
    store = SqliteStore(path, ballast=0)
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
    store.close()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_ended_is_still_told(file: Path, tmp_path: Path) -> None:
    """Listings, attempts, history, measurements, keys and tokens."""
    path = Path(shutil.copy(file, tmp_path / "rota.db"))
    store = SqliteStore(path, ballast=0)

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
    store.close()


def test_there_is_a_file_of_every_schema() -> None:
    """None was left out, up to the present one."""
    assert [file.stem for file in FILES] == [f"{n:04d}" for n in range(1, SCHEMA + 1)]

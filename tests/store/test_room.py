"""A full disk (G05), for real: a small file system in memory, filled to the last byte."""

from __future__ import annotations

import ctypes
import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rota.core.job import JobSpec
from rota.engine.records import Record
from rota.store.contract import JobQuery, StoreFull
from rota.store.room import Ballast, is_out_of_room
from rota.store.sqlite import SqliteStore
from tests.store import making as make

DISK, BALLAST = 6 << 20, 1 << 20
_libc = ctypes.CDLL(None, use_errno=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 6 MB of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    options = f"size={DISK}".encode()
    if _libc.mount(b"tmpfs", bytes(place), b"tmpfs", 0, options):
        why = os.strerror(ctypes.get_errno())
        pytest.skip(f"a small disk can only be mounted by root, not here: {why}")
    yield place
    assert _libc.umount2(bytes(place), 2) == 0, os.strerror(ctypes.get_errno())


def fill(disk: Path) -> Path:
    """Write to *disk* until not a byte more goes in; return the file."""
    filler = disk / "filler"
    with filler.open("ab", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError as error:
                assert error.errno == errno.ENOSPC
    return filler


def big(id: int, size: int) -> list[Record]:
    """Return a job whose rows take *size* bytes."""
    return make.submitted(id, JobSpec(script=f"{id}" + "x" * size))


def ids(store: SqliteStore) -> list[int]:
    """Return the ids of all jobs in *store*."""
    return [row["id"] for row in store.jobs(JobQuery(limit=1000))]


def test_g05_on_a_full_disk_ends_are_still_told(disk: Path) -> None:
    """New work is refused at the door, what runs can end, reads work, and it recovers."""
    store = SqliteStore(disk / "rota.db", ballast=BALLAST)
    store.commit(make.submitted(1))
    assert (disk / "ballast").stat().st_blocks * 512 >= BALLAST
    filler = fill(disk)

    id = 1
    while not store.is_full():
        id += 1
        store.commit(big(id, 10_000))
    assert not store.has_room(1)
    assert not (disk / "ballast").exists()

    for n in range(1, 20):
        store.commit([make.task(1, 0, attempt=n), make.attempt(1, 0, n), make.told(1)])
    store.commit([make.changed(1, {"done": 1}), make.task(1, 0, "done")])
    assert store.ended([1]) == {1: "done"}
    assert ids(store) == list(range(id, 0, -1))
    assert store.is_full()

    filler.unlink()
    assert not store.is_full()
    assert (disk / "ballast").stat().st_blocks * 512 >= BALLAST
    assert store.has_room(100_000)
    store.commit(big(id + 1, 10_000))
    assert store.check() == []
    store.close()


def test_g05_when_the_reserve_is_gone_too_nothing_is_half_written(disk: Path) -> None:
    """The batch is refused whole, again and again, until there is room; then it goes in."""
    store = SqliteStore(disk / "rota.db", ballast=BALLAST)
    store.commit(make.submitted(1))
    filler = fill(disk)
    written = [1]
    with pytest.raises(StoreFull, match="no room"):
        for id in range(2, 1000):
            store.commit([*make.submitted(id * 1000), *big(id * 1000 + 1, 100_000)])
            written += [id * 1000, id * 1000 + 1]
    lost = written[-1] + 999, written[-1] + 1000

    for _ in range(3):
        with pytest.raises(StoreFull):
            store.commit([*make.submitted(lost[0]), *big(lost[1], 100_000)])
    with pytest.raises(StoreFull):
        store.save_samples([(1, 0, 1, at, 1, 1, 1, 1, 1) for at in range(100_000)])
    assert sorted(ids(store)) == written
    assert store.series(1, 0, 1) == []

    filler.unlink()
    seq = store.commit([*make.submitted(lost[0]), *big(lost[1], 100_000)])
    assert seq == len(written) + 2
    assert sorted(ids(store)) == [*written, *lost]
    assert store.check() == []
    store.close()


def test_g05_a_server_starts_on_a_full_disk(disk: Path) -> None:
    """It gives its reserve up to open at all, and is full from the start."""
    path = disk / "rota.db"
    store = SqliteStore(path, ballast=BALLAST)
    store.commit(make.submitted(1))
    store.close()
    filler = fill(disk)

    store = SqliteStore(path, ballast=BALLAST)
    assert store.is_full()
    assert len(store.load().jobs) == 1
    store.commit([make.changed(1, {"done": 1}), make.task(1, 0, "done")])
    assert store.ended([1]) == {1: "done"}
    filler.unlink()
    assert not store.is_full()
    store.close()


def test_a_store_is_not_made_on_a_full_disk(disk: Path) -> None:
    """It says so, and leaves nothing behind that the next try would stumble over."""
    filler = fill(disk)
    with pytest.raises(StoreFull):
        SqliteStore(disk / "rota.db", ballast=BALLAST)
    assert [path.name for path in disk.iterdir()] == ["filler"]

    filler.unlink()
    store = SqliteStore(disk / "rota.db", ballast=BALLAST)
    assert not store.is_full()
    store.close()


def test_a_backup_that_does_not_fit_leaves_nothing(disk: Path, tmp_path: Path) -> None:
    """No half of a copy is ever found under the name of a backup."""
    store = SqliteStore(tmp_path / "rota.db", ballast=0)
    for id in range(1, 80):
        store.commit(big(id, 100_000))
    with pytest.raises(StoreFull, match="no room"):
        store.backup(disk / "copy.db")

    assert list(disk.iterdir()) == []
    store.close()


def test_a_store_that_is_not_full_refuses_what_is_too_large(disk: Path) -> None:
    """A submission that would not fit is refused before the mind has heard of it."""
    store = SqliteStore(disk / "rota.db", ballast=BALLAST)

    assert store.has_room(500_000)
    assert not store.has_room(3_000_000)
    store.close()


def test_room_is_told_from_other_trouble(disk: Path) -> None:
    """A full disk is full; a folder one may not write to, or that is not there, is not."""
    assert not is_out_of_room(disk)
    fill(disk)
    assert is_out_of_room(disk)
    assert not Ballast(disk / "ballast", BALLAST).take()
    assert not is_out_of_room(disk / "nowhere")


def test_a_disk_that_fails_stops_the_server(tmp_path: Path) -> None:
    """An error that is not want of room is told as such; what was confirmed is there."""
    path = tmp_path / "rota.db"
    done = subprocess.run(
        [sys.executable, "-m", "tests.store.limited", path],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    confirmed, told, again = done.stdout.splitlines()

    assert again == told, "a second try was made"
    assert told.startswith("DiskFailed: the database")
    assert "disk I/O error" in told
    store = SqliteStore(path, ballast=0)
    assert ids(store) == list(range(int(confirmed), 0, -1))
    assert store.check() == []
    store.close()

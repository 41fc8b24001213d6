"""Files a node keeps: fetched once, verified, gone on with, thrown away."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rota.agent.cache import Cache, Damaged
from rota.agent.halt import Halt

DATA = b"0123456789" * 1000
DIGEST = hashlib.sha256(DATA).hexdigest()


class Line(Exception):
    """The line broke."""


def test_a_file_is_fetched_once(tmp_path: Path) -> None:
    """Whoever comes next finds it."""
    cache, asked = Cache(str(tmp_path)), []

    def source(digest: str, at: int) -> Iterator[bytes]:
        asked.append((digest, at))
        yield DATA[at:]

    for _ in range(3):
        cache.fetch(DIGEST, source=source, halt=Halt(), size_max=len(DATA))
    assert asked == [(DIGEST, 0)]
    fd = cache.open(DIGEST, size=len(DATA))
    assert os.read(fd, len(DATA) + 1) == DATA
    os.close(fd)


def test_a_broken_fetch_goes_on_where_it_was(tmp_path: Path) -> None:
    """Also in another process: the part is on disk."""
    asked = []

    def breaks(_: str, at: int) -> Iterator[bytes]:
        asked.append(at)
        yield DATA[at : at + 4000]
        raise Line

    def ends(_: str, at: int) -> Iterator[bytes]:
        asked.append(at)
        yield DATA[at:]

    for _ in range(2):
        with pytest.raises(Line):
            Cache(str(tmp_path)).fetch(DIGEST, source=breaks, halt=Halt(), size_max=10_000)
    came = Cache(str(tmp_path)).fetch(DIGEST, source=ends, halt=Halt(), size_max=10_000)
    assert (asked, came) == ([0, 4000, 8000], 2000)


def test_what_is_not_what_it_should_be_is_not_kept(tmp_path: Path) -> None:
    """Neither another content nor one that never ends."""
    cache = Cache(str(tmp_path))

    def wrong(_: str, at: int) -> Iterator[bytes]:
        yield b"x" * (len(DATA) - at)

    def endless(_: str, at: int) -> Iterator[bytes]:
        while True:
            yield DATA

    for source in (wrong, endless):
        with pytest.raises(Damaged):
            cache.fetch(DIGEST, source=source, halt=Halt(), size_max=len(DATA))
        assert not cache.has(DIGEST)


def test_many_at_once_fetch_it_once(tmp_path: Path) -> None:
    """The others wait for the first."""
    asked = []

    def source(_: str, at: int) -> Iterator[bytes]:
        asked.append(at)
        for start in range(at, len(DATA), 1000):
            yield DATA[start : start + 1000]

    def fetch() -> None:
        cache = Cache(str(tmp_path))
        cache.fetch(DIGEST, source=source, halt=Halt(), size_max=len(DATA))

    threads = [threading.Thread(target=fetch) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert asked == [0]
    assert sorted(os.listdir(tmp_path / "files" / DIGEST[:2])) == [DIGEST]


def test_what_was_not_used_lately_goes_first(tmp_path: Path) -> None:
    """When room is needed."""
    cache = Cache(str(tmp_path))
    digests = []
    for number in range(4):
        data = bytes([number]) * 1000
        digests.append(hashlib.sha256(data).hexdigest())
        cache.fetch(
            digests[-1], source=lambda _, at, data=data: iter([data[at:]]),  # type: ignore[misc]
            halt=Halt(), size_max=1000,
        )  # fmt: skip
        os.utime(cache.path_of(digests[-1]), (number, number))
    os.close(cache.open(digests[0], size=1000))
    assert cache.trim(room=1500) == 2000
    assert [cache.has(digest) for digest in digests] == [True, False, False, True]

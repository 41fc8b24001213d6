"""An output that outgrows its limit keeps head and tail, and says what is missing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.agent.caps import BLOCK, LIMIT_MIN, MARK_SIZE, cut, hole, skip

LIMIT = 256 << 10


def text(lines: int) -> bytes:
    """Lines that say where they stand."""
    return b"".join(b"line %07d\n" % number for number in range(lines))


def read_all(path: Path) -> bytes:
    """Read as the agent does: a piece at a time, holes skipped."""
    fd = os.open(path, os.O_RDONLY)
    found, at, size = [], 0, path.stat().st_size
    while at < size:
        at, end = skip(fd, at, size)
        found.append(os.pread(fd, min(100_000, end - at), at))
        at += len(found[-1])
    os.close(fd)
    return b"".join(found)


def punches(folder: Path) -> bool:
    """Can files be cut here at all?"""
    path = folder / "probe"
    path.write_bytes(bytes(range(256)) * 8192)
    return cut(str(path), LIMIT) <= 2 * LIMIT


def test_below_its_limit_an_output_is_kept_to_the_byte(tmp_path: Path) -> None:
    """Nothing is marked, nothing is skipped."""
    path = tmp_path / "out"
    path.write_bytes(text(10_000))

    cut(str(path), LIMIT)
    assert path.read_bytes() == read_all(path) == text(10_000)


def test_above_it_head_and_tail_are_kept_and_the_cut_is_marked(tmp_path: Path) -> None:
    """Also while it goes on growing; disk stays bounded, offsets stay what they were."""
    if not punches(tmp_path):
        pytest.skip("this file system cannot give back the middle of a file")
    path = tmp_path / "out"
    whole = text(1_000_000)
    for end in (3 << 20, 7 << 20, len(whole)):
        with path.open("ab") as out:
            out.write(whole[path.stat().st_size if path.exists() else 0 : end])
        assert cut(str(path), LIMIT) <= LIMIT + 4 * BLOCK
    assert path.stat().st_size == len(whole)
    found = read_all(path)
    head, _, rest = found.partition(b"\n[rota: ")
    told, _, tail = rest.partition(b"]")
    assert whole.startswith(head) and len(head) >= LIMIT // 2 - MARK_SIZE
    left_out = int(told.split()[0])
    tail = tail.lstrip(b" ")[1:]
    assert whole.endswith(tail) and len(tail) >= LIMIT // 2
    assert len(head) + left_out + len(tail) == len(whole)


def test_a_hole_of_the_jobs_own_is_zeros(tmp_path: Path) -> None:
    """Who wrote a sparse file finds it as it was."""
    path = tmp_path / "out"
    with path.open("wb") as out:
        out.write(b"begin")
        out.seek(4 << 20)
        out.write(b"end")

    assert read_all(path) == path.read_bytes()


def test_what_is_no_file_is_left_alone(tmp_path: Path) -> None:
    """A link is not followed, a fifo not waited for, a missing file no trouble."""
    target, link, fifo = tmp_path / "t", tmp_path / "l", tmp_path / "f"
    target.write_bytes(text(100_000))
    link.symlink_to(target)
    os.mkfifo(fifo)

    assert [cut(str(path), LIMIT) for path in (link, tmp_path / "none")] == [0, 0]
    assert cut(str(fifo), LIMIT) == 0
    assert target.read_bytes() == text(100_000)


@given(st.integers(0, 1 << 50), st.integers(1, 1 << 40))
def test_a_hole_leaves_half_the_limit_on_both_sides(size: int, limit: int) -> None:
    """In whole blocks, and never backwards."""
    begin, end = hole(size, limit)
    kept = max(limit, LIMIT_MIN)

    assert begin % BLOCK == 0 and begin <= end
    if end > begin:
        assert size - end >= kept // 2 and begin >= kept // 2 - BLOCK

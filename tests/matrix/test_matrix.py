"""The matrix in its short form: one round of each cell; ``bench/faults.py`` runs many."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.matrix.cell import Round
from tests.matrix.faults import CELLS, FAULTS, PARTS, why_none
from tests.matrix.field import Field, why_not
from tests.matrix.witness import Book, judge

pytestmark = [pytest.mark.real, pytest.mark.slow]


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    """One field for all cells: each must leave it whole."""
    if why := why_not():
        pytest.skip(why)
    with Field(tmp_path_factory.mktemp("field")) as field:
        yield field


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("part", "fault"), CELLS)
def test_g01_g07_g11_g15_g16_g23_no_fault_breaks_a_law(
    ground: Field, part: str, fault: str
) -> None:
    """Nothing lost, doubled, late, untrue, incomplete or leaked; all comes back."""
    made = Round(ground, part, fault, seed=1).run()
    assert made.breaches == []
    assert made.attempts >= made.tasks - 1


@pytest.mark.timeout(300)
def test_the_judge_sees_what_is_wrong(ground: Field) -> None:
    """Lines that a job did not write, or should not have, are found by their law."""
    folder = ground.folder / "jobs" / "judge"
    folder.mkdir(parents=True)
    book = Book(folder)
    with ground.client() as client:
        doc = {"argv": book.argv(), "array": "0-2", "cwd": "/"}
        job = client.submit(doc)[0].id
        book.jobs[job] = 3
        client.wait(job, timeout_s=60)
        assert judge(book, client) == []
        told = book.path.read_text()
        for more, law in (
            (f"start {job} 1 2 1\nend {job} 1 1 1\n", "doubled"),
            (f"start {job + 1} 0 1 1\n", "lost"),
            (f"start {job} 2 1 1\n", "doubled"),
        ):
            book.path.write_text(told + more)
            assert law in {found for found, _ in judge(book, client)}, more
        book.path.write_text(told)
        book.cancelled[job] = book.count(job) - 1
        assert judge(book, client) == [("late", f"job {job} wrote 1 lines after its end")]


def test_every_cell_is_there_or_has_its_reason() -> None:
    """A part and a fault that are not tried together say why."""
    for part in PARTS:
        for fault in FAULTS:
            why = why_none(part, fault)
            assert ((part, fault) in CELLS) == (why is None), (part, fault)
            if why and why.startswith("tests/"):
                assert (Path(__file__).parents[2] / why).is_file(), why


def test_g21_the_fields_clocks_can_be_set(ground: Field) -> None:
    """Otherwise the cell of jumps would show nothing."""
    ground.clock.write_text("86400")
    python, code = ground.near.command()[0], "import time; print(int(time.time()))"
    told = subprocess.check_output([python, "-c", code], env=ground.near.env)
    ground.clock.write_text("0")
    assert 86_000 < int(told) - time.time() < 87_000

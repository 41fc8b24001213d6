"""What rota spread and the server say to each other keeps to its rows."""

from __future__ import annotations

from typing import Any

import pytest

from rota.wire import steps
from rota.wire.agent import checked

RANK = steps.RankAsked(0, "n2", steps.IDS_FROM + 7, {"A": "b"}, False, 0, 5)


def test_what_is_built_is_what_is_read() -> None:
    """Both ways."""
    wish = steps.begin([RANK], argv=["./a"], env={"PATH": "/bin"}, cwd=None)
    good, bad = checked([wish, steps.signal("TERM")], steps.FROM_SPREAD)
    assert (good[0]["ranks"][0][2], good[1]["signal"], bad) == (RANK.id, "TERM", [])
    told = [
        steps.placed(0), steps.wrote(0, err=True, b64=""), steps.refused("no"),
        steps.ended(0, exit=None, sig=9, why="killed"),
    ]  # fmt: skip
    assert checked(told, steps.TO_SPREAD) == (told, [])


@pytest.mark.parametrize(
    ("at", "value"), [(0, -1), (1, ""), (2, "x"), (3, {"a": 1}), (4, 0), (6, None)]
)
def test_a_rank_that_makes_no_sense_is_complained_about(at: int, value: Any) -> None:
    """And is not started."""
    row = list(RANK)
    row[at] = value
    wish = {**steps.begin([], argv=["a"], env={}, cwd=None), "ranks": [row]}
    good, bad = checked([wish], steps.FROM_SPREAD)
    assert not good and "ranks" in str(bad[0])


def test_ranks_are_no_jobs() -> None:
    """Their numbers are above all jobs', their ids between allocations and those."""
    assert steps.is_step(steps.STEPS) and not steps.is_step(steps.STEPS - 1)
    assert steps.IDS_FROM == 1 << 40 and steps.IDS_FROM + (1 << 48) < steps.STEPS

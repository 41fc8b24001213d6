"""Other systems' lists of nodes, and one number for each task."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.core.foreign import RAW, fold_hosts, from_raw, raw_id, unfold_hosts


@pytest.mark.parametrize(
    ("names", "folded"),
    [
        (["n1", "n2", "n3", "n7", "x05"], "n[1-3,7],x05"),
        (["n1", "n3"], "n[1,3]"),
        (["n1"], "n1"),
        (["a01", "a02", "a10"], "a[01-02],a10"),
        (["login", "n2"], "login,n2"),
        ([], ""),
    ],
)
def test_hosts_are_folded_as_slurm_does(names: list[str], folded: str) -> None:
    """Ranges of numbers stand in brackets; leading zeros are kept apart."""
    assert fold_hosts(names) == folded
    assert unfold_hosts(folded) == names


@given(st.lists(st.from_regex(r"\A[a-z]{1,3}[0-9]{0,3}\Z"), unique=True))
def test_what_is_folded_unfolds_to_the_same_hosts(names: list[str]) -> None:
    """No host is lost or made up, whatever they are called."""
    assert sorted(unfold_hosts(fold_hosts(names))) == sorted(names)


@given(st.text(alphabet="n[]0123456789,- x"))
def test_any_text_is_a_list_or_refused(text: str) -> None:
    """No crash, no hang."""
    try:
        assert isinstance(unfold_hosts(text), list)
    except ValueError as error:
        assert str(error)


def test_too_many_hosts_are_refused() -> None:
    """A short text cannot ask for all memory."""
    with pytest.raises(ValueError, match="more than"):
        unfold_hosts("n[1-99999999999]")


@given(st.integers(1, 10**8), st.integers(0, 10**7 - 1))
def test_a_tasks_number_tells_which_task_it_is(job: int, task: int) -> None:
    """And no job has that number."""
    raw = raw_id(job, task)
    assert raw >= RAW and from_raw(raw) == (job, task)


def test_the_last_task_has_its_arrays_number() -> None:
    """As in Slurm; and a job without an array is its own number."""
    assert raw_id(20, 7, 7) == 20 and raw_id(20, None) == 20
    assert from_raw(20) == (20, None)

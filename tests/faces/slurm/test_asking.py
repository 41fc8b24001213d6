"""Which rows a command is about."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rota.client.http import Client
from rota.faces.slurm.asking import BadId, expanded, rows, wanted


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["12"], {12: None}),
        (["20_3", "20_[1-2]"], {20: {1, 2, 3}}),
        (["20_3", "20"], {20: None}),
        (["12.batch"], {12: None}),
        (["1000000200000003"], {20: {3}}),
    ],
)
def test_ids_as_users_write_them(
    words: list[str], found: dict[int, set[int] | None]
) -> None:
    """Jobs, tasks, steps, and the one number of a task."""
    assert wanted(words) == found


@pytest.mark.parametrize("word", ["x", "12_", "0", "-3", "12_[5-1]"])
def test_what_is_no_id_is_told(word: str) -> None:
    """The word itself."""
    with pytest.raises(BadId, match=r".*"):
        wanted([word])


def test_what_waits_of_an_array_is_one_row(
    client: Client, submitted: Callable[..., str]
) -> None:
    """And one for each task when they are wanted apart."""
    job = int(submitted("-H", "-a", "1-3%2", "--wrap", "true"))

    found = rows(client, jobs={job: None})
    assert [row.job_id for row in found] == [f"{job}_[1-3%2]"]
    assert [row.job_id for row in expanded(found)] == [f"{job}_{i}" for i in (1, 2, 3)]
    assert [row.task for row in rows(client, jobs={job: {2}})] == [2]
    client.kill(job)
    assert rows(client, jobs={job: None}) == []
    assert len(rows(client, jobs={job: None}, ended=True)) == 3

"""Selectors: the short ways to say which jobs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rota.client.http import Client
from rota.core.errors import Malformed, Missing
from rota.faces.selectors import ENDED, LIVE, jobs_of, one, targets


@pytest.fixture(scope="module")
def jobs(cluster: object, request: pytest.FixtureRequest) -> Iterator[dict[str, int]]:
    """Two held jobs, an array with a failure, one that is done."""
    home = str(request.getfixturevalue("cluster").home)
    with Client(home=home) as client:
        held = {"argv": ["true"], "cwd": "/", "held": True, "tags": ["paper"]}
        docs = [
            {**held, "name": "sel-a"},
            {**held, "name": "sel-b"},
            {"command": "exit {task}", "cwd": "/", "name": "sel-array", "array": "0-2"},
            {"argv": ["true"], "cwd": "/", "name": "sel-done"},
        ]
        ids = [job.id for job in client.submit(*docs)]
        for job in ids[2:]:
            client.wait(job, timeout_s=30)
        yield dict(zip(("a", "b", "array", "done"), ids, strict=True))
        client.kill(*ids[:2])


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("12", ["12"]),
        ("0012", ["12"]),
        ("12[7]", ["12[7]"]),
        ("12[3-5]", ["12[3]", "12[4]", "12[5]"]),
        ("12[0-6:3,9]", ["12[0]", "12[3]", "12[6]", "12[9]"]),
    ],
)
def test_numbers_are_taken_as_they_are(client: Client, word: str, found: list[str]) -> None:
    """Whether they exist, the server says."""
    assert targets(client, [word]) == found


@pytest.mark.parametrize("word", ["12[", "12[]", "12[a]", "12[5-3]", "12[1%2]", "1" * 30])
def test_what_is_no_selector_is_refused(client: Client, word: str) -> None:
    """And nothing is guessed."""
    with pytest.raises(Malformed):
        targets(client, [word])


def test_last_is_the_newest(client: Client, jobs: dict[str, int]) -> None:
    """Mine, whatever its state; with an index, a task of it."""
    assert targets(client, ["last"]) == [str(jobs["done"])]
    assert targets(client, ["last[3]"]) == [f"{jobs['done']}[3]"]


def test_names_globs_and_tags(client: Client, jobs: dict[str, int]) -> None:
    """In the order they were handed in, each once."""
    both = [str(jobs["a"]), str(jobs["b"])]
    assert targets(client, ["sel-a"]) == both[:1]
    assert targets(client, ["sel-?", "sel-b", "tag:paper"]) == both
    assert targets(client, ["sel-*"], which=LIVE) == both
    assert targets(client, ["sel-*"], which=ENDED) == [
        str(jobs["array"]),
        str(jobs["done"]),
    ]


def test_all_is_what_is_not_over(client: Client, jobs: dict[str, int]) -> None:
    """Unless the verb is for what is."""
    assert targets(client, ["all"]) == [str(jobs["a"]), str(jobs["b"])]
    assert str(jobs["done"]) in targets(client, ["all"], which=ENDED)


def test_failed_means_tasks_of_what_was_said(client: Client, jobs: dict[str, int]) -> None:
    """And jobs when nothing was."""
    array = jobs["array"]
    assert targets(client, [str(array)], failed=True) == [f"{array}[1]", f"{array}[2]"]
    assert targets(client, [], failed=True)[-1] == str(array)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nosuch"], "no job matches 'nosuch'"),
        (["tag:nosuch"], "no job matches 'tag:nosuch'"),
    ],
)
def test_nothing_is_never_silent(client: Client, words: list[str], sentence: str) -> None:
    """A selector that fits nothing is an error."""
    with pytest.raises(Missing, match=sentence):
        targets(client, words)


def test_saying_nothing_is_refused(client: Client) -> None:
    """``rota kill`` alone kills nothing."""
    with pytest.raises(Malformed, match="say which"):
        targets(client, [])


def test_nothing_failed(client: Client, jobs: dict[str, int]) -> None:
    """What did not fail is not rerun."""
    with pytest.raises(Missing, match="nothing of that has failed"):
        targets(client, [str(jobs["done"])], failed=True)


def test_one_is_one(client: Client, jobs: dict[str, int]) -> None:
    """A verb that shows one thing takes one."""
    assert one(client, "12") == (12, None)
    assert one(client, "12[7]") == (12, 7)
    with pytest.raises(Malformed, match="one at a time"):
        one(client, "12[3-5]")


def test_jobs_of_targets() -> None:
    """Each job once, in order."""
    assert jobs_of(["12[3]", "7", "12"]) == [12, 7]

"""``rota ls``: bounded, filtered, and honest about what it left out."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from rota.client.http import Client
from tests.client.cluster import Cluster
from tests.faces.conftest import Rota
from tests.faces.person import Person


@pytest.fixture(scope="module", autouse=True)
def jobs(cluster: object, request: pytest.FixtureRequest) -> Iterator[list[int]]:
    """Three held jobs, an array with a failed task, one that is done."""
    with Client(home=str(request.getfixturevalue("cluster").home)) as client:
        held = {"argv": ["true"], "cwd": "/", "held": True, "tags": ["lst"]}
        docs = [
            {**held, "name": "ls-a"},
            {**held, "name": "ls-b"},
            {**held, "name": "ls-c"},
            {"command": "exit {task}", "cwd": "/", "name": "ls-array", "array": "0-1"},
            {"argv": ["true"], "cwd": "/", "name": "ls-done"},
        ]
        ids = [job.id for job in client.submit(*docs)]
        for job in ids[3:]:
            client.wait(job, timeout_s=30)
        yield ids
        client.kill(*ids[:3])


def names(text: str) -> list[str]:
    """Return the second column of a table."""
    return [line.split()[1] for line in text.splitlines()[1:]]


def test_what_is_not_over_and_what_lately_was(rota: Rota) -> None:
    """Newest first."""
    said = rota("ls")

    assert said.lines[0].split() == [
        "ID", "NAME", "USER", "STATE", "PROGRESS", "TIME", "WHERE", "WHY",
    ]  # fmt: skip
    assert names(said.out)[:5] == ["ls-done", "ls-array", "ls-c", "ls-b", "ls-a"]


def test_a_limit_is_a_limit(rota: Rota) -> None:
    """Also for the few that are over."""
    assert names(rota("ls", "--limit", "2").out) == ["ls-done", "ls-array"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["--tag", "lst"], ["ls-c", "ls-b", "ls-a"]),
        (["--tag", "lst", "--name", "ls-[ab]"], ["ls-b", "ls-a"]),
        (["ls-a", "ls-done"], ["ls-done", "ls-a"]),
        (["--state", "held", "--tag", "lst"], ["ls-c", "ls-b", "ls-a"]),
        (["--failed", "--limit", "1"], ["ls-array"]),
        (["--mine", "--state", "done", "--limit", "1"], ["ls-done"]),
        (["last"], ["ls-done"]),
        (["tag:lst", "--limit", "2"], ["ls-c", "ls-b"]),
    ],
)
def test_conditions(rota: Rota, words: list[str], found: list[str]) -> None:
    """Every one that is given must hold."""
    assert names(rota("ls", *words).out) == found


def test_more_than_was_shown_is_said(rota: Rota) -> None:
    """On stderr, so that the table stays a table."""
    said = rota("ls", "--tag", "lst", "--limit", "2")

    assert "and more" in said.err
    assert rota("ls", "--tag", "lst").err == ""


def test_an_array_is_a_line_and_its_tasks_on_request(rota: Rota, jobs: list[int]) -> None:
    """With how many have ended and failed."""
    [line] = rota("ls", "ls-array").lines[1:]
    assert "[**********] 2/2, 1 failed" in line
    tasks = rota("ls", "ls-array", "--tasks")
    assert [line.split()[0] for line in tasks.lines[1:]] == [
        f"{jobs[3]}[0]",
        f"{jobs[3]}[1]",
    ]
    failed = rota("ls", str(jobs[3]), "--tasks", "--failed")
    assert [line.split()[0] for line in failed.lines[1:]] == [f"{jobs[3]}[1]"]


def test_json_is_one_document_or_a_line_a_job(rota: Rota, jobs: list[int]) -> None:
    """The frozen shapes."""
    told = rota("ls", "--all", "--json").json
    assert told["schema"] == "rota.jobs/1"
    assert {job["schema"] for job in told["jobs"]} == {"rota.job/1"}
    assert {job["id"] for job in told["jobs"]} >= set(jobs)
    lines = rota("ls", "--tag", "lst", "--jsonl").lines
    assert [json.loads(line)["name"] for line in lines] == ["ls-c", "ls-b", "ls-a"]
    tasks = rota("ls", "ls-array", "--tasks", "--json").json["jobs"]
    assert [task["task"] for task in tasks] == [0, 1]


def test_nothing_matches(rota: Rota) -> None:
    """It is said; a list that is empty is no error, a name that nobody has is."""
    said = rota("ls", "--name", "nosuch*")
    assert (said.code, said.err) == (0, "no job matches\n")
    assert rota("ls", "nosuch").code == 2


def test_watching_renews_the_list(cluster: Cluster) -> None:
    """Until Ctrl-C."""
    with Person(cluster, "ls", "--watch", "--tag", "lst") as person:
        person.sees("ls-a")
        person.presses("^C")
        assert person.is_left_with(130)


def test_watching_a_pipe_lists_once(rota: Rota) -> None:
    """Nobody is looking."""
    assert rota("ls", "--watch", "--tag", "lst").code == 0

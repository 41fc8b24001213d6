"""``rota submit``: all the ways in, all that it says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from rota.client.http import Client
from rota.client.views import Submitted
from rota.faces import submit
from rota.faces.gather import gather
from tests.client.cluster import Cluster
from tests.faces.conftest import Rota

YAML = """\
defaults: {cores: 1, held: true}
jobs:
  - {name: first, command: echo 1}
  - {name: second, argv: [echo, "2"], priority: high}
"""


def test_a_command_is_submitted(rota: Rota, client: Client) -> None:
    """By argparse, by the scan, by the quick way: the same words."""
    said = rota("submit", "--held", "--", "echo", "hi")

    assert said.code == 0
    job = client.jobs(limit=1).jobs[0]
    assert said.out == f"job {job.id} submitted (echo)\n"
    assert client.job(job.id)["spec"]["argv"] == ["echo", "hi"]
    assert client.job(job.id)["spec"]["cwd"] == os.getcwd()
    client.kill(job.id)


def test_the_quick_way_hands_in_the_same(
    monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    """What is left out is the cost of reading the table, nothing else."""
    sent: list[dict[str, Any]] = []

    def note(self: Client, *docs: dict[str, Any], **_: object) -> list[Submitted]:
        sent.extend(docs)
        return []

    monkeypatch.setattr(Client, "submit", note)
    assert submit.quick(["--name", "n", "--", "echo", "{task}"]) == 0
    assert submit.quick(["--parsable", "-c", "echo $HOME"]) == 0
    slow = [
        gather([], given=[("--name", "n")], rest=["echo", "{task}"]).docs[0],
        gather([], given=[("--command", "echo $HOME")], rest=None).docs[0],
    ]

    assert sent == slow


@pytest.mark.parametrize(
    "words",
    [["--cores", "2", "--", "x"], ["--help"], ["a.yaml"], [], ["--"], ["-c"],
     ["-c", "x", "--", "y"], ["--name", "ä", "--", "x"], ["--", "x\udcff"],
     ["--wait", "--", "x"], ["--name=n", "--", "x"]],
)  # fmt: skip
def test_what_is_out_of_the_common_takes_the_long_way(words: list[str]) -> None:
    """The quick way is only taken when it is surely right."""
    assert submit.quick(words) is None


def test_a_strange_environment_takes_the_long_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exported shell functions, other alphabets: they need a closer look."""
    monkeypatch.setenv("GRÜSSE", "x")

    assert submit.quick(["--", "x"]) is None


def test_a_file_with_several_jobs(rota: Rota, client: Client, tmp_path: Path) -> None:
    """One transaction, one reply, a line for each."""
    (tmp_path / "jobs.yaml").write_text(YAML)
    said = rota("submit", str(tmp_path / "jobs.yaml"), "--priority", "5")
    first, second = sorted(job.id for job in client.jobs(limit=2))

    assert said.lines == [
        f"job {first} submitted (first)",
        f"job {second} submitted (second)",
    ]
    assert client.job(second)["priority"] == 5
    client.kill(first, second)


def test_only_numbers_for_scripts(rota: Rota, client: Client, tmp_path: Path) -> None:
    """--parsable: an id a line and nothing else."""
    (tmp_path / "jobs.yaml").write_text(YAML)
    said = rota("submit", "--parsable", str(tmp_path / "jobs.yaml"))
    ids = [int(line) for line in said.lines]

    assert (len(ids), said.err) == (2, "")
    client.kill(*ids)


def test_json_for_programs(rota: Rota, client: Client) -> None:
    """The frozen shape."""
    said = rota("submit", "--json", "--array", "0-9%2", "--held", "-c", "true")
    [job] = said.json["jobs"]

    assert said.json["schema"] == "rota.submitted/1"
    assert (job["tasks"], job["existing"]) == (10, False)
    client.kill(job["id"])


def test_the_same_key_is_the_same_job(rota: Rota, client: Client) -> None:
    """And that is said (G02)."""
    first = rota("submit", "--key", "k1", "--held", "--", "true")
    second = rota("submit", "--key", "k1", "--held", "--", "true")
    job = first.out.split()[1]

    assert second.out == f"job {job} was there already, by its key (true)\n"
    client.kill(int(job))


def test_a_dry_run_tells_where_each_value_is_from(
    rota: Rota, client: Client, tmp_path: Path
) -> None:
    """And hands in nothing."""
    (tmp_path / "job.yaml").write_text("command: echo 1\nmemory: 1GB\n")
    before = client.info()["seq"]
    said = rota("submit", "--dry-run", str(tmp_path / "job.yaml"), "--cores", "2")
    rows = {line.split()[0]: line for line in said.lines[2:]}

    assert said.lines[0] == "echo: 1 task"
    assert rows["cores"].split() == ["cores", "2", "--cores"]
    assert rows["memory"].endswith("job.yaml:2:1")
    assert rows["queue"].split() == ["queue", "default", "built-in"]
    assert said.err == "nothing was submitted\n"
    assert client.info()["seq"] == before


def test_waiting_at_once(rota: Rota) -> None:
    """--wait exits as the job did."""
    said = rota("submit", "--wait", "-c", "exit 7")

    assert said.code == 7
    assert "failed" in said.err
    assert rota("submit", "--wait", "--", "true").code == 0


def test_everything_wrong_in_one_answer(rota: Rota, tmp_path: Path) -> None:
    """With file, line, value and remedy; exit code 2; nothing submitted."""
    (tmp_path / "jobs.yaml").write_text("command: x\nmemory: 10\ncoers: 3\n")
    said = rota("submit", str(tmp_path / "jobs.yaml"), "--time", "never")

    assert (said.code, said.out) == (2, "")
    assert "--time" in said.err


def test_impossible_is_refused_with_what_is_possible(rota: Rota) -> None:
    """Promise 6."""
    said = rota("submit", "--cores", "64", "--", "true")

    assert said.code == 2
    assert "2 cores" in said.err


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"id": 1, "tasks": 1, "name": "fit"}, "job 1 submitted (fit)"),
        ({"id": 1, "tasks": 9, "name": ""}, "job 1 submitted (9 tasks)"),
        ({"id": 1, "tasks": 1, "name": "a\x1b[2Jb"}, "job 1 submitted (a\\x1b[2Jb)"),
    ],
)
def test_the_sentence(row: dict[str, Any], told: str) -> None:
    """What a person reads, harmless."""
    assert submit.sentence(Submitted(row)) == told


def test_many_jobs_are_not_listed_one_by_one(capsys: pytest.CaptureFixture[str]) -> None:
    """Ten lines and a sum."""
    done = [Submitted({"id": n, "tasks": 1, "name": ""}) for n in range(1, 31)]
    submit.tell(done, as_json=False, parsable=False)
    lines = capsys.readouterr().out.splitlines()

    assert len(lines) == 11
    assert lines[-1] == "… 30 jobs in all, 1 to 30"


def test_the_whole_process_as_scripts_call_it(cluster: Cluster, tmp_path: Path) -> None:
    """A real process in another folder, without options: the quick way, for real."""
    done = cluster.rota("submit", "--parsable", "--", "pwd", cwd=tmp_path)
    assert done.stderr == ""
    job = done.stdout.strip()
    assert cluster.rota("wait", job).returncode == 0

    assert cluster.rota("log", job).stdout == f"{tmp_path}\n"

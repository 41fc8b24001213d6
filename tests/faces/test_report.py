"""``rota history --report``: who used what."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from rota.client.http import Client
from rota.faces.report import figures, hours
from tests.faces.conftest import Rota


@pytest.fixture(scope="module")
def lived(request: pytest.FixtureRequest) -> None:
    """A queue in which something ended under an account of its own."""
    cluster = request.getfixturevalue("cluster")
    with Client(home=str(cluster.home)) as client:
        keys = {
            "account": "phys",
            "tags": ["report"],
            "time": "1m",
            "memory": "50MB",
            "cwd": "/",
        }
        jobs = [
            client.submit({"argv": ["true"], "array": "0-2", **keys})[0].id,
            client.submit({"argv": ["false"], "retries": 1, **keys})[0].id,
        ]
        for job in jobs:
            client.wait(job, timeout_s=30)


def test_a_table_of_who_used_what(rota: Rota, lived: None) -> None:
    """Attempts by how they ended; waiting apart from running."""
    said = rota("history", "--report", "--by", "account,month", "--since", "2020-01")
    titles = said.lines[0].split()
    (row,) = [line.split() for line in said.lines if line.startswith("phys")]

    assert titles[:6] == ["ACCOUNT", "MONTH", "ATTEMPTS", "DONE", "FAILED", "CANCELLED"]
    assert row[2:5] == ["5", "3", "1"]


def test_a_sheet_has_numbers_in_named_columns(rota: Rota, lived: None) -> None:
    """One line for each group, without units or commas in the numbers."""
    said = rota("history", "--report", "--by", "tag", "--csv")
    rows = {row["tag"]: row for row in csv.DictReader(io.StringIO(said.out))}

    assert rows["report"]["attempts"] == "5" and rows["report"]["again"] == "1"
    assert float(rows["report"]["limit_used"]) < 1


def test_json_and_a_page(rota: Rota, lived: None, tmp_path: Path) -> None:
    """The same figures for programs; the page is one file."""
    said = rota("history", "--report", "--by", "account,ended", "--json")
    found = {(row["account"], row["ended"]): row for row in said.json["rows"]}
    assert said.json["schema"] == "rota.usage-report/1"
    assert found["phys", "again"]["attempts"] == 1
    assert found["phys", "done"]["wait_mean_s"] >= 0
    page = tmp_path / "usage.html"
    assert rota("history", "--report", "--html", str(page)).code == 0
    assert "<svg" in page.read_text()


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--report", "--by", "usr"], "did you mean user?"),
        (["--report", "12"], "a report is about everybody's jobs"),
        (["12", "--csv"], "--csv goes with --report"),
        ([], "it needs a job"),
        (["--report", "--since", "soon"], "'soon' is no instant"),
    ],
)
def test_what_makes_no_sense_is_refused(rota: Rota, words: list[str], problem: str) -> None:
    """With what to write instead."""
    said = rota("history", *words)
    assert said.code == 2 and problem in said.err


def test_nothing_that_ended_is_said(rota: Rota) -> None:
    """Not an empty table."""
    said = rota("history", "--report", "--since", "2999-01")
    assert (said.out, said.err) == ("", "nothing has ended in that time\n")


def test_a_part_of_nothing_is_no_number() -> None:
    """Nothing started: no mean, no efficiency; hours are exact where they are few."""
    assert figures({"attempts": 1})["wait_mean_s"] is None
    assert figures({"core_s": 7200, "cpu_s": 3600})["cpu_efficiency"] == 0.5
    assert [hours(0), hours(0.12345), hours(12345.6)] == ["", "0.123", "12,346"]

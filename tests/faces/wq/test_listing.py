"""wq ls, stat, users: what scripts cut out of them."""

from __future__ import annotations

import re
from typing import Any

import yaml

from rota.client.http import Client
from rota.client.views import Job
from rota.faces.wq.listing import bars, limits_of, page, priority, span
from tests.faces.wq.conftest import Wq

HEAD = ["Pid", "User", "St", "Pri", "Nc", "Nh", "Host0", "Tq", "Trun", "Cmd"]
TOTALS = re.compile(r"^ (?:User: (\S+) )?Jobs: (\d+) Running: (\d+) Waiting: (\d+)$")
CORES = re.compile(
    r"^ Used/avail/active cores: (\d+)/(-?\d+)/(\d+)"
    r" \((\d+\.\d)% load, (\d+) are offline\)$"
)
NODE = re.compile(r"^ \[([*.X]*)\]\s+(\S+)\s+([\d.e+]+) ?(\S*)$")
TIME = re.compile(r"^(?:(?:\d+d)?\d+h)?(?:\d+m)?\d+s$|^-$")


def job(number: int, **keys: Any) -> Job:
    """Return a job that waits, as the server shows it."""
    raw = {
        "id": number, "task": None, "name": "sim", "user": "ada", "state": "queued",
        "priority": 0, "nodes": [], "submitted_at": "2026-01-01T00:00:00.000Z",
        "started_at": None, **keys,
    }  # fmt: skip
    return Job(raw)


def test_a_list_is_cut_by_blanks() -> None:
    """Ten words in each line, whatever users call their jobs; then the totals."""
    nodes = [{"host": "n1", "cores": [0, 1], "gpus": []}, {"host": "n2", "cores": [0]}]
    runs = job(7, state="running", nodes=nodes, started_at="2026-01-01T00:01:00.000Z",
               name="my job\x1b[31m \u202e", priority=1000)  # fmt: skip
    lines = list(page([job(3), runs], ["ada"], now=1767225600 + 3600))
    assert lines[0].split() == HEAD and all(line.isprintable() for line in lines)
    waits, running = (dict(zip(HEAD, line.split(), strict=True)) for line in lines[1:3])
    assert (waits["Pid"], waits["St"], waits["Nc"], waits["Host0"]) == ("3", "W", "-", "-")
    assert (running["Nc"], running["Nh"], running["Host0"]) == ("3", "2", "n1")
    assert (running["Tq"], running["Trun"], running["Pri"]) == (
        "1h00m00s",
        "59m00s",
        "block",
    )
    assert all(TIME.match(row[key]) for row in (waits, running) for key in ("Tq", "Trun"))
    found = TOTALS.match(lines[3])
    assert found and found.groups() == ("ada", "2", "1", "1")


def test_an_array_is_one_line() -> None:
    """With the cores of all its tasks that run."""
    counts = {"running": 3, "queued": 97}
    array = job(9, state="running", array={"tasks": 100, "counts": counts},
                request={"cores": 2}, started_at="2026-01-01T00:01:00.000Z")  # fmt: skip
    row = dict(zip(HEAD, list(page([array], [], now=1767225600))[1].split(), strict=True))
    assert (row["St"], row["Nc"], row["Nh"], row["Host0"]) == ("R", "6", "-", "-")


def test_bars() -> None:
    """A character for each core; offline nodes are all X and do not count."""
    row = {"cores": 4, "cores_used": 3, "memory": 32 * 10**9, "state": "up"}
    nodes = [{**row, "name": "n1", "labels": ["gen4", "new"]},
             {**row, "name": "n2", "cores_used": 0, "state": "drained"}]  # fmt: skip
    lines = list(bars(nodes))
    found = [NODE.match(line) for line in lines[2:4]]
    assert [m.groups() for m in found if m] == [("***.", "n1", "32", "gen4,new"),
                                                ("XXXX", "n2", "32", "")]  # fmt: skip
    totals = CORES.match(lines[-1])
    assert totals and totals.groups() == ("3", "1", "4", "75.0", "4")


def test_words_and_times() -> None:
    """As wq writes them."""
    assert [priority(n) for n in (-500, 0, 500, 1000)] == ["low", "med", "high", "block"]
    assert [span(s) for s in (-1, 9.7, 65, 54598, 90061)] == [
        "0s", "9s", "1m05s", "15h09m58s", "1d01h01m01s",
    ]  # fmt: skip
    limits = [{"user": "*", "cores": 100}, {"user": "ada", "jobs": 10, "cores": 50}]
    assert limits_of("ada", limits) == "{cores:50;run:10}" and limits_of("b", []) == "{}"


def test_the_real_thing(wq: Wq, client: Client) -> None:
    """Against a server: a held job waits, a node has two cores."""
    held = client.submit({"command": "true", "cwd": "/", "held": True, "name": "a b"})[0].id
    said = wq("ls")
    rows = [line.split() for line in said.lines[1:-1]]
    assert [str(held), "W", "a-b"] in [[row[0], row[2], row[9]] for row in rows]
    assert TOTALS.match(said.lines[-1])
    entry = next(e for e in yaml.safe_load(wq("ls", "-f").out) if e["pid"] == held)
    assert (entry["status"], entry["job_name"], entry["hosts"]) == ("wait", "a b", [])
    assert wq("ls", "-u", "nobody-here").lines == [
        " User: nobody-here Jobs: 0 Running: 0 Waiting: 0"
    ]
    assert CORES.match(wq("stat").lines[-1])
    user = rows[0][1]
    assert wq("users").lines[0].split() == ["user", "total", "run", "cores", "limits"]
    assert wq("user", user).lines[1].split()[0] == user
    assert wq("rm", str(held)).code == 0 and client.job(held).state == "cancelled"

"""Who waits for whom, as ``why`` and ``show`` say it."""

from __future__ import annotations

from typing import Any

from rota.client.http import Client
from rota.faces.chain import LINES_MAX, lines
from tests.faces.conftest import Rota


def link(depth: int, job: int, **more: Any) -> dict[str, Any]:
    """Return a link as the API has it."""
    plain = {"task": None, "name": "", "wanted": "to succeed", "state": "held",
             "reason": "", "more": 0}  # fmt: skip
    return {**plain, "depth": depth, "job": job, **more}


def test_each_stands_below_what_waits_for_it() -> None:
    """Its reason is told where nothing below it says why; what is left out is counted."""
    links = [
        link(1, 7, name="report", reason="waits for job 2 to succeed"),
        link(2, 2, task=3, reason="held by ann", more=4),
    ]
    assert list(lines({"links": links, "more": 5})) == [
        "waits for job 7 (report) to succeed: held",
        "  waits for task 2[3] to succeed: held, held by ann (and waits for 4 more)",
        "and for 5 more jobs",
    ]
    assert list(lines(None)) == []


def test_of_a_long_one_the_bottom_is_shown_all_the_same() -> None:
    """It is what somebody has to look at."""
    links = [link(depth, 100 - depth) for depth in range(1, 60)]
    *_, left_out, bottom = lines({"links": links, "more": 0})
    assert left_out == f"… and {59 - LINES_MAX} links more, see --json"
    assert bottom == "the first of them all: waits for job 41 to succeed: held"


def test_why_and_show_say_it(rota: Rota, client: Client) -> None:
    """Down to the job that is held; what ended otherwise is told first."""
    first = client.submit({"argv": ["true"], "cwd": "/", "held": True, "name": "one"})[0].id
    failed = client.submit({"argv": ["true"], "cwd": "/", "held": True})[0].id
    second = _waiting(client, f"ok:{first}")
    third = _waiting(client, f"ok:{second}", f"ok:{failed}")
    client.kill(failed)
    above = f"waits for job {second} (true) to succeed: held"
    below = f"  waits for job {first} (one) to succeed: held, held by "
    for verb in ("why", "show"):
        said = rota(verb, str(third)).out
        assert f"waits for job {failed} to succeed: cancelled" in said
        assert above in said and below in said
    for verb in ("why", "show"):
        links = rota(verb, str(third), "--json").json["chain"]["links"]
        assert [one["job"] for one in links] == [failed, second, first]
    assert rota("why", str(first), "--json").json["chain"] is None
    client.kill(third, second, first)


def _waiting(client: Client, *after: str) -> int:
    return client.submit({"argv": ["true"], "cwd": "/", "after": list(after)})[0].id

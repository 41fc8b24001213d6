"""Edits: what is named changes, as a whole job file would say it; the rest stays."""

from __future__ import annotations

from typing import Any

import pytest

from rota.core.errors import Malformed
from rota.core.fields import FIELDS
from rota.core.job import JobSpec
from rota.core.resources import Request
from rota.server.submission import FIXED, built, edited, resolved
from rota.wire import api

OLD = JobSpec(
    command="old", env={"A": "1"}, tags=("t",), request=Request(cores=3, time_ms=60_000)
)


@pytest.mark.parametrize(
    ("change", "attr", "value"),
    [
        ({"memory": "2GB"}, "request.memory", 2 << 30),
        ({"memory_per_core": "1GB"}, "request.memory", 3 << 30),
        ({"priority": "low"}, "priority", -500),
        ({"time": "2h"}, "request.time_ms", 7_200_000),
        ({"argv": ["new"]}, "argv", ("new",)),
        ({"argv": ["new"]}, "command", None),
        ({"env": {"B": "2"}}, "env", {"A": "1", "B": "2"}),
        ({"tags": ["x", "y"]}, "tags", ("x", "y")),
        ({"warn": "10s"}, "warn_ms", 10_000),
        ({"after": ["ok:4"]}, "after", built(api.SubmitBody(
            jobs=[{"argv": ["x"], "after": ["ok:4"]}]), at=0)[0].after),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_named_changes(change: dict[str, Any], attr: str, value: Any) -> None:
    """And is checked as in a job file."""
    new = edited(OLD, change, at=0)
    held: Any = new
    for part in attr.split("."):
        held = getattr(held, part)
    assert held == value
    assert new.request.cores == 3


def test_every_key_can_be_edited_or_is_refused_by_name() -> None:
    """No key falls through, and its own example is accepted or complained about."""
    for name, row in FIELDS.items():
        try:
            new = edited(OLD, {name: row.example}, at=0)
        except Malformed as error:
            assert error.complaints, name
        else:
            assert name not in FIXED
            assert new.request.cores == 3 or name in ("cores", "n", "mode")


def test_g35_all_that_is_wrong_is_told() -> None:
    """At once."""
    with pytest.raises(Malformed) as refused:
        edited(OLD, {"memroy": "1GB", "cores": -1}, at=0)
    assert {c.field for c in refused.value.complaints} == {"memroy", "cores"}


def test_a_dry_run_tells_defaults_from_requests() -> None:
    """Each value, and who said so."""
    body = api.SubmitBody(jobs=[{"argv": ["x"], "memory": "1GB"}], defaults={"queue": "q"})
    (shown,) = resolved(body, built(body, at=0))
    assert shown.sources["queue"] == "defaults"
    assert shown.sources["memory"] == "request"
    assert shown.resolved["queue"] == "q"


def test_jobs_of_one_submission_are_told_by_their_names() -> None:
    """They have no numbers yet, so a dry run shows none."""
    array = {"argv": ["x"], "array": "0-3"}
    body = api.SubmitBody(
        jobs=[{**array, "name": "fit"}, {**array, "after": ["ok:fit[*]", "any:7"]}]
    )
    shown = resolved(body, built(body, at=0))
    assert shown[1].resolved["after"] == "ok:fit[*], any:7"


def test_a_job_with_files_of_its_own_keeps_its_fresh_folder() -> None:
    """They would be laid over what lies elsewhere."""
    with pytest.raises(Malformed, match="must stay fresh"):
        edited(JobSpec(command="x", tree="0" * 64), {"cwd": "/home/me"}, at=0)

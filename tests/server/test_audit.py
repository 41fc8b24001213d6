"""What a line of the audit log says, and when there is one."""

from __future__ import annotations

import pytest

from rota.core.errors import Malformed, Missing, NotAllowed
from rota.server.audit import WHY_MAX, is_noted, subject_of, why_of
from rota.server.routes.table import ROUTES
from rota.wire import api

BY_NAME = {row.name: row for row in ROUTES}


@pytest.mark.parametrize(
    ("path", "body", "subject"),
    [
        ({}, api.KillBody(targets=["12", "13[4]"]), "12, 13[4]"),
        ({}, api.NodesBody(nodes=["n1"]), "n1"),
        ({}, api.LimitBody(kind="user", name="ann", set=None), "user ann"),
        ({}, api.TokenBody(scope="agent", user="bob"), "agent bob"),
        ({"id": 12}, api.PutBody(tree="0" * 64), "12"),
        ({"id": 12}, None, "12"),
        ({}, None, ""),
    ],
)
def test_it_says_what_was_asked_to_what(path: object, body: object, subject: str) -> None:
    """By the names that people use."""
    assert subject_of(path, body) == subject  # type: ignore[arg-type]


def test_g34_a_line_does_not_grow_with_what_is_asked() -> None:
    """Ten thousand targets are a few, and a count."""
    body = api.TargetsBody(targets=[str(n) for n in range(10_000)])
    assert subject_of({}, body).endswith("18, 19 and 9980 more")


def test_g32_why_is_text_of_one_line() -> None:
    """Whatever was sent: it goes to terminals and pages."""
    sent = "too%20much%20%C3%A9%0A%1B%5B31mred"
    assert why_of({"x-rota-why": sent}) == "too much é [31mred"
    assert why_of({}) == ""
    with pytest.raises(Malformed, match="X-Rota-Why"):
        why_of({"x-rota-why": "x" * (WHY_MAX + 1)})


def test_looking_is_noted_only_when_it_is_not_allowed() -> None:
    """A job that is not there is nobody's business."""
    log, kill, send = (BY_NAME[name] for name in ("read_log", "kill_jobs", "send_job"))
    assert is_noted(log, NotAllowed("no"))
    assert not is_noted(log, Missing("no"))
    assert is_noted(kill, Malformed("no"))
    assert is_noted(send, NotAllowed("no"))
    assert not is_noted(send, Malformed("no"))


def test_all_that_changes_something_is_noted_or_known_not_to() -> None:
    """What is not, is told elsewhere: a job's history has its submit."""
    silent = {row.name for row in ROUTES if row.method != "GET" and not row.is_action}
    assert silent == {
        "submit_jobs", "type_to_job", "send_job", "lacking_blobs", "store_blob",
        "convert_text", "replay_history", "show_script", "join_node",
    }  # fmt: skip

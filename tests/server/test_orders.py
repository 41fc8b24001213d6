"""Orders for agents keep to the protocol, and say all that is needed."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from rota.core.account import User
from rota.core.indexes import IndexSet
from rota.core.job import Array, AttemptRef, JobSpec
from rota.core.reasons import reason
from rota.core.resources import Grant, Request
from rota.engine.events import Forget, Kill, Run
from rota.server.auth import Pass
from rota.server.link import SPECS_MAX, Link
from rota.server.orders import message_of
from rota.wire.agent import FROM_SERVER, checked
from rota.wire.spec import SPECS_KEPT

ANN = User("ann", 1000)
GRANTS = (Grant("n1", (0, 2), 1 << 30, (1,)), Grant("n2", (3,)))


def run_of(spec: JobSpec, job: int = 5) -> Run:
    """Return an order to run two tasks."""
    return Run("n1", 9, job, spec, ANN, GRANTS, ((3, 1, 0), (4, 2, 1)))


def sent(effect: Any, link: Link) -> Any:
    """Return the message as the agent reads it, after checking it against the protocol."""
    raw = msgspec.json.encode([message_of(effect, link=link, lease_ms=3_600_000)])
    good, complaints = checked(json.loads(raw), FROM_SERVER)
    assert not complaints
    return good[0]


def link() -> Link:
    """Return a line; nothing is sent on it here."""
    return Link(None, session=1, shown=Pass("", None))  # type: ignore[arg-type]


def array(**more: Any) -> JobSpec:
    """Return an array job with values."""
    values = {"item": ("a", "b")}
    return JobSpec(
        command="echo {item}", array=Array(IndexSet([[3, 4]]), None, values), **more
    )


def test_a_run_says_what_where_and_with_which_values() -> None:
    """This node's share first, all nodes listed, each task with its own values."""
    told = sent(run_of(array(request=Request(cores=2, time_ms=5000))), link())
    assert (told["cores"], told["gpus"], told["memory"]) == ([0, 2], [1], 1 << 30)
    assert told["nodes"] == [["n1", [0, 2], [1]], ["n2", [3], []]]
    assert told["tasks"] == [[3, 1, {"item": "a"}], [4, 2, {"item": "b"}]]
    spec = told["spec"]
    assert (spec["time_ms"], spec["array"], spec["user"], spec["uid"]) == (
        5000,
        True,
        "ann",
        1000,
    )


def test_what_is_not_restartable_has_no_lease() -> None:
    """It is kept: nothing else may run in its place (G07)."""
    assert sent(run_of(array(restartable=False)), link())["spec"]["lease_ms"] is None
    assert sent(run_of(array()), link())["spec"]["lease_ms"] == 3_600_000


def test_the_spec_of_an_array_goes_once_until_it_changes() -> None:
    """An edit is another version."""
    line, spec = link(), array()
    first = sent(run_of(spec), line)
    again = sent(run_of(spec), line)
    edited = sent(run_of(array(name="x")), line)
    assert "spec" in first
    assert "spec" not in again
    assert again["spec_version"] == first["spec_version"]
    assert "spec" in edited
    assert edited["spec_version"] != first["spec_version"]


def test_a_spec_that_the_agent_may_have_forgotten_is_sent_again() -> None:
    """We remember fewer than it does."""
    assert SPECS_MAX < SPECS_KEPT
    line, spec = link(), array()
    sent(run_of(spec, job=1), line)
    for job in range(2, SPECS_MAX + 2):
        sent(run_of(array(), job=job), line)
    assert "spec" in sent(run_of(spec, job=1), line)


def test_a_plain_job_always_brings_its_spec() -> None:
    """Nobody remembers a million of them."""
    line, spec = link(), JobSpec(argv=("true",))
    assert "spec" in sent(run_of(spec), line)
    assert "spec" in sent(run_of(spec), line)


def test_kill_and_forget_name_their_attempts() -> None:
    """By number: another attempt is never meant."""
    kill = sent(Kill("n1", AttemptRef(5, 3, 2), 250, reason("killed", who="ann")), link())
    assert (kill["a"], kill["grace_ms"]) == ([5, 3, 2], 250)
    forget = sent(Forget("n1", (AttemptRef(5, 3, 2), AttemptRef(6, 0, 1))), link())
    assert forget["as"] == [[5, 3, 2], [6, 0, 1]]

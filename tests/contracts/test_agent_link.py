"""The two ends of the agent's line: what one says, the other understands."""

from __future__ import annotations

import json
from typing import Any, cast

from rota.core.account import User
from rota.core.indexes import IndexSet
from rota.core.job import Array, AttemptRef, JobSpec
from rota.core.reasons import reason
from rota.core.resources import Grant, Request
from rota.engine.events import Forget, Kill, Run
from rota.server.auth import Pass
from rota.server.frames import Frames
from rota.server.link import Link
from rota.server.orders import message_of, spec_message
from rota.wire import agent as wire
from rota.wire.spec import SPEC, spec_complaint
from tests.wire.test_agent import SAID_BY_AGENT

ARRAY = Array(IndexSet([[0, 2]]), None, {"item": ("a", "b", "c")})
SPEC_FULL = JobSpec(
    argv=("true",),
    name="n",
    env={"A": "b"},
    request=Request(cores=2, memory=5),
    array=ARRAY,
)


def order(spec: JobSpec) -> Run:
    """Return the effect that orders two tasks of *spec*."""
    grants = (Grant("here", (0, 1), 5), Grant("there", (3,), 5, (0,)))
    user = User("alice", 1000)
    return Run("here", 4, 12, spec, user, grants, ((0, 1, 0), (2, 3, 2)))


def said(effect: Kill | Forget) -> Any:
    """Return *effect* as the server says it; no connection is needed to say these."""
    return message_of(effect, link=cast(Link, None), lease_ms=1000)


def read_by_agent(message: Any) -> Any:
    """Return *message* as the agent sees it; it must have nothing to complain about."""
    frame = json.dumps([message])
    good, complaints = wire.checked(wire.decode(frame), wire.FROM_SERVER)
    assert complaints == []
    return good[0]


def test_agent_reads_kill_and_forget_of_the_server() -> None:
    """Orders of the server keep to the agent's table."""
    ref = AttemptRef(1, 0, 1)
    kill = read_by_agent(said(Kill("here", ref, 500, reason("killed", who="bob"))))
    assert kill["a"] == [1, 0, 1] and kill["reason"]["text"] == "killed by bob"
    assert read_by_agent(said(Forget("here", (ref,))))["as"] == [[1, 0, 1]]


def test_agent_understands_every_key_of_a_spec() -> None:
    """All keys the server sends are known to the agent, and what they hold is right."""
    for spec in (SPEC_FULL, JobSpec(command="true"), JobSpec(script="true\n", cwd="/")):
        told = spec_message(order(spec), shown=Pass("", None), lease_ms=1000)
        sent = json.loads(json.dumps(told))
        assert spec_complaint(sent) is None
        assert set(sent) == set(SPEC)


def test_server_reads_all_that_the_agent_says() -> None:
    """Every message of the agent is read by the server's decoder, none left out."""
    good, complaints = Frames.read(wire.encode(SAID_BY_AGENT))
    assert complaints == []
    assert len(good) == len(SAID_BY_AGENT)

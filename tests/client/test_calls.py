"""Calls: what each verb sends."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.client import calls, ruling


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=50))
def test_what_is_quoted_reads_back_the_same(text: str) -> None:
    """Every name can be asked for, whatever is in it."""
    query = urlsplit(calls.jobs(name=[text.replace(",", "")]).target).query
    found = parse_qs(query, keep_blank_values=True)["name"]

    assert found == [text.replace(",", "")]


def test_what_was_not_asked_is_not_sent() -> None:
    """No condition, no parameter."""
    assert calls.jobs().target == "/api/v1/jobs?limit=100"


def test_conditions_become_parameters() -> None:
    """Lists are joined by commas, flags are 1, globs keep their stars."""
    call = calls.jobs(ids=[1, 2], state=["failed"], name=["a*"], live=True, limit=5)

    assert call.target == "/api/v1/jobs?ids=1,2&state=failed&name=a*&live=1&limit=5"


@pytest.mark.parametrize(
    ("call", "method", "target"),
    [
        (calls.info(), "GET", "/api/v1"),
        (calls.job(12), "GET", "/api/v1/jobs/12"),
        (calls.job(12, 0), "GET", "/api/v1/jobs/12/tasks/0"),
        (calls.tasks(12, failed=True), "GET", "/api/v1/jobs/12/tasks?failed=1&limit=100"),
        (calls.history(12, task=0), "GET", "/api/v1/jobs/12/history?task=0&limit=100"),
        (calls.series(12, task=7), "GET", "/api/v1/jobs/12/series?task=7"),
        (calls.why(12, 7), "GET", "/api/v1/jobs/12/why?task=7"),
        (calls.log(12), "GET", "/api/v1/jobs/12/log?stream=stdout"),
        (
            calls.log(12, task=0, attempt=2, stream="stderr", offset=-9, follow=True),
            "GET",
            "/api/v1/jobs/12/log?task=0&attempt=2&stream=stderr&offset=-9&follow=1",
        ),
        (calls.asked("hold", [12, "13[7]"]), "POST", "/api/v1/jobs/hold"),
        (calls.nodes(), "GET", "/api/v1/nodes"),
        (calls.drained("drain", ["a"], why="x"), "POST", "/api/v1/nodes/drain"),
        (ruling.queues(), "GET", "/api/v1/queues"),
        (ruling.users(), "GET", "/api/v1/users"),
        (ruling.accounts(), "GET", "/api/v1/accounts"),
        (calls.stat(), "GET", "/api/v1/stat"),
        (
            calls.events(jobs=[1], since=0),
            "GET",
            "/api/v1/events?jobs=1&since=0&level=task",
        ),
    ],
)
def test_each_verb_goes_to_its_route(call: calls.Call, method: str, target: str) -> None:
    """The verbs are the routes of the API."""
    assert (call.method, call.target) == (method, target)


def test_targets_are_texts_with_their_options() -> None:
    """A verb's options stand beside its targets."""
    call = calls.asked("kill", [12, "13[7]"], options={"grace_ms": 5})

    assert call.body == {"targets": ["12", "13[7]"], "grace_ms": 5}


@pytest.mark.parametrize(
    ("call", "again"),
    [
        (calls.jobs(), True),
        (calls.submit([{}]), False),
        (calls.submit([{}], key="k"), True),
        (calls.submit([{}], dry_run=True), True),
        (calls.asked("kill", [1]), True),
        (calls.asked("rerun", [1]), False),
    ],
)
def test_only_what_is_safe_to_repeat_is_repeated(call: calls.Call, again: bool) -> None:
    """A submit whose answer was lost must not become two jobs (G02)."""
    assert call.again is again


def test_a_key_travels_as_the_header_that_proxies_know() -> None:
    """Idempotency-Key, and nothing in the body."""
    call = calls.submit([{"argv": ["x"]}], key="k", defaults={"cores": 1})

    assert call.headers == {"Idempotency-Key": "k"}
    assert call.body == {"jobs": [{"argv": ["x"]}], "defaults": {"cores": 1}}

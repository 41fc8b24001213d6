"""Documents become jobs: all of them or none, fast, and whatever they are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rota.core.errors import Malformed
from rota.core.fields import FIELDS
from rota.core.job import JobSpec
from rota.core.plain import spec_from_plain, spec_to_plain
from rota.core.resources import Request
from rota.formats.native import build, build_many
from rota.formats.native.specs import COMPLAINTS_MAX
from tests.core.fields.test_schema import DOCS
from tests.formats.native.telling import refused


def test_a_job_is_what_its_keys_say() -> None:
    """Every key that stands for itself, once."""
    spec = build(
        {
            "command": "./run", "name": "fit", "cwd": "/data", "env": {"A": 1},
            "setup": "module load x", "shell": "/bin/bash", "stdin": "in", "output": "o",
            "error": "e", "cores": 2, "queue": "long", "account": "p7", "priority": "low",
            "held": True, "max_fails": 3, "retries": 2, "retry_delay": "30s",
            "restartable": False, "success_codes": [0, 3], "grace": "1m", "time": "1h",
            "warn": "5m", "warn_signal": "SIGUSR1", "tags": ["a", "b"], "info": "i",
            "key": "k", "progress": r"(\d+)%",
        }
    )  # fmt: skip

    assert spec == JobSpec(
        command="./run", name="fit", cwd="/data", env={"A": "1"}, setup="module load x",
        shell="/bin/bash", stdin="in", output="o", error="e",
        request=Request(cores=2, time_ms=3_600_000), queue="long", account="p7",
        priority=-500, held=True, max_fails=3, retries={"any": 2}, retry_delay_ms=30_000,
        restartable=False, success_codes=(0, 3), grace_ms=60_000, warn_ms=300_000,
        warn_signal="USR1", tags=("a", "b"), info="i", key="k", progress=r"(\d+)%",
    )  # fmt: skip


def test_what_is_not_said_is_built_in() -> None:
    """The smallest job is JobSpec's own defaults."""
    assert build({"argv": ["true"]}) == JobSpec(argv=("true",))
    assert build({"argv": ["true"], "cwd": "fresh", "retries": 0}) == JobSpec(
        argv=("true",)
    )


def test_defaults_hold_where_the_document_says_nothing() -> None:
    """A queue's, or those sent along."""
    defaults = {"time": "1h", "cores": 2, "command": "a", "env": {"A": "1"}}

    spec = build({"argv": ["b"], "cores": 3, "env": {"B": "2"}}, defaults=defaults)

    assert (spec.argv, spec.command) == (("b",), None)
    assert spec.request == Request(cores=3, time_ms=3_600_000)
    assert spec.env == {"A": "1", "B": "2"}


def test_every_complaint_of_every_job_is_told_with_its_place() -> None:
    """In the order of the keys, job by job."""
    docs = [
        {"memroy": "1G", "argv": ["x"], "cores": 0},
        {"argv": ["x"]},
        {"command": "", "time": 5},
    ]
    sources = [{"memroy": "a.yaml:1:1"}, {}, {"time": "b.yaml:7:1"}]

    assert refused(build_many, docs, sources=sources) == [
        "a.yaml:1:1: jobs[0].memroy: unknown key; did you mean `memory`?",
        "jobs[0].cores: is 0, it must be at least 1",
        "jobs[2].command: is empty; give it a value or leave the key out",
        "b.yaml:7:1: jobs[2].time: 5 has no unit; write for example 5m",
    ]


def test_a_thousand_wrong_jobs_make_a_bounded_answer() -> None:
    """And it says that there is more."""
    lines = refused(build_many, [{"argv": ["x"], "cores": 0}] * 1000)

    assert len(lines) == COMPLAINTS_MAX + 1
    assert "more is wrong" in lines[-1]


@pytest.mark.parametrize("twin", [True, 1.0, "1", [1]])
def test_what_is_remembered_of_alike_jobs_is_never_mixed_up(twin: Any) -> None:
    """1 == 1.0 == True, but only one of them is a number of cores as we write it."""
    docs = [{"argv": ["x"], "cores": 1}, {"argv": ["x"], "cores": twin}]
    try:
        alone: object = build(docs[1])
    except Malformed as error:
        alone = [complaint.problem for complaint in error.complaints]
    try:
        together: object = build_many(docs)[1]
    except Malformed as error:
        together = [complaint.problem for complaint in error.complaints]

    assert together == alone


@settings(max_examples=150, deadline=None)
@given(st.lists(DOCS, max_size=3))
def test_any_documents_make_jobs_or_located_complaints(docs: list[dict[str, Any]]) -> None:
    """Nothing else can come of them: no crash, no empty refusal, no odd character shown."""
    try:
        specs = build_many(docs, at=0, utc_offset_ms=0)
    except Malformed as error:
        assert error.complaints
        assert all(str(each).isprintable() for each in error.complaints)
        return
    for spec in specs:
        assert spec_from_plain(spec_to_plain(spec)) == spec


@settings(max_examples=50, deadline=None)
@given(DOCS)
def test_one_job_in_a_batch_is_the_job_alone(doc: dict[str, Any]) -> None:
    """Company changes nothing but the label of the complaint."""
    doc = {"argv": ["x"], **{k: v for k, v in doc.items() if k not in ("after", "name")}}
    try:
        alone = build(doc, at=0, utc_offset_ms=0)
    except Malformed as error:
        lines = refused(build_many, [{"argv": ["y"]}, doc], at=0, utc_offset_ms=0)
        shown = [
            str(each).replace("jobs[1].", "").replace("jobs[1]: ", "") for each in lines
        ]
        assert shown == [str(each) for each in lines_of(error)]
        return
    assert build_many([{"argv": ["y"]}, doc, doc], at=0, utc_offset_ms=0)[1:] == [alone] * 2


def lines_of(error: Malformed) -> list[str]:
    """Return the complaints of *error* as people read them."""
    return [str(complaint) for complaint in error.complaints]


def test_every_key_reaches_its_attribute() -> None:
    """Its example, alone with what it needs, changes the attribute that the table names."""
    needs: dict[str, dict[str, Any]] = {
        "warn": {"time": "1h"}, "threads": {"cores": 4},
        "container_args": {"container": "u"},
        "cores_per_node": {"mode": "bynode"},
        "inputs": {"tree": "0" * 64}, "freeze": {"tree": "0" * 64},
        "setup": {"command": "x", "argv": None}, "n": {"mode": "bynode"},
    }  # fmt: skip
    done_elsewhere = {"lines", "env_policy", "script"}
    for key, row in FIELDS.items():
        if key in done_elsewhere:
            continue
        runs = {} if key in ("command", "argv") else {"argv": ["true"]}
        doc = {**runs, **needs.get(key, {}), key: row.example}
        doc = {name: held for name, held in doc.items() if held is not None}
        name = row.attr.removeprefix("request.")
        spec = build(doc)
        owner: Any = spec.request if name != row.attr else spec
        default: Any = Request() if name != row.attr else JobSpec()
        assert getattr(owner, name) != getattr(default, name), key


def test_jobs_do_not_share_what_one_might_change() -> None:
    """Alike jobs share values, and values are replaced, never changed."""
    one, two = build_many([{"argv": ["a"], "retries": {"any": 1}}] * 2)

    assert replace(one, retries={}) != two == one

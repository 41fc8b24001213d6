"""Placement and amounts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.core.fields import Notes
from rota.core.resources import Mode, Request
from rota.formats.native import build
from rota.formats.native.where import keys_of, request_of
from tests.formats.native.telling import refused

GB = 1 << 30


@pytest.mark.parametrize(
    ("keys", "request_"),
    [
        ({}, Request()),
        ({"cores": 4, "memory": "1GB"}, Request(cores=4, memory=GB)),
        ({"n": 4}, Request(cores=4)),
        ({"n": 4, "cores": 4}, Request(cores=4)),
        ({"cores": 4, "memory_per_core": "1GB"}, Request(cores=4, memory=4 * GB)),
        ({"memory_per_core": "1GB"}, Request(memory=GB)),
        ({"time": "1h"}, Request(time_ms=3_600_000)),
        ({"disk": "1GB", "resources": {"tape": 1}},
         Request(resources=(("disk", GB), ("tape", 1)))),
        ({"time": "none"}, Request()),
        ({"mode": "bycore", "N": 8, "threads": 4},
         Request(mode=Mode.BY_CORE, cores=8, threads=4)),
        ({"mode": "bynode", "n": 3, "min_cores": 12, "min_memory": "32GB"},
         Request(mode=Mode.BY_NODE, n=3, min_cores=12, min_memory=32 * GB)),
        ({"mode": "bynode", "n": 2, "cores_per_node": 4},
         Request(mode=Mode.BY_NODE, n=2, cores_per_node=4)),
        ({"mode": "by_node"}, Request(mode=Mode.BY_NODE)),
        ({"host": "n1", "cores": 2}, Request(mode=Mode.BY_HOST, host="n1", cores=2)),
        ({"mode": "bygroup", "group": "gen4"},
         Request(mode=Mode.BY_GROUP, group=("gen4",))),
        ({"group": ["a", "b"], "not_group": "b", "require": "x & !y", "exclusive": True},
         Request(group=("a", "b"), not_group=("b",), require=("x & !y",), exclusive=True)),
        ({"resources": {"b": 2, "a": 1}, "licences": {"l": 3}, "gpus": 1},
         Request(resources=(("a", 1), ("b", 2)), licences=(("l", 3),), gpus=1)),
    ],
)  # fmt: skip
def test_keys_make_a_request(keys: Any, request_: Request) -> None:
    """Each mode takes what it takes."""
    assert build({"argv": ["x"], **keys}).request == request_


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"cores": 4, "n": 5}, "n: is 5, but cores is 4, and with bycore1 they mean"),
        ({"memory": "1G", "memory_per_core": "1G"}, "memory_per_core: memory is given too"),
        ({"memory_per_core": "900P", "cores": 9}, "memory_per_core: times 9 cores is too"),
        ({"mode": "bynode", "cores": 4}, "cores: bynode takes n nodes, not cores"),
        ({"mode": "bynode", "memory_per_core": "1G"}, "memory_per_core: with bynode"),
        ({"mode": "bygroup"}, "mode: bygroup needs a group; give group too"),
        ({"mode": "bygroup", "group": "a", "n": 2}, "n: bygroup takes all nodes"),
        ({"mode": "byhost"}, "mode: byhost needs a host; give host too"),
        ({"mode": "bycore", "host": "n1"}, "host: is for byhost, not for bycore"),
        ({"cores_per_node": 4}, "cores_per_node: is for bynode, not for bycore1"),
        (
            {"cores": 6, "threads": 4},
            "threads: is 4, which does not divide 6 cores; ask for 8",
        ),
        (
            {"group": "a", "not_group": ["a", "b"]},
            "not_group: excludes a, which group asks",
        ),
        ({"require": ["a", "b"], "not_group": "b"}, "not_group: excludes b, which require"),
        ({"require": "a & (b"}, "require: 'a & (b': a ) is missing"),
    ],
)
def test_contradictions_are_refused(keys: Any, told: str) -> None:
    """With what to do about it."""
    lines = refused(build, {"argv": ["x"], **keys})

    assert len(lines) == 1 and told in lines[0]


def test_a_rule_keeps_silent_about_keys_that_are_wrong_by_themselves() -> None:
    """Nobody wants two complaints about one slip."""
    lines = refused(build, {"argv": ["x"], "cores": "six", "threads": 4})

    assert len(lines) == 1


def test_equal_requests_are_one_object() -> None:
    """A million jobs of one shape keep one."""
    one, two = (build({"argv": ["x"], "cores": 3, "time": "1h"}) for _ in range(2))

    assert one.request is two.request


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "cores": st.integers(1, 9),
            "memory": st.integers(1, 9),
            "gpus": st.integers(1, 9),
            "time": st.integers(1, 9),
            "group": st.just(("a",)),
            "licences": st.just({"x": 2}),
            "host": st.just("n1"),
            "exclusive": st.booleans(),
        },
    )
)
def test_a_request_can_be_taken_apart_and_put_together(found: dict[str, Any]) -> None:
    """`rota edit` does so."""
    notes = Notes()
    request = request_of(found, notes)

    assert request_of(keys_of(request), notes) == request
    assert not notes.complaints

"""A JobSpec as plain data and back, whatever is in it."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rota.core import plain
from rota.core.indexes import IndexSet
from rota.core.job import After, Array, Checkpoint, JobSpec
from rota.core.remedy import Remedy
from rota.core.resources import Mode, Request

TEXT = st.text(max_size=8)
NAME = st.text("abc", min_size=1, max_size=3)
AMOUNTS = st.dictionaries(NAME, st.integers(1, 99), max_size=3).map(
    lambda held: tuple(sorted(held.items()))
)
BY_TYPE: dict[str, st.SearchStrategy[Any]] = {
    "str": TEXT,
    "str | None": st.none() | TEXT,
    "int": st.integers(0, 1 << 60),
    "int | None": st.none() | st.integers(0, 1 << 60),
    "bool": st.booleans(),
    "Mode": st.sampled_from(Mode),
    "tuple[str, ...]": st.lists(TEXT, max_size=3).map(tuple),
    "tuple[str, ...] | None": st.none() | st.lists(TEXT, min_size=1, max_size=3).map(tuple),
    "tuple[int, ...]": st.lists(st.integers(0, 255), max_size=3).map(tuple),
    "tuple[tuple[str, int], ...]": AMOUNTS,
    "Mapping[str, str]": st.dictionaries(NAME, TEXT, max_size=3),
    "Mapping[str, int]": st.dictionaries(NAME, st.integers(0, 9), max_size=3),
    "Mapping[str, Remedy]": st.dictionaries(
        NAME,
        st.builds(
            Remedy,
            st.integers(100, 900),
            st.none() | st.integers(1, 1 << 50),
            elsewhere=st.booleans(),
            delay_ms=st.none() | st.integers(0, 1 << 40),
        ),
        max_size=3,
    ),
    "Checkpoint | None": st.sampled_from([None, Checkpoint(), Checkpoint("INT", 7)]),
    "tuple[After, ...]": st.lists(
        st.builds(
            After, st.sampled_from(["ok", "any"]), st.integers(-9, 99), st.booleans()
        ),
        max_size=3,
    ).map(tuple),
    "Array | None": st.none()
    | st.builds(
        Array,
        st.lists(st.tuples(st.integers(0, 9), st.integers(9, 20)), min_size=1).map(
            IndexSet
        ),
        st.none() | st.integers(1, 9),
        st.dictionaries(NAME, st.lists(TEXT, max_size=3).map(tuple), max_size=2),
    ),
}


def _of(cls: Any, **given: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    missing = {f.name: BY_TYPE[str(f.type)] for f in fields(cls) if f.name not in given}
    return st.builds(cls, **missing, **given)


# Who asks is no part of what a job says: the engine adds it.
REQUESTS = _of(Request, asker=st.none())
SPECS = _of(JobSpec, request=REQUESTS)


@given(SPECS)
def test_a_job_survives_being_stored(spec: JobSpec) -> None:
    """Through JSON and back, every attribute is what it was."""
    again = plain.spec_from_plain(json.loads(json.dumps(plain.spec_to_plain(spec))))

    assert again == spec


@given(REQUESTS)
def test_a_request_survives_being_stored(request: Request) -> None:
    """And stays hashable: it is the key of its shape."""
    shown = json.loads(json.dumps(plain.request_to_plain(request)))
    again = plain.request_from_plain(shown)

    assert again == request and hash(again) == hash(request)


def test_what_is_at_its_default_is_left_out() -> None:
    """A small job is a small row."""
    assert plain.spec_to_plain(JobSpec(argv=("true",))) == {"argv": ["true"]}
    assert plain.spec_from_plain({}) == JobSpec()

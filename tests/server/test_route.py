"""Bodies and queries against their types: every complaint located, nothing else raised."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.core.errors import Malformed
from rota.server.route import decode_body, decode_query
from rota.wire import api


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_body_is_taken_or_malformed(raw: bytes) -> None:
    """Never a crash."""
    try:
        decode_body(raw, api.KillBody)
    except Malformed as error:
        assert error.sentence


@given(st.lists(st.tuples(st.text(max_size=12), st.text(max_size=12)), max_size=6))
def test_any_query_is_taken_or_malformed(pairs: list[tuple[str, str]]) -> None:
    """With the name of the parameter."""
    try:
        decode_query(pairs, api.JobsQuery)
    except Malformed as error:
        assert {c.field for c in error.complaints} <= {name for name, _ in pairs}


@pytest.mark.parametrize(
    ("raw", "field", "says"),
    [
        (b'{"targets": []}', "targets", "length >= 1"),
        (b'{"targets": ["1"], "grace": 3}', "grace", "grace_ms"),
        (b'{"targets": ["1"], "grace_ms": -1}', "grace_ms", ">= 0"),
        (b'{"targets": ["1", 2]}', "targets[1]", "str"),
    ],
)
def test_a_complaint_says_where_and_what(raw: bytes, field: str, says: str) -> None:
    """The field, and the remedy when there is a near one."""
    with pytest.raises(Malformed) as refused:
        decode_body(raw, api.KillBody)
    (complaint,) = refused.value.complaints
    assert complaint.field == field
    assert says in complaint.problem + complaint.remedy


def test_lists_may_be_repeated_or_separated_by_commas() -> None:
    """As people write them."""
    pairs = [("state", "done,failed"), ("state", "held"), ("live", "1"), ("limit", "7")]
    query = decode_query(pairs, api.JobsQuery)
    assert (query.state, query.live, query.limit) == (["done", "failed", "held"], True, 7)

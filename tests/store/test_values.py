"""Rows → values: equal texts are one object, and nothing is read that nobody looks at."""

from __future__ import annotations

import json
import sqlite3

import msgspec
import pytest
from hypothesis import given, settings

from rota.core.errors import Broken
from rota.core.job import JobSpec
from rota.core.plain import spec_from_plain, spec_to_plain
from rota.store.values import Kept, Values, _spec_of, content, reason_of
from tests.store import chances

ARRAY = '{"argv":["true"],"array":{"indexes":[[0,1]]}}'


@settings(max_examples=200, deadline=None)
@given(spec=chances.specs)
def test_the_quick_way_gives_what_the_plain_way_gives(spec: JobSpec) -> None:
    """Whatever a job says, down to the type of each field."""
    text = json.dumps(spec_to_plain(spec))
    plain = json.loads(text)
    # The request has a column of its own and is put in afterwards.
    plain.pop("request", None)
    quick = _spec_of(dict(plain))

    assert quick == spec_from_plain(plain)
    assert repr(quick) == repr(spec_from_plain(plain))


def test_equal_rows_are_one_object() -> None:
    """A spec, and parts of different specs."""
    values = Values({b"e": '{"A":"1"}'}.__getitem__)
    one = values.specs["{}", '{"argv":["a"]}', b"e", None, None]
    two = values.specs["{}", '{"argv":["b"]}', b"e", None, None]

    assert one is values.specs["{}", '{"argv":["a"]}', b"e", None, None]
    assert one.env is two.env
    assert one.request is two.request
    assert values.counts['{"done":1}'] is values.counts['{"done":1}']


def test_array_values_are_fetched_when_looked_at() -> None:
    """Not when a page of arrays is listed; a start has them at once."""
    fetched: list[bytes] = []

    def fetch(digest: bytes) -> str:
        """Note what is fetched."""
        fetched.append(digest)
        return '{"item":["a","b"]}'

    lazy = Values(fetch, lazy=True).specs["{}", ARRAY, None, b"v", None]
    assert fetched == []
    assert lazy.array is not None
    assert lazy.array.values == {"item": ("a", "b")}
    assert fetched == [b"v"]

    eager = Values(fetch).specs["{}", ARRAY, None, b"v", None]
    assert fetched == [b"v", b"v"]
    assert eager == lazy


def test_what_is_kept_is_bounded() -> None:
    """A store that shows a million different texts does not keep a million."""
    kept: Kept[int] = Kept(len, 3)
    for number in range(1, 100):
        assert kept["x" * number] == number
        assert len(kept) <= 3


def test_shared_counts_cannot_be_changed() -> None:
    """They belong to all jobs that have them."""
    counts = Values(str).counts['{"done":1}']

    with pytest.raises(TypeError):
        counts["done"] = 2  # type: ignore[index]


def test_content_that_is_missing_is_told() -> None:
    """A row that names what is not there is damage, not an empty environment."""
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE content (digest BLOB, body TEXT)")

    with pytest.raises(Broken, match="00ff"):
        content(db, b"\x00\xff")
    db.close()


def test_a_column_that_is_no_reason_is_told() -> None:
    """Not passed on as one."""
    assert reason_of(None) is None
    with pytest.raises(msgspec.MsgspecError):
        reason_of('{"code": 1}')

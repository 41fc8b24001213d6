"""The published JSON Schema is what is enforced: the two agree on every document."""

from __future__ import annotations

import re
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rota.core.fields import FIELDS, NAMES, PLANNED, Notes, check, job_file_schema
from rota.core.fields.groups import Either, ListOf, MapOf, Record
from rota.core.fields.kinds import Choice, Duration, Kind, Scalar, Size, Text, Word
from rota.core.fields.schema import job_schema
from rota.core.units import DURATION_FORM, SIZE_FORM

# JSON Schema's ``$`` is the end of the text (ECMA 262); Python's lets a line break pass.
Ecma = jsonschema.validators.extend(
    jsonschema.Draft202012Validator,
    {
        "pattern": lambda validator, pattern, value, schema: (
            iter([jsonschema.ValidationError("no match")])
            if isinstance(value, str) and not re.search(_ended(pattern), value)
            else iter(())
        )
    },
)


def _ended(pattern: str) -> str:
    assert pattern.endswith("$")
    return pattern[:-1] + r"\Z"


SCHEMA = Ecma(job_schema())
NUMBERS = (
    st.integers(-5, 10)
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([0, 1, 255, 256, 1000, 1001, 1.0, 4.0, 1e18, 2e18, 10**18])
)
TEXTS = st.text(max_size=6) | st.sampled_from(
    ["", "none", "all", "10", "10GB", "1h", "0s", "ok:12", "a\n", "\x1b", "\ud800", "now"]
)
JUNK = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)


def values(kind: Kind) -> st.SearchStrategy[Any]:
    """Return values that *kind* takes, or nearly takes."""
    if isinstance(kind, Either):
        return st.one_of([values(each) for each in kind.kinds.values()])
    if isinstance(kind, ListOf):
        return st.lists(values(kind.item), max_size=3) | values(kind.item)
    if isinstance(kind, MapOf):
        names = st.from_regex(kind.key.form, fullmatch=True) | TEXTS
        return st.dictionaries(names, values(kind.item), max_size=3)
    if isinstance(kind, Record):
        parts = {name: values(each) | JUNK for name, each in kind.kinds.items()}
        return st.fixed_dictionaries({}, optional=parts)
    if isinstance(kind, (Word, Duration, Size)):
        return st.from_regex(_form(kind), fullmatch=True) | JUNK
    if isinstance(kind, Choice):
        return st.sampled_from([*kind.words, *kind.akin, "other"])
    return TEXTS | JUNK if isinstance(kind, (Text, Scalar)) else NUMBERS | JUNK


def _form(kind: Word | Duration | Size) -> str:
    if isinstance(kind, Word):
        return kind.form
    return DURATION_FORM if isinstance(kind, Duration) else SIZE_FORM


ENTRIES = st.sampled_from(sorted(NAMES)).flatmap(
    lambda key: st.tuples(
        st.just(key),
        values(FIELDS[NAMES[key]].kind) | JUNK | st.just(FIELDS[NAMES[key]].example),
    )
)
STRANGE = st.tuples(st.sampled_from([*sorted(PLANNED), "memroy", "", "a\nb"]), JUNK)
DOCS = (
    st.lists(ENTRIES | ENTRIES | ENTRIES | STRANGE, max_size=4)
    .map(dict)
    .filter(lambda doc: len({NAMES.get(key, key) for key in doc}) == len(doc))
)


@settings(max_examples=400, deadline=None)
@given(DOCS)
def test_validator_and_schema_agree(doc: dict[str, Any]) -> None:
    """Whatever the document, either both take it or both refuse it."""
    notes = Notes()
    check(doc, notes)

    assert SCHEMA.is_valid(doc) == (not notes.complaints), notes.complaints


@pytest.mark.parametrize("key", FIELDS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_they_agree_on_every_key(key: str, data: st.DataObject) -> None:
    """Key by key, near the edges of what it takes."""
    doc = {key: data.draw(values(FIELDS[key].kind) | JUNK)}
    notes = Notes()
    check(doc, notes)

    assert SCHEMA.is_valid(doc) == (not notes.complaints), notes.complaints


def test_the_schema_is_a_schema() -> None:
    """And every key in it is described and has an example that it takes itself."""
    schema = job_file_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    properties = schema["$defs"]["job"]["properties"]

    assert set(properties) == set(NAMES)
    for key, row in FIELDS.items():
        assert properties[key]["description"] == row.says
        assert SCHEMA.is_valid({key: row.example})


@pytest.mark.parametrize(
    ("tree", "valid"),
    [
        ({"command": "x"}, True),
        ([{"command": "x"}, {"argv": ["y"]}], True),
        ({"jobs": [{"command": "x"}], "defaults": {"cores": 2}}, True),
        ({"jobs": []}, False),
        ([], False),
        ({"jobs": [{"command": "x"}], "cores": 2}, False),
        ("x", False),
    ],
)
def test_a_file_is_a_job_or_several(tree: Any, valid: bool) -> None:
    """The three shapes of a job file."""
    assert Ecma(job_file_schema()).is_valid(tree) is valid

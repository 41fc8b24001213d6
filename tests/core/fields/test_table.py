"""The table of keys (rota.core.fields.table, its rows: rota.core.fields.field)."""

from __future__ import annotations

from dataclasses import fields

import pytest

from rota.core.fields import FIELDS, GROUPS, NAMES, PLANNED, Field, Notes, check
from rota.core.job import JobSpec
from rota.core.resources import Request

ROWS = list(FIELDS.values())


@pytest.mark.parametrize("row", ROWS, ids=FIELDS)
def test_a_row_is_whole(row: Field) -> None:
    """Its name is a word, it says what it means, and its example is right."""
    notes = Notes()

    assert row.name.isidentifier() and row.name == row.name.lower()
    assert row.group in GROUPS
    assert row.says.endswith(".") and row.kind.shape
    assert row.name in check({row.name: row.example}, notes), notes.complaints


@pytest.mark.parametrize("row", ROWS, ids=FIELDS)
def test_a_row_ends_in_an_attribute_that_there_is(row: Field) -> None:
    """Of JobSpec, or of its Request."""
    name = row.attr.removeprefix("request.")
    owner = Request if name != row.attr else JobSpec

    assert name in {f.name for f in fields(owner)}


def test_every_attribute_can_be_asked_for() -> None:
    """What a JobSpec can hold but no key can say is planned, or a mistake."""
    reached = {row.attr for row in ROWS}
    told = {"request", "remedies", "formulas", "request.asker"}
    wanted = {f.name for f in fields(JobSpec)}
    wanted |= {f"request.{f.name}" for f in fields(Request) if f.name not in PLANNED}

    assert wanted - told == reached


def test_no_spelling_means_two_things() -> None:
    """Names, aliases, options, and the words of other systems are all apart."""
    spellings = [name for row in ROWS for name in (row.name, *row.aliases)]
    options = [row.option for row in ROWS if row.option]
    akin = [word for row in ROWS for word in row.akin]

    assert len(spellings) == len(set(spellings)) == len(NAMES)
    assert len(options) == len(set(options))
    assert len(akin) == len(set(akin))
    assert not set(akin) & set(spellings) and not PLANNED & set(spellings)


@pytest.mark.parametrize("row", [row for row in ROWS if row.option], ids=lambda r: r.name)
def test_an_option_is_spelt_as_its_key(row: Field) -> None:
    """With hyphens; a key that may be repeated is spelt in the singular."""
    key = row.option.removeprefix("--").replace("-", "_")

    assert row.name == key or (row.name == key + "s" and row.kind.repeats)

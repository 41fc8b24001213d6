"""The files of rows: each holds its own group's keys, and all are in the table."""

from __future__ import annotations

from types import ModuleType

import pytest

from rota.core.fields import FIELDS
from rota.core.fields.rows import failure, files, many, needs, people, run, when, where

FILES = (run, files, needs, where, when, many, failure, people)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.__name__)
def test_a_file_holds_the_keys_of_the_group_it_is_named_after(file: ModuleType) -> None:
    """So that one knows where to look for a key."""
    assert {row.group for row in file.ROWS} == {file.__name__.rpartition(".")[2]}


def test_no_key_stands_in_two_files() -> None:
    """The later one would silently win."""
    assert len(FIELDS) == sum(len(file.ROWS) for file in FILES)

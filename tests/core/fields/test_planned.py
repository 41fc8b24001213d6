"""Keys that are still to come are refused by name."""

from __future__ import annotations

import pytest

from rota.core.fields import GROUPS, PLANNED, Notes, check
from rota.core.fields.table import FIELDS


@pytest.mark.parametrize("key", sorted(PLANNED))
def test_a_planned_key_is_refused_and_not_quietly_taken(key: str) -> None:
    """Whoever writes it learns that it does nothing yet."""
    notes = Notes()

    assert check({key: "x"}, notes) == {}
    assert str(notes.complaints[0]) == (
        f"{key}: is planned but not in this version; leave it out"
    )


def test_every_group_has_keys() -> None:
    """No heading stands alone."""
    assert {row.group for row in FIELDS.values()} == set(GROUPS)

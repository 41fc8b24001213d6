"""Windows set live: what is short is filled in, what makes no sense is named."""

from __future__ import annotations

from typing import Any

import pytest

from rota.core.errors import Malformed
from rota.formats.windows import read_live

AT = 1_767_225_600_000  # 2026-01-01T00:00Z


def read(**said: Any) -> dict[str, Any]:
    """Read one for ann."""
    return read_live({"name": "course", "users": ["ann"], **said}, at=AT)


def test_it_begins_now_and_lasts() -> None:
    """Without start, and with a duration in place of an end."""
    found = read(duration="2h")
    assert (found["start"], found["end"]) == (AT, AT + 7_200_000)
    assert "duration" not in found
    found = read(start="2026-01-02T00:00Z", end="2026-01-02T02:00+01:00")
    assert found["end"] - found["start"] == 3_600_000


@pytest.mark.parametrize(
    ("said", "field", "problem"),
    [
        ({}, "end", "it must end at some time"),
        ({"duration": "1h", "end": "2026-01-02T00:00Z"}, "end", "said once"),
        ({"end": "2025-01-02T00:00Z"}, "end", "ends before it starts"),
        ({"start": "2025-01-01T00:00Z", "duration": "1h"}, "end", "is over already"),
        ({"duration": "4"}, "duration", "no unit"),
        ({"start": "2026-01-02 10:00", "duration": "1h"}, "start", "say the zone"),
        ({"duration": "1h", "users": []}, "users", ""),
        ({"duration": "1h", "count": 2, "cores": 4}, "", "said in two ways"),
        ({"duration": "1h", "labels": ["gen4"]}, "labels", "say how many"),
        ({"duration": "1h", "maintenance": True}, "users", "nobody runs in maintenance"),
        ({"duration": "1h", "colour": "red"}, "colour", "unknown key"),
    ],
)
def test_nonsense_is_refused_by_its_field(
    said: dict[str, Any], field: str, problem: str
) -> None:
    """The complaint says which and what would be right."""
    with pytest.raises(Malformed) as caught:
        read(**said)
    assert field in [complaint.field for complaint in caught.value.complaints]
    assert problem in str(caught.value)

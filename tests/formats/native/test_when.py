"""Begin times and dependencies."""

from __future__ import annotations

from typing import Any

import pytest

from rota.core.job import After
from rota.formats.native import build
from rota.formats.native.when import Elsewhere, parse_begin
from tests.formats.native.telling import refused

NOW = 1_000_000
HOUR = 3_600_000
MAY = 1_777_651_200_000  # 2026-05-01T16:00:00Z


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("none", None),
        ("now", NOW),
        ("now+2h", NOW + 2 * HOUR),
        ("now + 90s", NOW + 90_000),
        ("2026-05-01T16:00Z", MAY),
        ("2026-05-01T16:00 Z", MAY),
        ("2026-05-01T18:00+02:00", MAY),
        ("2026-05-01T18:00+0200", MAY),
        ("2026-05-01 12:00:00.25-04:00", MAY + 250),
        ("2026-05-01T17:00", MAY),
        ("2026-05-01", MAY - 17 * HOUR),
    ],
)
def test_a_begin_time_is_an_instant(text: str, instant: int | None) -> None:
    """With a zone of its own, or in the zone that is told: here UTC+1."""
    assert parse_begin(text, at=NOW, utc_offset_ms=HOUR) == instant


def test_what_depends_on_where_and_when_is_not_guessed() -> None:
    """Without a zone, or without a clock, it is refused."""
    for text in ("2026-05-01", "now+1h"):
        with pytest.raises(Elsewhere):
            parse_begin(text, at=None, utc_offset_ms=None)


@pytest.mark.parametrize(
    ("begin", "told"),
    [
        ("2026-02-30", "begin: 2026-02-30 is no time there is: day is out of range"),
        ("2026-05-01", "begin: 2026-05-01 has no zone; write 2026-05-01T00:00Z, or"),
        ("2026-05-01T24:01Z", "begin: 2026-05-01T24:01Z is no time there is"),
        ("0000-01-01T00:00Z", "is no time there is"),
        ("2026-05-01T16:00+25:00", "is no time there is"),
        ("18:00", "begin: '18:00' is not a time such as"),
    ],
)
def test_a_time_that_there_is_not_is_told(begin: str, told: str) -> None:
    """With a way to write it."""
    assert told in refused(build, {"argv": ["x"], "begin": begin})[0]


@pytest.mark.parametrize(
    ("after", "found"),
    [
        ("ok:12", [("ok", 12, False)]),
        ("12", [("ok", 12, False)]),
        (12, [("ok", 12, False)]),
        ("any:12[*]", [("any", 12, True)]),
        (
            "notok:1,start:2, 3",
            [("notok", 1, False), ("start", 2, False), ("ok", 3, False)],
        ),
        (["ok:1", "ok:1", "any:1"], [("ok", 1, False), ("any", 1, False)]),
    ],
)
def test_dependencies_are_read(after: Any, found: list[tuple[str, int, bool]]) -> None:
    """Each once, in order."""
    spec = build({"argv": ["x"], "after": after})

    assert spec.after == tuple(After(*each) for each in found)


def test_a_name_must_be_of_the_same_submission() -> None:
    """Elsewhere a name is no identity."""
    (line,) = refused(build, {"argv": ["x"], "after": "ok:prepare"})

    assert line == "after: no job of this submission is named 'prepare'; give its number"

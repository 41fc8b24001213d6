"""At which instants a template makes a job."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.core.errors import Malformed
from rota.formats.every import latest_until, next_after
from rota.formats.native import build


def at(text: str) -> int:
    """Return the instant that *text*, in UTC, names."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def told(instant: int | None) -> str:
    """Return *instant* as text, in UTC."""
    assert instant is not None
    return datetime.fromtimestamp(instant / 1000, UTC).strftime("%Y-%m-%dT%H:%M")


def test_a_clock_with_summer_time() -> None:
    """3:00 in Berlin is 2:00 in winter; 2:30 that does not exist comes at 3:00."""
    line, anchor = "0 3 * * * Europe/Berlin", at("2026-01-01")
    assert told(next_after(line, at("2026-01-10"), anchor=anchor)) == "2026-01-10T02:00"
    assert told(next_after(line, at("2026-07-10"), anchor=anchor)) == "2026-07-10T01:00"
    gap = "30 2 * * * Europe/Berlin"
    assert (
        told(next_after(gap, at("2026-03-28T12:00"), anchor=anchor)) == "2026-03-29T01:00"
    )
    twice = [at("2026-10-25T00:30")]
    while len(twice) < 3:
        twice.append(next_after(gap, twice[-1], anchor=anchor) or 0)
    assert told(twice[1])[:10] != told(twice[2])[:10]


@given(
    every=st.sampled_from(["1s", "90s", "6h", "*/7 * * * * UTC", "0 3 * * 1 Asia/Kolkata"]),
    anchor=st.integers(0, 10**12),
    later=st.integers(-(10**9), 10**9),
)
def test_the_last_and_the_next_are_neighbours(every: str, anchor: int, later: int) -> None:
    """Nothing lies between them, and nothing before the anchor."""
    now = max(0, anchor + later)
    last, following = (
        latest_until(every, now, anchor=anchor),
        next_after(every, now, anchor=anchor),
    )
    assert following is not None and following > now and following >= anchor
    if last is not None:
        assert anchor <= last <= now
        assert next_after(every, last, anchor=anchor) == following


@pytest.mark.parametrize(
    ("doc", "words"),
    [
        ({"every": "0 3 * * Europe/Berlin"}, "is not a time such as 6h"),
        ({"every": "0 3 * * * Mars/Base"}, "there is no time zone Mars/Base"),
        ({"every": "0 77 * * * UTC"}, "is no cron line"),
        ({"every": "10ms"}, "less than a second"),
        ({"every": "6h", "after": 3}, "cannot be of a template"),
        ({"deadline": "now+1h", "time": "2h"}, "nearer than its time limit"),
        ({"deadline": "2020-01-01T00:00Z"}, "is over"),
        ({"deadline": "2026-01-01"}, "has no zone"),
    ],
)
def test_what_can_never_be_is_told(doc: dict[str, object], words: str) -> None:
    """With the key, and what to write."""
    with pytest.raises(Malformed) as refused:
        build({"command": "x", "cwd": "/", **doc}, at=at("2026-05-01"))
    assert words in str(refused.value.complaints[0])

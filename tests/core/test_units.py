"""Sizes and durations: what is read, what is refused, and how they are shown."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.core import units


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0B", 0),
        ("512B", 512),
        ("1K", 1024),
        ("10GB", 10 << 30),
        ("10 GiB", 10 << 30),
        ("10g", 10 << 30),
        ("1.5TB", 3 << 39),
        ("0.1K", 102),
        (" 4M ", 4 << 20),
        ("999999999999999999B", 999_999_999_999_999_999),
    ],
)
def test_a_size_is_read_exactly(text: str, size: int) -> None:
    """Sizes are powers of 1024, and no float rounds them."""
    assert units.parse_size(text) == size


@pytest.mark.parametrize(
    ("text", "millis"),
    [
        ("250ms", 250),
        ("90s", 90_000),
        ("1.5h", 5_400_000),
        ("1h30m", 5_400_000),
        ("1h 30m", 5_400_000),
        ("2d", 172_800_000),
        ("1w2d", 777_600_000),
        ("00:10:00", 600_000),
        ("100:00:00", 360_000_000),
        ("1-12:00:00", 129_600_000),
        ("1-12:00", 129_600_000),
        ("0s", 0),
    ],
)
def test_a_duration_is_read_exactly(text: str, millis: int) -> None:
    """Units written out, or clock times with seconds, or days and a clock time."""
    assert units.parse_duration(text) == millis


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("10", "10 has no unit; write for example 10GB"),
        ("1.5", "1.5 has no unit"),
        ("-5GB", "-5GB is negative"),
        ("nan", "nan is not a size"),
        ("1e9", "1e9 is not a size"),
        ("", "'' is not a size"),
        ("10GBB", "10GBB is not a size"),
        ("10 gigabytes", "is not a size"),
        ("99999PB", "99999PB is more than Rota counts to"),
        ("1\x1b[0m", r"'1\x1b[0m' is not a size"),
        ("１０GB", "is not a size"),
    ],
)
def test_what_is_no_size_is_told_with_what_is_allowed(text: str, told: str) -> None:
    """A number without a unit is never guessed at (promise 9)."""
    with pytest.raises(ValueError, match=re.escape(told)):
        units.parse_size(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("10", "10 has no unit; write for example 10m"),
        ("10:00", "10:00 may mean hours or minutes; write 10:00:00 or 00:10:00"),
        ("-3m", "-3m is negative"),
        ("30m 1h", "is not a duration"),
        ("1s1s", "is not a duration"),
        ("1:60:00", "is not a duration"),
        ("5 minutes", "is not a duration"),
        ("99999w", "is more than Rota counts to"),
        ("inf", "is not a duration"),
    ],
)
def test_what_is_no_duration_is_told_with_what_is_allowed(text: str, told: str) -> None:
    """Neither is a clock time that could be two things."""
    with pytest.raises(ValueError, match=re.escape(told)):
        units.parse_duration(text)


@given(st.from_regex(units.SIZE_FORM, fullmatch=True))
def test_every_size_the_form_allows_fits_the_database(text: str) -> None:
    """So the published pattern says all there is to say: no size is 'too large' later."""
    assert 0 <= units.parse_size(text) <= units.SIZE_MAX


@given(st.from_regex(units.DURATION_FORM, fullmatch=True))
def test_every_duration_the_form_allows_fits_too(text: str) -> None:
    """And no duration is."""
    assert 0 <= units.parse_duration(text) <= units.DURATION_MS_MAX


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_with_a_harmless_sentence(text: str) -> None:
    """Whatever people type, the answer can be shown on a terminal."""
    for parse in (units.parse_size, units.parse_duration):
        try:
            assert parse(text) >= 0
        except ValueError as error:
            assert str(error).isprintable()


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1 KiB"),
        (1536, "1.5 KiB"),
        (10 << 30, "10 GiB"),
        ((1 << 20) - 1, "1 MiB"),
        (1 << 60, "1024 PiB"),
    ],
)
def test_a_size_is_shown_short(size: int, shown: str) -> None:
    """One decimal at most, and the unit that makes it readable."""
    assert units.show_size(size) == shown


@pytest.mark.parametrize(
    ("millis", "shown"),
    [
        (0, "0ms"),
        (250, "250ms"),
        (1200, "1.2s"),
        (59_999, "1m00s"),
        (185_000, "3m05s"),
        (5_400_000, "1h30m"),
        (93_600_000, "1d02h"),
    ],
)
def test_a_duration_is_shown_in_two_units_at_most(millis: int, shown: str) -> None:
    """Nobody reads milliseconds of a day."""
    assert units.show_duration(millis) == shown


@given(st.integers(0, units.DURATION_MS_MAX // 10))
def test_a_shown_duration_can_be_read_again(millis: int) -> None:
    """What we print may be pasted into a job file; it is cut, never rounded far."""
    again = units.parse_duration(units.show_duration(millis))
    assert abs(again - millis) <= max(50, millis // 20)


@given(st.integers(0, units.SIZE_MAX // 2))
def test_a_shown_size_can_be_read_again(size: int) -> None:
    """And so may sizes."""
    again = units.parse_size(units.show_size(size))
    assert abs(again - size) <= max(1, size // 20)

"""Moments and lengths of time for people."""

from __future__ import annotations

import time

import pytest

from rota.faces import moments

NOON = "2026-03-01T12:00:00.000Z"


def test_an_instant_reads_back() -> None:
    """Text to milliseconds and back."""
    at = moments.ms_of(NOON)

    assert at is not None
    assert moments.utc(at) == NOON
    assert moments.ms_of(None) is None


def test_people_see_their_own_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """What travels is UTC, what is shown is local."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert moments.local(NOON) == "2026-03-01 21:00:00"
        assert moments.local(None) == "-"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_how_long_it_ran() -> None:
    """From start to end, or until now; never before the start."""
    start = moments.ms_of(NOON)
    assert start is not None
    assert moments.lasted(NOON, "2026-03-01T12:01:05.000Z", now=0) == "1m05s"
    assert moments.lasted(NOON, None, now=start + 1500) == "1.5s"
    assert moments.lasted(NOON, None, now=start - 1500) == "0ms"
    assert moments.lasted(None, None, now=start) == ""


def test_seconds() -> None:
    """A duration of the API."""
    assert moments.seconds(90.0) == "1m30s"
    assert moments.seconds(None) == ""


def test_now_is_now() -> None:
    """In milliseconds."""
    assert abs(moments.now_ms() - time.time() * 1000) < 5000

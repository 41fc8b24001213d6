"""What was learned of a failure, and what is asked for by it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rota.core.remedy import (
    Remedy,
    asked_with,
    changes,
    failures_of,
    nodes_of,
    noted,
    treated,
)
from rota.core.resources import Request

GIB = 1 << 30
REMEDIES = st.builds(
    Remedy,
    memory=st.integers(100, 10_000),
    memory_max=st.none() | st.integers(1, 1 << 50),
    time=st.integers(100, 10_000),
    time_max_ms=st.none() | st.integers(1, 1 << 40),
)


def test_lessons_tell_causes_from_nodes_and_needs() -> None:
    """One mapping, three kinds of names."""
    lessons = noted(noted({"memory%": 200}, "oom", "n1"), "oom", "n2")

    assert lessons == {"memory%": 200, "oom": 2, "oom@n1": 1, "oom@n2": 1}
    assert failures_of(lessons) == {"oom": 2}
    assert nodes_of(lessons, "oom") == ["n1", "n2"]


@given(st.integers(1, 1 << 50), st.integers(1, 1 << 40), st.lists(REMEDIES, max_size=8))
def test_no_remedy_takes_anything_away(
    memory: int, time: int, remedies: list[Remedy]
) -> None:
    """However often which is applied: at least what was asked, and bounded."""
    request = Request(memory=memory, time_ms=time)
    lessons: dict[str, int] = {}
    for remedy in remedies:
        lessons = treated(lessons, remedy, request)

    asked = asked_with(lessons, request, ())
    assert memory <= asked.memory <= memory * 10_000
    assert asked.time_ms is not None and time <= asked.time_ms <= time * 10_000


def test_a_cap_bounds_what_is_asked_for() -> None:
    """1 GiB doubled three times is 8 GiB, capped at 5 it is 5."""
    remedy, lessons = Remedy(memory=200, memory_max=5 * GIB), {}
    for _ in range(3):
        lessons = treated(lessons, remedy, Request(memory=GIB))

    assert asked_with(lessons, Request(memory=GIB), ()).memory == 5 * GIB


def test_what_was_not_asked_for_does_not_grow() -> None:
    """Twice nothing is nothing."""
    assert treated({}, Remedy(memory=200, time=200), Request()) == {}
    assert asked_with({"oom": 3}, Request(), ()) == Request()


def test_people_read_what_changed() -> None:
    """In their units."""
    before = Request(memory=GIB, time_ms=3_600_000)
    after = asked_with({"memory%": 200, "time%": 150}, before, ("@n1",))

    assert list(changes(before, after)) == [
        "memory 1 GiB → 2 GiB", "time 1h00m → 1h30m", "not on n1",
    ]  # fmt: skip

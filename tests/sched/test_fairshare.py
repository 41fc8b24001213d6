"""Usage that fades, and who had more than others."""

from __future__ import annotations

import pytest

from rota.sched.fairshare import Usage, excess


def test_usage_halves_after_each_half_life() -> None:
    """Nobody is punished for ever."""
    usage = Usage(half_life_ms=1000)
    usage.set("ann", 800, 0)
    assert usage.of("ann", 1000) == pytest.approx(400)
    assert usage.of("ann", 3000) == pytest.approx(100)


def test_what_runs_is_charged_as_it_goes() -> None:
    """In small steps or in one, the same."""
    one, many = Usage(half_life_ms=10_000), Usage(half_life_ms=10_000)
    for usage in (one, many):
        usage.turn("ann", 4, 0)
    for at in range(0, 5000, 100):
        many.turn("ann", 0, at)
    assert one.of("ann", 5000) == pytest.approx(many.of("ann", 5000))
    assert 4 * 5000 * 0.8 < one.of("ann", 5000) < 4 * 5000
    one.turn("ann", -4, 5000)
    assert one.of("ann", 15_000) == pytest.approx(one.of("ann", 5000) / 2)


def test_who_is_entitled_to_more_has_less_in_excess() -> None:
    """The same usage weighs less on twice the shares."""
    got = excess({"ann": 50, "bob": 50}, {"ann": 2, "bob": 1})
    assert got["bob"] == pytest.approx(2 * got["ann"])
    assert excess({"ann": 0}, {}) == {"ann": 0}

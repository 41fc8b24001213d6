"""Usage that fades, and the share tree."""

from __future__ import annotations

import pytest

from rota.sched.fairshare import Branch, Usage, entitled, excess, factors


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


def test_the_share_tree_is_shared_out_from_the_root() -> None:
    """An account's part is divided among its members."""
    tree = Branch("root", 1, (
        Branch("physics", 3, (Branch("ann"), Branch("bob"))), Branch("cyd", 1),
    ))  # fmt: skip
    assert entitled(tree) == {"ann": 0.375, "bob": 0.375, "cyd": 0.25}


@pytest.mark.parametrize("shares", [0, -1])
def test_shares_must_be_above_nothing(shares: float) -> None:
    """And a name stands in one place only."""
    with pytest.raises(ValueError, match="shares"):
        entitled(Branch("root", 1, (Branch("ann", shares),)))
    with pytest.raises(ValueError, match="two places"):
        entitled(Branch("root", 1, (Branch("ann"), Branch("ann"))))


def test_the_factor_is_one_for_who_used_nothing_and_a_half_for_a_just_share() -> None:
    """Slurm's classic fair-share factor."""
    assert factors({"ann": 50, "bob": 50}, {"ann": 1, "bob": 1, "cyd": 2}) == pytest.approx(
        {"ann": 0.25, "bob": 0.25, "cyd": 1.0}
    )
    assert factors({"ann": 1, "bob": 1}, {"ann": 1, "bob": 1})["ann"] == pytest.approx(0.5)


def test_who_is_entitled_to_more_has_less_in_excess() -> None:
    """The same usage weighs less on twice the shares."""
    got = excess({"ann": 50, "bob": 50}, {"ann": 2, "bob": 1})
    assert got["bob"] == pytest.approx(2 * got["ann"])
    assert excess({"ann": 0}, {}) == {"ann": 0}

"""The share tree: entitlements from the root, usage by account and user."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.sched.fairshare import excess
from rota.sched.shares import Tree, charged, leaf

PHYSICS = {
    "physics": {"shares": 3, "members": {"ann": 1, "bob": 1}},
    "cyd": 1.0,
}
NAMES = st.sampled_from(["ann", "bob", "physics/ann", "physics/dan", "new/eve", "cyd"])


def standing(tree: Tree, used: dict[str, float]) -> dict[str, tuple[float, float]]:
    """Return {leaf: (entitled, effective)}."""
    return {
        leaf(row.account, row.name): (row.entitled, row.effective)
        for row in tree.leaves(used)
    }


def test_the_tree_is_shared_out_from_the_root() -> None:
    """An account's part is divided among its members."""
    entitled = {name: row[0] for name, row in standing(Tree(PHYSICS), {}).items()}
    assert entitled == {"physics/ann": 0.375, "physics/bob": 0.375, "cyd": 0.25}


def test_what_one_of_an_account_used_is_held_against_the_others_in_part() -> None:
    """Bob used nothing; his account used half of all, and he is entitled to half of it."""
    tree = Tree(PHYSICS)
    effective = {n: row[1] for n, row in standing(
        tree, {"physics/ann": 50.0, "cyd": 50.0}).items()}  # fmt: skip
    assert effective == pytest.approx({"physics/ann": 0.5, "physics/bob": 0.25, "cyd": 0.5})
    factors = {row.name: row.factor for row in tree.leaves({"physics/ann": 1.0})}
    assert factors["cyd"] == 1.0 > factors["bob"] > factors["ann"]


def test_an_account_below_an_account_stands_for_all_in_it() -> None:
    """Usage goes up to the root."""
    tree = Tree({"a": {"shares": 1, "members": {"b": {"members": {"ann": 1}}, "bob": 1}}})
    rows = {row.name: row for row in tree.standings({"b/ann": 3.0, "a/bob": 1.0})}
    assert (rows["a"].used, rows["b"].used) == (4.0, 3.0)
    assert rows["b"].account == "a" and rows["b"].effective == pytest.approx(0.875)


def test_who_names_no_account_is_charged_to_the_one_that_lists_them() -> None:
    """And whoever stands at the top to none."""
    tree = Tree(PHYSICS)
    assert [tree.home(user) for user in ("ann", "cyd", "eve")] == ["physics", "", ""]
    assert (
        tree.excess({"ann": 5.0})["ann"] == tree.excess({"physics/ann": 5.0})["physics/ann"]
    )
    assert tree.members("physics") == ["ann", "bob"] and not tree.members("other")


def test_a_name_is_put_together_and_taken_apart() -> None:
    """A user who charges nobody else has their own name."""
    assert (leaf("", "ann"), leaf("ann", "ann"), leaf("p", "ann")) == (
        "ann",
        "ann",
        "p/ann",
    )
    assert (charged("ann"), charged("p/ann")) == (("", "ann"), ("p", "ann"))


@given(st.dictionaries(st.sampled_from(["ann", "bob", "cyd"]), st.integers(0, 9)))
def test_a_flat_tree_is_what_users_by_weight_are(used: dict[str, float]) -> None:
    """The walk and the short way agree."""
    flat = {"ann": 2.0, "bob": 1.0}
    deep = Tree({**flat, "unused": {"shares": 1.5}})
    got, short = deep.excess(used), excess(used, flat)
    assert {n: v for n, v in got.items() if n in used} == pytest.approx(short)


@given(st.dictionaries(NAMES, st.floats(0, 1e9)))
def test_everybody_has_a_place_and_the_parts_are_all_there_is(
    used: dict[str, float],
) -> None:
    """Whatever was used by whomever, listed or not."""
    tree = Tree(PHYSICS)
    rows = list(tree.leaves(used))
    assert sum(row.entitled for row in rows) == pytest.approx(1.0)
    assert sum(row.used for row in rows) == pytest.approx(sum(used.values()))
    assert set(used) <= set(tree.excess(used))
    assert all(row.effective >= -1e-9 and 0 < row.factor <= 1.0001 for row in rows)

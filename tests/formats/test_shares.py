"""The share tree in the operator's file."""

from __future__ import annotations

from typing import Any

import pytest

from rota.core.errors import Malformed
from rota.formats.settings import read_settings
from rota.sched.rules import rules_of


def shares(text: str) -> Any:
    """Return what a file with these shares reads to."""
    return read_settings(f"shares: {text}\n", where="config.yaml").values["shares"]


def test_accounts_nest_and_users_have_weights() -> None:
    """Shares of an account are 1 when it does not say them."""
    read = shares("{ann: 2, physics: {members: {bob: 1, theory: {shares: 3}}}}")
    theory = {"shares": 3.0, "members": {}}
    assert read == {
        "ann": 2.0,
        "physics": {"shares": 1.0, "members": {"bob": 1.0, "theory": theory}},
    }
    assert rules_of({"shares": read}).tree.home("bob") == "physics"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{ann: 0}", "shares.ann: is 0, it must be above 0"),
        ("{ann: many}", "shares.ann: must be a number"),
        ("{p: {share: 2}}", "shares.p.share: unknown key; did you mean `shares`?"),
        ("{p: {shares: -1}}", "shares.p.shares: is -1"),
        ("{p: {members: [ann]}}", "shares.p.members: must be a mapping"),
        ("{p: {members: {q: {}}}, q: {}}", "the account q stands in two places"),
        ("{p: {members: {p: 1}}}", "p is in an account of their own name"),
        ("{a b: 1}", "is not a word"),
        ("7", "shares: must be a mapping"),
    ],
)
def test_a_broken_tree_is_refused_with_its_place(text: str, says: str) -> None:
    """By the path into the tree, and the line."""
    with pytest.raises(Malformed, match=r"config\.yaml:1") as caught:
        shares(text)
    assert says in str(caught.value)

"""Boolean expressions over labels: what is true of a node, and what is refused."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.core.labels import holds, named, parse

LABELS = {"gpu", "gen4", "ssd"}


@pytest.mark.parametrize(
    ("text", "true"),
    [
        ("gpu", True),
        ("slow", False),
        ("!slow", True),
        ("not slow", True),
        ("gpu & gen4", True),
        ("gpu and gen5", False),
        ("gen5 | gen4", True),
        ("gpu & (gen5 || gen4) && !slow", True),
        ("slow | gpu & gen5", False),
        ("(slow | gpu) & ssd", True),
        ("!(slow | gpu)", False),
    ],
)
def test_an_expression_is_true_or_not(text: str, true: bool) -> None:
    """Not binds before and, and before or."""
    assert holds(text, LABELS) is true


def test_what_is_asked_for_is_named_and_what_is_forbidden_is_not() -> None:
    """Only asking for a label lets a job into the nodes that require it."""
    assert named("gpu & (gen4 | gen5) & !slow & !(a | !b)") == {"gpu", "gen4", "gen5", "b"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "a label is missing"),
        ("a &", "a label is missing at the end"),
        ("(a", "a ) is missing"),
        ("a)", "')' is not expected here"),
        ("a b", "'b' is not expected here"),
        ("& a", "'&' is not expected here"),
        ("a $ b", "cannot read '$ b'"),
        ("!" * 99 + "a", "nested more than 50 deep"),
        ("a" * 501, "more than 500 characters"),
    ],
)
def test_what_is_no_expression_is_told_with_the_place(text: str, told: str) -> None:
    """So that a wrong one is refused at submit and never met in a round."""
    with pytest.raises(ValueError, match=re.escape(told)):
        parse(text)


@given(st.text("ab!&|() ", max_size=40))
def test_any_text_is_an_expression_or_refused(text: str) -> None:
    """Nothing else can come of it."""
    try:
        tree = parse(text)
    except ValueError:
        return
    assert holds(text, {"a"}) in (True, False)
    assert tree

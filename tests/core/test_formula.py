"""Formulas: what they come to, and that they are nothing but arithmetic."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.core.formula import amount

VALUES = {"cores": 4, "gpus": 0, "n": 4}


@pytest.mark.parametrize(("n", "tokens"), [(1, 5), (4, 8), (8, 12), (12, 14), (16, 16)])
def test_the_rule_of_abaqus(n: int, tokens: int) -> None:
    """As its vendor prints them."""
    assert amount("int(5*n**0.422)", {"n": n}) == tokens


@pytest.mark.parametrize(
    ("text", "value"),
    [("2*cores", 8), ("max(1, gpus)", 1), ("ceil(cores/3)", 2), ("-(-7)//2", 3), ("5", 5)],
)
def test_arithmetic(text: str, value: int) -> None:
    """The usual signs and a few functions."""
    assert amount(text, VALUES) == value


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("gpus", "at least 1"), ("cores/3", "write int(cores/3)"), ("nodes", "names are"),
        ("1/gpus", "cannot be worked out"), ("9**9**9**9", "cannot be worked out"),
        ("(-1)**0.5", "no whole number"), ("cores +", "is no formula"),
        ("", "is no formula"),
        ("().__class__", "none of"), ("__import__('os')", "none of"), ("'a'*3", "none of"),
        ("[1][0]", "none of"), ("lambda: 1", "none of"), ("True", "none of"),
        ("round(1, ndigits=2)", "none of"), ("(" * 150 + ")" * 40, "is no formula"),
        ("1" * 300, "more than 200"), ("log(0)", "math domain"),
    ],
)  # fmt: skip
def test_what_is_no_formula_is_told(text: str, told: str) -> None:
    """With what was wrong, and nothing is run."""
    with pytest.raises(ValueError, match=re.escape(told)):
        amount(text, VALUES)


@given(st.text(alphabet="0123456789cornsgpu+-*/%().,[]_ '\"", max_size=60))
def test_no_text_does_anything_else(text: str) -> None:
    """It is a number ≥ 1 or a ValueError, and soon."""
    try:
        assert amount(text, VALUES) >= 1
    except ValueError as error:
        assert str(error)

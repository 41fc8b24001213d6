"""Parametric jobs."""

from __future__ import annotations

import pytest

from rota.core.errors import Malformed
from rota.formats.jdl.parametric import expanded
from rota.formats.jdl.tokens import parse


def values(text: str, key: str = "A") -> list[object]:
    """Return the value of *key* in each job of *text*."""
    return [one[key][0] for one in expanded(parse(text, where="f"), where="f")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A = %s; ParameterStart=1;ParameterStep=1;ParameterFactor=2;Parameters=3",
         ["1", "3", "7"]),
        ('A = "%s-%n"; Parameters = {"a", "b"}', ["a-0", "b-1"]),
        ("A = %(x)s; Parameters.x = {1, 2}", ["1", "2"]),
        ("A = %s; Parameters = { {a,b}, {c,d} }", [["a", "b"], ["c", "d"]]),
        ('A = "<%s>"; Parameters = { {a,b} }', ["<a, b>"]),
        ("A = %s; Parameters = 2; ParameterStep = 0.5", ["1", "1.5"]),
        ("A = %(y)s; Parameters = {1}", ["%(y)s"]), ("A = 100%", ["100%"]),
    ],
)  # fmt: skip
def test_values(text: str, expected: list[object]) -> None:
    """v[0] = start, v[i] = v[i−1] × factor + step; lists; a list as a whole value."""
    assert values(text) == expected


def test_numbers_are_as_wide_as_the_last() -> None:
    """So that names sort."""
    assert values("A = %n; Parameters = 11")[::10] == ["00", "10"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('Parameters={"a","b"};\nParameters.B={"x","y","z"};', "different length"),
        ("Parameters = many", "'many' is no number, no list"),
        ("Parameters = 0", "1 to 10000"), ("Parameters = 999999", "1 to 10000"),
        ("Parameters = {}", "1 to 10000"), ("ParameterStart.x = 3", "is missing"),
        ("Parameters = 2; ParameterStep = x", "ParameterStep: 'x' is no number"),
        ("Parameters = 9999; ParameterFactor = 999999999", "beyond all bounds"),
    ],
)  # fmt: skip
def test_errors(text: str, told: str) -> None:
    """Located, and in a sentence."""
    with pytest.raises(Malformed, match=told):
        values(text)

"""Boolean expressions over labels."""

from __future__ import annotations

import pytest

from rota.sched.labels import holds, named


@pytest.mark.parametrize(
    ("text", "labels", "answer"),
    [
        ("gpu", "gpu", True),
        ("gpu & gen4", "gpu", False),
        ("gpu & (gen4 | gen5) & !slow", "gpu gen5", True),
        ("gpu & (gen4 | gen5) & !slow", "gpu gen5 slow", False),
        ("not gpu or gen4 and fast", "gpu gen4 fast", True),
        ("a | b & c", "a", True),
    ],
)
def test_an_expression_is_true_or_not(text: str, labels: str, answer: bool) -> None:
    """And binds tighter than or, not tightest of all."""
    assert holds(text, labels.split()) is answer


@pytest.mark.parametrize(
    "text", ["", "gpu &", "(gpu", "gpu)", "a b", "& a", "a $ b", "(" * 99]
)
def test_what_is_no_expression_is_refused(text: str) -> None:
    """The sentence shows what was written."""
    with pytest.raises(ValueError, match=r"."):
        holds(text, [])


def test_only_labels_asked_for_are_named() -> None:
    """A label that is only forbidden lets nobody in."""
    assert named("gpu & !(slow | !fast)") == {"gpu", "fast"}

"""Patterns: what they mean, where they lead, and what finds are called."""

from __future__ import annotations

import pytest

from rota.core.globs import Globs, Rule, path_complaint, place_of, rule_of


@pytest.mark.parametrize(
    ("pattern", "path", "means"),
    [
        ("a.txt", "a.txt", True),
        ("a.txt", "b/a.txt", False),
        ("*.txt", "a.txt", True),
        ("*.txt", "b/a.txt", False),
        ("out", "out/deep/x", True),
        ("out/", "out/x", True),
        ("./out/*.csv", "out/x.csv", True),
        ("**/x", "x", True),
        ("**/x", "a/b/x", True),
        ("**/x", "a/b/y", False),
        ("out/**", "out/a/b", True),
        ("out/**", "out", False),
        ("a/**/z", "a/z", True),
        ("a/**/z", "a/b/c/z", True),
        ("?.[ch]", "x.c", True),
        ("?.[!ch]", "x.c", False),
        ("[a-c]x", "bx", True),
        ("a[", "a[", True),
        ("a.b", "aXb", False),
        ("*", ".hidden/x", True),
    ],
)
def test_a_pattern_means_what_a_shell_would_say(
    pattern: str, path: str, *, means: bool
) -> None:
    """And a folder that is meant brings all that lies in it."""
    assert bool(Globs([rule_of(pattern)]).find(path)) is means


@pytest.mark.parametrize(
    ("pattern", "folder", "may"),
    [
        ("out/*.csv", "out", True),
        ("out/*.csv", "data", False),
        ("**/x", "any/where", True),
        ("a/b/c", "a/b", True),
        ("a/b/c", "a/x", False),
        ("*.txt", "out", False),
    ],
)
def test_a_walk_leaves_out_folders_that_cannot_hold_any(
    pattern: str, folder: str, *, may: bool
) -> None:
    """A pattern for one folder never looks at a home of a million files."""
    assert Globs([rule_of(pattern)]).may_hold(folder) is may


@pytest.mark.parametrize(
    ("text", "path", "to"),
    [
        ("a.txt", "a.txt", "a.txt"),
        ("a.txt -> b.txt", "a.txt", "b.txt"),
        ("a.txt -> in/", "a.txt", "in/a.txt"),
        ("data -> in", "data/x/y", "in/x/y"),
        ("data -> .", "data/x/y", "x/y"),
        ("data/*.csv -> in", "data/a.csv", "in/a.csv"),
        ("data/** -> in", "data/x/y", "in/x/y"),
        ("/abs/data", "/abs/data/x", "data/x"),
        ("/abs/a.txt", "/abs/a.txt", "a.txt"),
        ("../up/*.txt", "../up/a.txt", "a.txt"),
    ],
)
def test_what_is_found_goes_where_the_rule_says(text: str, path: str, to: str) -> None:
    """Under its own name, unless an arrow says another; what is not below, by its end."""
    assert place_of(rule_of(text), path) == to


def test_a_rule_is_a_pattern_and_perhaps_a_name() -> None:
    """Spaces around them are nobody's."""
    assert rule_of(" ./a -> b ") == Rule("a", "b")
    assert rule_of("a/") == Rule("a", "")
    assert rule_of("*.x").is_plain is False


@pytest.mark.parametrize(
    "path", ["", "/etc/passwd", "../x", "a/../../x", "a//b", "./a", "a/", "x" * 300, "a\0b"]
)
def test_paths_that_lead_elsewhere_are_complained_about(path: str) -> None:
    """Whoever sends them."""
    assert path_complaint(path)

"""Boolean expressions over the labels of a node: ``gpu & (gen4 | gen5) & !slow``.

    expression = term { "|" term }        also "or", "||"
    term       = factor { "&" factor }    also "and", "&&"
    factor     = "!" factor | "(" expression ")" | label        also "not"

An expression is parsed once into a tree of tuples and then asked of any number of nodes.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Any

Tree = tuple[Any, ...]

_TOKEN = re.compile(r"\s*(?:(\|\|?|&&?|[!()])|([A-Za-z0-9_][A-Za-z0-9_.:+/=-]*))")
_WORDS = {"and": "&", "or": "|", "not": "!", "&&": "&", "||": "|"}
DEPTH_MAX = 50
LENGTH_MAX = 500


@lru_cache(maxsize=4096)
def parse(text: str) -> Tree:
    """Return the tree of *text*.

    Raises:
        ValueError: it is not an expression; the sentence names the place.
    """
    if len(text) > LENGTH_MAX:
        raise ValueError(f"{text[:40]!r}… has more than {LENGTH_MAX} characters")
    tokens = _tokens(text)
    tree, rest = _either(text, tokens, depth=0)
    if rest:
        raise ValueError(f"{text!r}: {rest[0]!r} is not expected here")
    return tree


def holds(text: str, labels: Collection[str]) -> bool:
    """Say whether expression *text* is true of a node that offers *labels*."""
    return _true(parse(text), labels)


def named(text: str) -> set[str]:
    """Return the labels that *text* asks for, those it only forbids left out."""
    return _asked(parse(text), wanted=True)


def _true(tree: Tree, labels: Collection[str]) -> bool:
    kind = tree[0]
    if kind == "label":
        return tree[1] in labels
    if kind == "!":
        return not _true(tree[1], labels)
    if kind == "&":
        return _true(tree[1], labels) and _true(tree[2], labels)
    return _true(tree[1], labels) or _true(tree[2], labels)


def _asked(tree: Tree, *, wanted: bool) -> set[str]:
    if tree[0] == "label":
        return {tree[1]} if wanted else set()
    if tree[0] == "!":
        return _asked(tree[1], wanted=not wanted)
    return _asked(tree[1], wanted=wanted) | _asked(tree[2], wanted=wanted)


def _tokens(text: str) -> list[str]:
    tokens, at, end = [], 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if not found:
            raise ValueError(f"{text!r}: cannot read {text[at:].strip()[:20]!r}")
        token = found[1] or found[2]
        tokens.append(_WORDS.get(token, token))
        at = found.end()
    return tokens


def _either(text: str, tokens: list[str], *, depth: int) -> tuple[Tree, list[str]]:
    tree, tokens = _both(text, tokens, depth=depth)
    while tokens and tokens[0] == "|":
        other, tokens = _both(text, tokens[1:], depth=depth)
        tree = ("|", tree, other)
    return tree, tokens


def _both(text: str, tokens: list[str], *, depth: int) -> tuple[Tree, list[str]]:
    tree, tokens = _one(text, tokens, depth=depth)
    while tokens and tokens[0] == "&":
        other, tokens = _one(text, tokens[1:], depth=depth)
        tree = ("&", tree, other)
    return tree, tokens


def _one(text: str, tokens: list[str], *, depth: int) -> tuple[Tree, list[str]]:
    if depth > DEPTH_MAX:
        raise ValueError(f"{text[:40]!r}…: nested more than {DEPTH_MAX} deep")
    if not tokens:
        raise ValueError(f"{text!r}: a label is missing at the end")
    first, rest = tokens[0], tokens[1:]
    if first == "!":
        tree, rest = _one(text, rest, depth=depth + 1)
        return ("!", tree), rest
    if first == "(":
        tree, rest = _either(text, rest, depth=depth + 1)
        if not rest or rest[0] != ")":
            raise ValueError(f"{text!r}: a ) is missing")
        return tree, rest[1:]
    if first in {")", "&", "|"}:
        raise ValueError(f"{text!r}: {first!r} is not expected here")
    return ("label", first), rest

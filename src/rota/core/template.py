"""Placeholders in commands, names and paths: ``{task}``, ``{item}``, ``{your_vector}``.

Only names that are declared are replaced; every other brace is left alone, and so is
``${task}``, which is the shell's.  ``{task:4}`` has at least four digits.  Into shell text
a value goes as data, and data must not become commands, wherever the placeholder stands:

    echo {item}  "in {item}"         a plain value (words, paths, numbers) as it is
    ITEM='a $(b)'; echo "${ITEM}" …  any other through a variable of the shell, which no
                                     shell reads again as commands

The agent uses this file too, so it runs on Python 3.9.
"""

from __future__ import annotations

import re
import shlex
from typing import Iterator, Mapping, Tuple

_HOLE = re.compile(r"(?<!\$)\{([A-Za-z_][A-Za-z0-9_]*)(?::([0-9]{1,2}))?\}")
_PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")
_VARIABLE = "ROTA_VAR_"
_SHELL_PART = re.compile(r"\\.|\$\(|(?<![^\s;&|(])\#[^\n]*|[\"'`()]|\{", re.DOTALL)


def fill(text: str, facts: Mapping[str, str]) -> str:
    """Return *text* with each ``{name}`` of *facts* replaced by its value."""
    if "{" not in text:
        return text
    return _HOLE.sub(lambda hole: _filled(hole, facts), text)


def _filled(hole: "re.Match[str]", facts: Mapping[str, str]) -> str:
    value = facts.get(hole[1])
    return hole[0] if value is None else value.zfill(int(hole[2] or 0))


def fill_shell(text: str, facts: Mapping[str, str]) -> str:
    """Return shell *text* with each ``{name}`` of *facts* replaced, its value as data.

    A wrong guess at how the shell quotes a place can split a value into words; it can
    never run it.  Text for other shells than Bourne's should have plain values only.
    """
    if "{" not in text:
        return text
    parts, end = [], 0
    variables = {}
    for hole, quote in _shell_holes(text, facts):
        name, value = hole[1], _filled(hole, facts)
        if not _PLAIN.fullmatch(value):
            variables[name] = facts[name]
            value = _expansion(name, quote)
        parts += [text[end : hole.start()], value]
        end = hole.end()
    given = [f"{_VARIABLE}{name}={shlex.quote(held)}; " for name, held in variables.items()]
    return "".join([*given, *parts, text[end:]])


def _expansion(name: str, quote: str) -> str:
    """Return what stands for the variable of *name* inside *quote*, or outside any."""
    bare = "${" + _VARIABLE + name + "}"
    if quote == '"':
        return bare
    return f"'\"{bare}\"'" if quote == "'" else f'"{bare}"'


def _shell_holes(
    text: str, facts: Mapping[str, str]
) -> "Iterator[Tuple[re.Match[str], str]]":
    """Yield each hole in shell *text*, and the quote it stands in."""
    inside = [""]
    at = 0
    while True:
        part = _SHELL_PART.search(text, at)
        if not part:
            return
        at, token, quote = part.end(), part[0], inside[-1]
        hole = _HOLE.match(text, part.start()) if token == "{" else None
        if hole and hole[1] in facts:
            yield hole, quote
            at = hole.end()
        elif quote == "'":
            # Nothing but its end means anything between single quotes.
            if token == "'":
                inside.pop()
            elif len(token) > 1:
                at = part.start() + 1
        elif token[0] == "#" and quote == '"':
            at = part.start() + 1
        elif token == "$(" or (token == "(" and quote == "("):
            inside.append("(")
        elif token == quote or (token == ")" and quote == "("):
            inside.pop()
        elif token in ('"', "`") or (token == "'" and quote != '"'):
            inside.append(token)


def holes(text: str) -> "set[str]":
    """Return the names between braces in *text*, declared or not."""
    return {hole[1] for hole in _HOLE.finditer(text)}

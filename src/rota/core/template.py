"""Placeholders in commands, names and paths: ``{task}``, ``{item}``, ``{your_vector}``.

Only names that are declared are replaced; every other brace is left alone, and so is
``${task}``, which is the shell's.  Into shell text a value goes quoted: it is data, and
data must not become commands.  The agent uses this file too, so it runs on Python 3.9.
"""

from __future__ import annotations

import re
import shlex
from typing import Mapping

_HOLE = re.compile(r"(?<!\$)\{([A-Za-z_][A-Za-z0-9_]*)\}")


def fill(text: str, facts: Mapping[str, str]) -> str:
    """Return *text* with each ``{name}`` of *facts* replaced by its value."""
    if "{" not in text:
        return text
    return _HOLE.sub(lambda hole: facts.get(hole[1], hole[0]), text)


def fill_shell(text: str, facts: Mapping[str, str]) -> str:
    """Return shell *text* with each ``{name}`` of *facts* replaced by its quoted value."""
    if "{" not in text:
        return text
    quoted = {name: shlex.quote(value) for name, value in facts.items()}
    return fill(text, quoted)


def holes(text: str) -> "set[str]":
    """Return the names between braces in *text*, declared or not."""
    return {hole[1] for hole in _HOLE.finditer(text)}

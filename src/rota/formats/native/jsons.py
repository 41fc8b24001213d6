"""JSON and TOML text → documents, with the place of each key.

Their parsers tell no positions, so a small scanner finds the keys afterwards.
"""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

from rota.core.errors import Complaint, Malformed
from rota.core.fields.telling import quoted
from rota.formats.native.document import DEPTH_MAX, Document, is_located, split
from rota.formats.spots import Spot, place

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:\n]')


def read_json(text: str, *, where: str) -> list[Document]:
    """Return the documents of JSON *text*: a job, a list of jobs, or jobs and defaults.

    Raises:
        Malformed: its complaints say where and what.
    """
    try:
        tree = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        problem = f"is not JSON: {error.msg}"
        raise _wrong(problem, place(where, f"{error.lineno}:{error.colno}")) from None
    except RecursionError:
        raise _wrong(f"is nested more than {DEPTH_MAX} deep", where) from None
    except _Unclear as error:
        raise _wrong(str(error), where) from None
    except ValueError:
        raise _wrong("has a number with more digits than anything has", where) from None
    return split(tree, where=where, spots=key_spots(text).get)


def read_toml(text: str, *, where: str) -> list[Document]:
    """Return the documents of TOML *text*: a job, or [[jobs]] and [defaults].

    Raises:
        Malformed: its complaints say where and what.
    """
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+), column (\d+)", str(error))
        problem = re.sub(r" \(at .*\)", "", str(error))
        spot = f"{at[1]}:{at[2]}" if at else None
        raise _wrong(f"is not TOML: {problem}", place(where, spot)) from None
    except (RecursionError, ValueError) as error:
        raise _wrong(f"is not TOML: {error}", where) from None
    return split(tree, where=where, spots=_toml_spots(text).get)


def key_spots(text: str) -> dict[tuple[str | int, ...], Spot]:
    """Return {path: where it stands} of the jobs and keys in the well-formed *text*."""
    found: dict[tuple[str | int, ...], Spot] = {(): "1:1"}
    path: list[str | int] = []
    line, begins, is_key = 1, 0, False
    for match in _TOKEN.finditer(text):
        token = match[0]
        spot = f"{line}:{match.start() - begins + 1}"
        if token == "\n":
            line, begins = line + 1, match.end()
        elif token == "{":
            path.append("")
            is_key = True
        elif token == "[":
            path.append(0)
            _keep(found, path, spot)
        elif token in "}]":
            path.pop()
            is_key = False
        elif token == ",":
            is_key = path[-1:] != [] and isinstance(path[-1], str)
            if not is_key and path:
                path[-1] = int(path[-1]) + 1
                _keep(found, path, spot)
        elif is_key and token != ":":
            path[-1] = json.loads(token)
            _keep(found, path, spot)
            is_key = False
    return found


def _keep(
    found: dict[tuple[str | int, ...], Spot], path: list[str | int], spot: Spot
) -> None:
    if len(path) <= 3 and is_located(where := tuple(path)):
        found[where] = spot


def _toml_spots(text: str) -> dict[tuple[str | int, ...], Spot]:
    """Return {path: where it stands} of keys; texts of several lines are blanked first."""
    blanked = re.sub(r'"""[\s\S]*?"""|\'\'\'[\s\S]*?\'\'\'', _blank, text)
    found: dict[tuple[str | int, ...], Spot] = {}
    table: tuple[str | int, ...] = ()
    count = 0
    for number, line in enumerate(blanked.splitlines(), 1):
        if header := re.match(r"\s*\[(\[?)\s*([^\[\]]+?)\s*\]", line):
            parts = tuple(part.strip(" \"'") for part in header[2].split("."))
            if header[1] and parts == ("jobs",):
                count += 1
            table = ("jobs", count - 1, *parts[1:]) if parts[0] == "jobs" else parts
            found[table] = f"{number}:{header.start(2) + 1}"
        elif key := re.match(r"\s*[\"']?([^\"'=\s.]+)[\"']?\s*[=.]", line):
            found.setdefault((*table, key[1]), f"{number}:{key.start(1) + 1}")
    return found


def _blank(match: re.Match[str]) -> str:
    return "''" + "\n" * match[0].count("\n")


class _Unclear(ValueError):
    """JSON that parses and yet says nothing, or two things."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Unclear(f"{quoted(twice)} is given twice in one mapping; give it once")
    return found


def _no_constant(name: str) -> Any:
    raise _Unclear(f"{name} is not a number that can be asked for")


def _wrong(problem: str, where: str) -> Malformed:
    return Malformed(complaints=[Complaint("", problem, "", where)])

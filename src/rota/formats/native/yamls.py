"""YAML text → trees with line numbers, safely and without surprises.

Scalars are read by the core schema of YAML 1.2: ``yes``, ``012`` and ``1:30:00`` are text
as written.  Where a key wants text, a bare ``007`` or ``3.10`` is that text too.  Tags
other than the plain ones, duplicate keys and circles are refused; aliases are allowed as
long as what they expand to stays small, so a billion laughs cost nothing.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from rota.core.errors import Complaint, Malformed
from rota.core.fields.telling import quoted
from rota.formats.native.document import DEPTH_MAX, Document, kind_at, place, split

NODES_MIN, NODES_PER_CHAR = 100_000, 10
"""A file may have so many nodes and so many for each character, aliases written out."""

_TAG = "tag:yaml.org,2002:"
_PLAIN = frozenset(_TAG + name for name in ("str", "int", "float", "bool", "null"))
_CONSTANTS = {"true": True, "false": False, "null": None, "~": None, "": None}


class _Loader(yaml.CSafeLoader):
    """Composes nodes only; resolves bare words as YAML 1.2 does."""

    yaml_implicit_resolvers: dict[str, Any] = {}


_FLOAT = r"-?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?"

for _name, _form, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", r"0|-?[1-9][0-9]*", "-0123456789"),
    ("float", _FLOAT, "-.0123456789"),
    ("merge", "<<", "<"),
):  # fmt: skip
    _Loader.add_implicit_resolver(_TAG + _name, re.compile(rf"(?:{_form})\Z"), list(_first))


def read_yaml(text: str, *, where: str) -> list[Document]:
    """Return the documents of YAML *text*, which may hold several after ``---``.

    Raises:
        Malformed: its complaints say where and what.
    """
    found: list[Document] = []
    try:
        for node in yaml.compose_all(text, Loader=_Loader):
            if node is None:
                continue
            reader = _Reader(where, most=NODES_MIN + NODES_PER_CHAR * len(text))
            tree = reader.tree(node)
            found.extend(split(tree, where=where, lines=reader.lines.get))
    except yaml.YAMLError as error:
        raise Malformed(complaints=[_complaint(error, where)]) from None
    if not found:
        raise Malformed(
            complaints=[Complaint("", "is empty: it has no job in it", "", where)]
        )
    return found


class _Reader:
    """Makes plain values of a node graph, and remembers on which line each one stood."""

    def __init__(self, where: str, *, most: int) -> None:
        self.where = where
        self.most = most
        self.lines: dict[tuple[str | int, ...], int] = {}
        self.nodes = 0

    def tree(self, node: Any, path: tuple[str | int, ...] = ()) -> Any:
        """Return the value of *node*, which stands at *path*."""
        self.nodes += 1
        if self.nodes > self.most:
            raise self.wrong(node, "its aliases expand to too much", "write less")
        if len(path) > DEPTH_MAX:
            raise self.wrong(node, f"is nested more than {DEPTH_MAX} deep", "")
        if len(path) <= _LOCATED:
            self.lines[path] = node.start_mark.line + 1
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        if isinstance(node, yaml.SequenceNode):
            self._check_tag(node, "seq")
            return [self.tree(item, (*path, at)) for at, item in enumerate(node.value)]
        self._check_tag(node, "map")
        return self._mapping(node, path)

    def wrong(self, node: Any, problem: str, remedy: str) -> Malformed:
        """Return the error about *node*."""
        line = place(self.where, node.start_mark.line + 1)
        return Malformed(complaints=[Complaint("", problem, remedy, line)])

    def _mapping(self, node: Any, path: tuple[str | int, ...]) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        lines: dict[Any, int] = {}
        merged: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            if key_node.tag == _TAG + "merge":
                merged = {**self._merged(value_node, path), **merged}
                continue
            key = self._key(key_node)
            line = key_node.start_mark.line + 1
            if key in found:
                problem = f"{key} is given twice, first on line {lines[key]}"
                raise self.wrong(key_node, problem, "give it once")
            found[key] = self.tree(value_node, (*path, key))
            lines[key] = line
            if len(path) < _LOCATED:
                self.lines[(*path, key)] = line
        return {**merged, **found}

    def _merged(self, node: Any, path: tuple[str | int, ...]) -> dict[Any, Any]:
        """Return what ``<<: *alias`` or ``<<: [*one, *two]`` brings in, the first first."""
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        found: dict[Any, Any] = {}
        for one in nodes:
            if not isinstance(one, yaml.MappingNode):
                raise self.wrong(
                    one, "<< takes a mapping", "write << with an *alias of one"
                )
            found = {**self.tree(one, path), **found}
        return found

    def _key(self, node: Any) -> str:
        if not isinstance(node, yaml.ScalarNode) or node.tag not in _PLAIN:
            raise self.wrong(node, "a key must be a word", "")
        return str(node.value)

    def _scalar(self, node: Any, path: tuple[str | int, ...]) -> Any:
        text: str = node.value
        tag = node.tag
        if tag == _TAG + "str":
            return text
        if tag not in _PLAIN:
            raise self.wrong(
                node, f"the tag {quoted(_short(tag))} is not allowed", "leave it out"
            )
        if tag == _TAG + "null":
            return None
        kind = kind_at(path) if node.style is None else None
        if kind is not None and kind.literal:
            return text
        return _typed(text, tag) if len(text) <= 400 else text

    def _check_tag(self, node: Any, name: str) -> None:
        if node.tag != _TAG + name:
            told = quoted(_short(node.tag))
            raise self.wrong(node, f"the tag {told} is not allowed", "leave it out")


_LOCATED = 4
"""Lines are kept for paths as deep as jobs[0].env.NAME."""


def _typed(text: str, tag: str) -> Any:
    if tag == _TAG + "bool":
        return _CONSTANTS.get(text.lower(), text)
    try:
        return int(text) if tag == _TAG + "int" else float(text)
    except ValueError:
        return text


def _short(tag: str) -> str:
    return tag.replace(_TAG, "!!")


def _complaint(error: yaml.YAMLError, where: str) -> Complaint:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None)
    line = mark.line + 1 if mark else None
    told = f"is not YAML: {problem or 'it cannot be read'}"
    return Complaint("", told, "", place(where, line))

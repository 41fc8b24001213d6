"""YAML text → trees whose places are known, safely and without surprises.

    text ──events (libyaml)──→ nodes ──→ tree of dicts, lists and scalars ──→ documents

Bare words are read by the core schema of YAML 1.2: ``yes``, ``012`` and ``1:30:00`` are
text as written.  Where a key wants text, a bare ``007`` or ``3.10`` is that text too.  Tags
other than the plain ones, duplicate keys and circles are refused; aliases are allowed as
long as what they expand to stays small, so a billion laughs cost nothing.

PyYAML's composer is not used: it recurses in C, and deep nesting kills the process.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

from rota.core.errors import Complaint, Malformed
from rota.core.fields.kinds import Kind
from rota.core.fields.telling import plain, quoted
from rota.formats.native.document import DEPTH_MAX, Document, is_located, kind_at, split
from rota.formats.spots import Spot, place

NODES_MIN, NODES_PER_CHAR = 100_000, 10
"""A file may have so many nodes and so many for each character, aliases written out."""

_TAG = "tag:yaml.org,2002:"
_INT = re.compile(r"0|-?[1-9][0-9]{0,399}")
_FLOAT = re.compile(r"-?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]{1,4})?")
_CONSTANTS = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("null", "Null", "NULL", "~", ""), None),
}
_Path = tuple[str | int, ...]


class _Node(NamedTuple):
    """One node of the text.

    Shapes:
        what:  "text" (quoted), "bare", "list" or "mapping"
        value: text; list of nodes; list of (key node, value node)
    """

    what: str
    value: Any
    spot: Spot


def read_yaml(text: str, *, where: str) -> list[Document]:
    """Return the documents of YAML *text*, which may hold several after ``---``.

    Raises:
        Malformed: its complaints say where and what.
    """
    found: list[Document] = []
    most = NODES_MIN + NODES_PER_CHAR * len(text)
    try:
        for node in _Nodes(text, where).documents():
            reader = _Reader(where, most=most)
            tree = reader.tree(node, ())
            if tree is not None:
                found.extend(split(tree, where=where, spots=reader.spots.get))
    except yaml.YAMLError as error:
        raise Malformed(complaints=[_complaint(error, where)]) from None
    if not found:
        raise _wrong("is empty: it has no job in it", "", where)
    return found


class Tree(NamedTuple):
    """A YAML text that is no job: its value, and {path: where that key or entry stands}."""

    value: Any
    spots: dict[_Path, Spot]


def read_tree(text: str, *, where: str) -> Tree:
    """Return the one document of YAML *text*, with the place of everything in it.

    Raises:
        Malformed: its complaint says where and what.
    """
    reader = _Reader(where, most=NODES_MIN + NODES_PER_CHAR * len(text), is_job=False)
    try:
        nodes = list(_Nodes(text, where).documents())
        if len(nodes) > 1:
            at = place(where, nodes[1].spot)
            raise _wrong("holds several documents", "write one", at)
        value = reader.tree(nodes[0], ()) if nodes else None
    except yaml.YAMLError as error:
        raise Malformed(complaints=[_complaint(error, where)]) from None
    return Tree(value, reader.spots)


class _Nodes:
    """Makes nodes of events, without recursion."""

    def __init__(self, text: str, where: str) -> None:
        self.events = yaml.parse(text, Loader=yaml.CSafeLoader)
        self.where = where

    def documents(self) -> Iterator[_Node]:
        """Yield the root node of each document."""
        anchors: dict[str, _Node] = {}
        open_: list[tuple[_Node, str | None]] = []
        for event in self.events:
            node = self._node(event, anchors)
            if isinstance(event, yaml.DocumentStartEvent):
                anchors, open_ = {}, []
            elif isinstance(event, yaml.CollectionStartEvent) and node:
                if len(open_) >= DEPTH_MAX:
                    problem = f"is nested more than {DEPTH_MAX} deep"
                    raise _wrong(problem, "", place(self.where, node.spot))
                open_.append((node, event.anchor))
                continue
            elif isinstance(event, yaml.CollectionEndEvent):
                node, anchor = open_.pop()
                if anchor:
                    anchors[anchor] = node
            if node and not open_:
                yield node
            elif node:
                open_[-1][0].value.append(node)

    def _node(self, event: Any, anchors: dict[str, _Node]) -> _Node | None:
        spot = _spot(event.start_mark)
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in anchors:
                problem = f"*{plain(event.anchor)} stands for nothing complete before it"
                raise _wrong(problem, "", place(self.where, spot))
            return anchors[event.anchor]
        if not isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent)):
            return None
        what = _what(event)
        if what is None:
            problem = f"the tag {quoted(str(event.tag).replace(_TAG, '!!'))} is not allowed"
            raise _wrong(problem, "leave it out", place(self.where, spot))
        if what in ("list", "mapping"):
            return _Node(what, [], spot)
        node = _Node(what, getattr(event, "value", ""), spot)
        if event.anchor:
            anchors[event.anchor] = node
        return node


class _Reader:
    """Makes plain values of nodes, and remembers where each one stood."""

    def __init__(self, where: str, *, most: int, is_job: bool = True) -> None:
        self.where = where
        self.is_job = is_job
        self.spots: dict[_Path, Spot] = {}
        self.left = most

    def tree(self, node: _Node, path: _Path) -> Any:
        """Return the value of *node*, which stands at *path*."""
        self.left -= 1
        if self.left < 0:
            raise self._wrong(node, "its aliases expand to too much", "write less")
        if len(path) > DEPTH_MAX:
            raise self._wrong(node, f"is nested more than {DEPTH_MAX} deep", "")
        if not self.is_job or (len(path) <= 2 and is_located(path)):
            self.spots.setdefault(path, node.spot)
        if node.what == "bare":
            return _bare(node.value, kind_at(path) if self.is_job else None)
        if node.what == "list":
            return [self.tree(item, (*path, at)) for at, item in enumerate(node.value)]
        return self._mapping(node, path) if node.what == "mapping" else node.value

    def _mapping(self, node: _Node, path: _Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        below: dict[str, Any] = {}
        lines: dict[str, str] = {}
        pairs = zip(node.value[::2], node.value[1::2], strict=True)
        for key, value in pairs:
            if key.what in ("list", "mapping"):
                raise self._wrong(key, "a key must be a word", "")
            if key.what == "bare" and key.value == "<<":
                below = {**self._merged(value, path), **below}
                continue
            if key.value in found:
                problem = f"{plain(key.value)} is given twice, first on line"
                raise self._wrong(key, f"{problem} {lines[key.value]}", "give it once")
            lines[key.value] = key.spot.partition(":")[0]
            if len(path) < 3 or not self.is_job:
                self.spots[(*path, key.value)] = key.spot
            found[key.value] = self.tree(value, (*path, key.value))
        return {**below, **found}

    def _merged(self, node: _Node, path: _Path) -> dict[str, Any]:
        """Return what ``<<: *alias`` or ``<<: [*one, *two]`` brings in, the first first."""
        found: dict[str, Any] = {}
        for one in node.value if node.what == "list" else [node]:
            if one.what != "mapping":
                raise self._wrong(
                    one, "<< takes a mapping", "write << with an *alias of one"
                )
            found = {**self.tree(one, path), **found}
        return found

    def _wrong(self, node: _Node, problem: str, remedy: str) -> Malformed:
        return _wrong(problem, remedy, place(self.where, node.spot))


def _what(event: Any) -> str | None:
    """Return what a node is, or None when its tag is none that is allowed."""
    if isinstance(event, yaml.SequenceStartEvent):
        return "list" if event.tag in (None, "!", _TAG + "seq") else None
    if isinstance(event, yaml.MappingStartEvent):
        return "mapping" if event.tag in (None, "!", _TAG + "map") else None
    if event.tag in (None, "!"):
        return "bare" if event.implicit[0] else "text"
    if event.tag == _TAG + "str":
        return "text"
    plain_tags = ("int", "float", "bool", "null")
    return "bare" if event.tag in [_TAG + name for name in plain_tags] else None


def _bare(text: str, kind: Kind | None) -> Any:
    """Return what a word without quotes means where a value of *kind* stands."""
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if kind is not None and kind.literal:
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INT.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def _wrong(problem: str, remedy: str, where: str) -> Malformed:
    return Malformed(complaints=[Complaint("", problem, remedy, where)])


def _complaint(error: yaml.YAMLError, where: str) -> Complaint:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None)
    told = f"is not YAML: {problem or 'it cannot be read'}"
    return Complaint("", told, "", place(where, mark and _spot(mark)))


def _spot(mark: Any) -> Spot:
    return f"{mark.line + 1}:{mark.column + 1}"

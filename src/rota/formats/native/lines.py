"""Keys in one line each: ``#ROTA`` lines of a script, options, and one-liners.

    #!/bin/sh
    #ROTA memory: 10GB             key: value
    #ROTA --time=2h --tag paper    or options, as at rota submit
    ./model

    "mode: bynode; n: 5"           a one-liner: the same, between semicolons

``#ROTA`` lines stand before the first command, at the left edge.  One that comes later is
refused: elsewhere such lines are silently ignored, and people lose days.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from rota.core.errors import Complaint, Malformed
from rota.core.fields import FIELDS, Field, Notes, find, unknown
from rota.core.fields.telling import plain
from rota.formats.native.document import Document
from rota.formats.spots import line_of, place

_MARK = re.compile(r"#ROTA(?=[ \t:]|$):?[ \t]*(.*)")
_PAIR = re.compile(r"([A-Za-z_][\w-]*)\s*(?::|=)\s*(.*)", re.DOTALL)

Given = tuple[str, str | None, str]
"""(spelling, text, where); the text of a flag without a value is None."""


def read_script(text: str, *, where: str) -> Document:
    """Return what script *text* says: itself, and the keys of its ``#ROTA`` lines.

    Raises:
        Malformed: its complaints name the lines.
    """
    wrong: list[Complaint] = []
    given = [
        pair
        for number, column, line in _marked(text, where, wrong)
        for pair in _pairs(line, at=_At(where, number, column), wrong=wrong)
    ]
    data, sources = read_pairs(given, wrong=wrong)
    for key in ("command", "argv", "script"):
        if key in data:
            problem = "a script says what runs by itself"
            wrong.append(Complaint(key, problem, "leave it out", sources[key]))
    if wrong:
        raise Malformed(complaints=sorted(wrong, key=lambda c: line_of(c.where)))
    return Document({**data, "script": text}, {**sources, "script": where})


def read_line(text: str, *, where: str) -> Document:
    """Return what a one-liner such as "mode: bynode; n: 5" says.

    Raises:
        Malformed: its complaints list all that is wrong.
    """
    wrong: list[Complaint] = []
    given = [pair for _, part in _parts(text) for pair in _pair(part, where, wrong)]
    document = read_pairs(given, wrong=wrong)
    if wrong:
        raise Malformed(complaints=wrong)
    return document


def read_options(options: Iterable[tuple[str, str | None]]) -> Document:
    """Return what *options* say: (spelling such as "--memory" or "memory", text), ….

    Raises:
        Malformed: its complaints list all that is wrong.
    """
    wrong: list[Complaint] = []
    document = read_pairs([(name, text, name) for name, text in options], wrong=wrong)
    if wrong:
        raise Malformed(complaints=wrong)
    return document


def read_pairs(given: Iterable[Given], *, wrong: list[Complaint]) -> Document:
    """Return the document of key and text pairs; what is wrong is added to *wrong*."""
    data: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for spelling, text, where in given:
        negated = spelling.startswith("--no-") and find("--" + spelling[5:])
        row = find(spelling) or negated
        if not row:
            key = spelling.lstrip("-").replace("-", "_")
            wrong.append(Complaint(plain(spelling), *unknown(key), where))
            continue
        value, problem = _value(row, text, negated=bool(negated))
        if row.name in data and row.kind.repeats:
            value = row.kind.join(data[row.name], value)
        elif row.name in data:
            problem = f"is given twice, first at {sources[row.name]}"
        if problem:
            wrong.append(Complaint(row.name, problem, "", where))
        data[row.name] = value
        sources.setdefault(row.name, where)
    _check_texts(data, sources, wrong)
    return Document(data, sources)


def _value(row: Field, text: str | None, *, negated: bool) -> tuple[Any, str]:
    is_flag = isinstance(row.kind, type(FIELDS["held"].kind))
    if negated and is_flag:
        return False, "" if text is None else "takes no value after --no-"
    if negated:
        return None, "is no flag, so there is no --no- of it"
    if text is None:
        return True, "" if is_flag else f"needs a value: {row.kind.metavar}"
    return row.kind.parse(text), ""


def _check_texts(
    data: dict[str, Any], sources: dict[str, str], wrong: list[Complaint]
) -> None:
    """Complain now, while the line is known, about texts that no reading fits."""
    notes = Notes(sources)
    for name, value in data.items():
        notes.key = name
        if value is not None and not any(c.field == name for c in wrong):
            FIELDS[name].kind.read(value, notes)
    wrong.extend(notes.complaints)


def _marked(
    text: str, where: str, wrong: list[Complaint]
) -> Iterator[tuple[int, int, str]]:
    """Yield (line, column, what stands there) after each ``#ROTA`` of a script."""
    first_command = 0
    for number, line in enumerate(text.splitlines(), 1):
        match = _MARK.fullmatch(line)
        if not match:
            is_command = line.strip() and not line.lstrip().startswith("#")
            first_command = first_command or (number if is_command else 0)
        elif first_command:
            problem = f"comes after the first command, on line {first_command}"
            remedy = "move it up, or indent it if it is not for Rota"
            wrong.append(Complaint("#ROTA", problem, remedy, place(where, f"{number}:1")))
        else:
            yield number, match.start(1) + 1, match[1].strip()


class _At(NamedTuple):
    """Where what stands behind ``#ROTA`` begins."""

    where: str
    line: int
    column: int

    def place(self, offset: int) -> str:
        """Return the place of the character *offset* of it."""
        return place(self.where, f"{self.line}:{self.column + offset}")


def _pairs(text: str, *, at: _At, wrong: list[Complaint]) -> list[Given]:
    if not text.startswith("-"):
        parts = _parts(text)
        return [pair for o, part in parts for pair in _pair(part, at.place(o), wrong)]
    import shlex

    try:
        words = shlex.split(text, comments=True)
    except ValueError as error:
        wrong.append(Complaint("#ROTA", f"cannot be read: {error}", "", at.place(0)))
        return []
    offsets: list[int] = []
    for word in words:
        # Words are told without their quotes; what stands before = never had any.
        begin = max(0, text.find(word.partition("=")[0], offsets[-1] if offsets else 0))
        offsets.append(begin)
    places = [at.place(offset) for offset in offsets]
    return _options(list(zip(words, places, strict=True)), wrong)


def _options(words: list[tuple[str, str]], wrong: list[Complaint]) -> list[Given]:
    given: list[Given] = []
    for word, at in words:
        name, equals, text = word.partition("=")
        if word.startswith("--"):
            given.append((name, text if equals else None, at))
        elif given and given[-1][1] is None:
            given[-1] = (given[-1][0], word, given[-1][2])
        else:
            problem = f"{plain(word)} belongs to no option"
            wrong.append(Complaint("#ROTA", problem, "write --key=value", at))
    return given


def _pair(part: str, at: str, wrong: list[Complaint]) -> list[Given]:
    match = _PAIR.fullmatch(part)
    if match:
        return [(match[1], _unquoted(match[2].strip()), at)]
    problem = f"{plain(part)} is not of the form key: value"
    wrong.append(Complaint("", problem, "write for example memory: 10GB", at))
    return []


def _parts(text: str) -> list[tuple[int, str]]:
    """Return [(offset, piece)] between the semicolons of *text* that stand in no quotes."""
    found = re.finditer(r"(?:\"[^\"]*\"|'[^']*'|[^;\"']|[\"'])+", text)
    return [
        (part.start() + len(part[0]) - len(part[0].lstrip()), part[0].strip())
        for part in found
        if part[0].strip()
    ]


def _unquoted(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    # wq's habit: group: [gen4, gen5]
    return text[1:-1].strip() if text[:1] == "[" and text[-1:] == "]" else text

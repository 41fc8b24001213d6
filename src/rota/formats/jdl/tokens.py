"""JDL text → statements: strings are whole, whatever is in them.

    [ Executable = "run.sh"; Arguments = "a;b"; Tags = { GPU, "big mem" }; ]
      key        = "string"                     = { list }

Brackets around it all and the last ; may be missing; words may stand without quotes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rota.core.errors import Complaint, Malformed

Statements = Mapping[str, tuple[Any, str]]
"""{key: (value, where it stands)}; a value is text, a list of values, or a mapping."""

DEPTH_MAX = 20
_BLANK = re.compile(r"\s*")
_LEAD = re.compile(r"(?:\s|;|(?://|#)[^\n]*)*")
_KEY = re.compile(r"([A-Za-z_][^=;{}\[\]\"\n]{0,200}?)[ \t]*=")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_NEXT_KEY = re.compile(r"\n\s{0,200}(?:[A-Za-z_][\w. ]{0,200}=|\])")
_LINE = re.compile(r"#JDL[ \t]+(.*)")


def parse(text: str, *, where: str) -> Statements:
    """Return the statements of JDL *text*; a key that is there twice counts the last time.

    Raises:
        Malformed: its complaint has line and column.
    """
    parser = _Parser(text, where)
    start = _LEAD.match(text)
    assert start is not None, "it matches the empty text"
    parser.at = start.end()
    is_bracketed = text.startswith("[", parser.at)
    parser.at += is_bracketed
    said = parser.statements(closed=is_bracketed, depth=0)
    if text[parser.at :].strip("; \t\r\n"):
        raise parser.wrong("is more than one description; give them one by one")
    return said


def script_lines(text: str, *, where: str) -> Statements:
    """Return the statements of the ``#JDL`` lines of a script.

    Raises:
        Malformed: its complaint has line and column.
    """
    said: dict[str, tuple[Any, str]] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if found := _LINE.match(line):
            # As if all before it in the script were blank: places are right by themselves.
            before = "\n" * (number - 1) + " " * found.start(1)
            said.update(parse(before + found[1], where=where))
    return said


class _Parser:
    """Where in a text we are, and what comes next."""

    def __init__(self, text: str, where: str) -> None:
        self.text, self.where, self.at = text, where, 0
        self._line, self._counted = 1, 0

    @property
    def place(self) -> str:
        """Where we are, for people."""
        # From where it was asked last: a long text is counted once.
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        column = self.at - self.text.rfind("\n", 0, self.at)
        return f"{self.where}:{self._line}:{column}"

    def wrong(self, problem: str, key: str = "") -> Malformed:
        """Return the error that says *problem* of what stands here."""
        return Malformed(complaints=[Complaint(shown(key), problem, "", self.place)])

    def statements(self, *, closed: bool, depth: int) -> Statements:
        """Return what stands up to the ] that closes, or the end."""
        said: dict[str, tuple[Any, str]] = {}
        while True:
            self._skip(_LEAD)
            if self.at == len(self.text):
                if closed:
                    raise self.wrong("a [ is not closed")
                return said
            if closed and self.text[self.at] == "]":
                self.at += 1
                return said
            found = _KEY.match(self.text, self.at)
            if not found:
                raise self.wrong("here should be a key and =, such as Executable = ")
            key, place = " ".join(found[1].split()), self.place
            self.at = found.end()
            said[key] = self._value(key, depth=depth), place
            self._end(key, closed)

    def _end(self, key: str, closed: bool) -> None:
        before = self.at
        self._skip(_BLANK)
        rest = self.text[self.at : self.at + 1]
        if rest in ("", ";") or (closed and rest == "]"):
            return
        if "\n" not in self.text[before : self.at]:
            raise self.wrong("a ; is missing before what follows", key)

    def _value(self, key: str, *, depth: int) -> Any:
        if depth > DEPTH_MAX:
            raise self.wrong("is nested deeper than any job is", key)
        self._skip(_BLANK)
        mark = self.text[self.at : self.at + 1]
        if mark == '"':
            return self._string(key)
        if mark == "{":
            self.at += 1
            return self._list(key, depth=depth + 1)
        if mark == "[":
            self.at += 1
            inside = self.statements(closed=True, depth=depth + 1)
            return {name: value for name, (value, _) in inside.items()}
        return self._bare(";\n]" if depth else ";")

    def _string(self, key: str) -> str:
        found = _STRING.match(self.text, self.at)
        if not found:
            raise self.wrong("a text begins here and does not end", key)
        self.at = found.end()
        # A line end inside a value counts for nothing.
        return found[1].replace('\\"', '"').replace("\r", "").replace("\n", "")

    def _list(self, key: str, *, depth: int) -> list[Any]:
        items: list[Any] = []
        while True:
            self._skip(_BLANK)
            mark = self.text[self.at : self.at + 1]
            if mark == "}":
                self.at += 1
                return items
            if mark == "":
                raise self.wrong("a { is not closed", key)
            if mark == ",":
                self.at += 1
            elif mark in ('"', "{", "["):
                items.append(self._value(key, depth=depth))
            else:
                items.append(self._bare(",}"))

    def _bare(self, ends: str) -> str:
        """Return a word without quotes: up to one of *ends*, or before the next key."""
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in ends:
            if self.text[self.at] == "\n" and _NEXT_KEY.match(self.text, self.at):
                break
            self.at += 1
        return " ".join(self.text[start : self.at].split())

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self.text, self.at)
        assert found is not None, "it matches the empty text"
        self.at = found.end()


def shown(key: str) -> str:
    """Return *key* as it can be shown."""
    return "".join(char if char.isprintable() else "�" for char in key[:60])

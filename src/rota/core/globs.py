"""Which files are meant: patterns as a shell has them, and where what they find goes.

    results/*.csv            any file or folder of that name, with all that is in it
    **/summary.txt           at any depth
    data/run7 -> input       found there, called so

Paths are relative, with "/" between their parts; nothing here touches a disk.
"""

from __future__ import annotations

import re
from typing import List, NamedTuple, Pattern, Sequence, Tuple

PATH_MAX = 4095
NAME_MAX = 255
ARROW = " -> "
_MAGIC = re.compile(r"[*?\[]")
_ANY = "**"


class Rule(NamedTuple):
    """One pattern and where what it finds goes; *to* "": under the name it has."""

    pattern: str
    to: str = ""

    @property
    def is_plain(self) -> bool:
        """Does it name one file or folder, and only that?"""
        return _MAGIC.search(self.pattern) is None


def rule_of(text: str) -> Rule:
    """Return what "pattern" or "pattern -> name" says."""
    pattern, _, to = text.partition(ARROW)
    pattern, to = pattern.strip(), to.strip()
    while pattern.startswith("./"):
        pattern = pattern[2:]
    is_folder = pattern.endswith("/") and len(pattern) > 1
    return Rule(pattern.rstrip("/") if is_folder else pattern, to)


class Globs:
    """Rules, ready to be asked about many paths."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self._parts: List[List[Pattern[str]]] = [
            [re.compile(_translated(part)) for part in _split(rule.pattern)]
            for rule in self.rules
        ]
        self._words = [_split(rule.pattern) for rule in self.rules]

    def find(self, path: str) -> List[int]:
        """Return which rules mean *path*, or a folder it lies in, by their position."""
        parts = path.split("/")
        return [at for at in range(len(self.rules)) if self._means(at, parts)]

    def may_hold(self, folder: str) -> bool:
        """Could anything in *folder* be meant?"""
        parts = folder.split("/")
        return any(self._leads(at, parts) for at in range(len(self.rules)))

    def _means(self, at: int, parts: Sequence[str]) -> bool:
        """Does the rule match *parts*, or some of them from the left?"""
        words, forms = self._words[at], self._parts[at]

        def match(word: int, part: int) -> bool:
            if word == len(words):
                return True
            if words[word] == _ANY:
                return any(match(word + 1, p) for p in range(part, len(parts) + 1)) and (
                    word + 1 < len(words) or part < len(parts)
                )
            if part == len(parts) or not forms[word].fullmatch(parts[part]):
                return False
            return match(word + 1, part + 1)

        return match(0, 0)

    def _leads(self, at: int, parts: Sequence[str]) -> bool:
        words, forms = self._words[at], self._parts[at]
        for place, part in enumerate(parts):
            if place >= len(words) or words[place] == _ANY:
                return True
            if not forms[place].fullmatch(part):
                return False
        return True


def place_of(rule: Rule, path: str) -> str:
    """Return what *path*, found by *rule*, is called where it goes."""
    if not rule.to and not rule.pattern.startswith(("/", "../")):
        return path
    rest = _rest(rule, path)
    name = path.rsplit("/", 1)[-1]
    to = rule.to.rstrip("/")
    if rest:
        return f"{to}/{rest}" if to and to != "." else rest
    if not to or to == ".":
        return name
    return f"{to}/{name}" if rule.to.endswith("/") else to


def _rest(rule: Rule, path: str) -> str:
    """Return *path* without the part of the pattern that is plain."""
    if rule.is_plain:
        if not rule.to and path != rule.pattern:
            # A folder from elsewhere keeps its own name.
            return path[len(rule.pattern.rsplit("/", 1)[0]) + 1 :]
        return path[len(rule.pattern) + 1 :]
    return path[len(base_of(rule.pattern)) :]


def path_complaint(path: str) -> str:
    """Return why nothing must be laid at *path*, as the end of a sentence; "": it may."""
    try:
        raw = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return "is not text that a file system could hold"
    if not path or "\0" in path:
        return "is empty or has a zero byte"
    if path.startswith("/"):
        return "is absolute"
    parts = path.split("/")
    if ".." in parts:
        return "leads out of its folder"
    if "" in parts or "." in parts:
        return "is not in its shortest form"
    if len(raw) > PATH_MAX or any(len(part) > NAME_MAX for part in raw.split(b"/")):
        return "is too long"
    return ""


def base_of(pattern: str) -> str:
    """Return the folder, with its last "/", that all that *pattern* means lies in."""
    found = _MAGIC.search(pattern)
    plain = pattern if found is None else pattern[: found.start()]
    return plain[: plain.rfind("/") + 1]


def _split(pattern: str) -> List[str]:
    return [part for part in pattern.split("/") if part not in ("", ".")]


def _translated(part: str) -> str:
    """Return the regular expression of one part of a pattern."""
    out, at = "", 0
    while at < len(part):
        char = part[at]
        at += 1
        if char == "*":
            out += ".*"
        elif char == "?":
            out += "."
        elif char == "[":
            taken, at = _set(part, at)
            out += taken
        else:
            out += re.escape(char)
    return "(?s:" + out + ")"


def _set(part: str, at: int) -> Tuple[str, int]:
    end = part.find("]", at + 1 if part[at : at + 1] not in ("!", "^") else at + 2)
    if end < 0:
        return re.escape("["), at
    inside = part[at:end]
    negated = inside[:1] in ("!", "^")
    inside = inside[1:] if negated else inside
    inside = inside.replace("\\", r"\\").replace("[", r"\[").replace("^", r"\^")
    return f"[{'^' if negated else ''}{inside}]", end + 1

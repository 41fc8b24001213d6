"""WAM's job files, ``abaqusSubmit.json``, of all the ages they have: a job for each deck.

    {"jobFiles": ["bracket.inp"], "solverFlags": {"cpus": 8, "interactive": null},
     "InternalUse": {"jsonFileType": "abaqus"}}
        ──▶ abaqus job=bracket cpus=8 interactive      and int(5·8^0.422) = 12 tokens

Comments are read over, paths of Windows lose their folders.  ``SOLVERS`` is the table of
solvers: how each is called, and what licences it takes.
"""

from __future__ import annotations

import ntpath
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from rota.core.notify import ADDRESS
from rota.formats.reading import Reading
from rota.formats.relaxed import Spots, loads, wrong

TOKENS = "int(5*n**0.422)"
"""Tokens of Abaqus; n is cores and gpus together."""

PRIORITIES = {0: "high", 1: "med", 2: "low"}
MONITOR = ("*.sta", "*.msg", "*.dat", "*.log")
KEYS = ("jobFiles", "simFiles", "solverFlags", "advanced", "jobData", "InternalUse",
        "about", "solver", "commands")  # fmt: skip
_SIZE = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*(gb|mb|g|m)", re.IGNORECASE)


class Solver(NamedTuple):
    """How a solver is called.

    Shapes:
        argv:     (deck, the whole file) → the words of its command
        cpus:     the flags that say how many cores
        licences: {name: amount or formula} of one job
        failed:   what it writes when it has failed, whatever its exit code
        progress: the file that tells how far it is
    """

    argv: Callable[[str, _File], list[str]]
    cpus: tuple[str, ...] = ("cpus",)
    licences: Mapping[str, str] = {}
    failed: tuple[str, ...] = ()
    progress: str = ""


def read(text: str, *, where: str = "abaqusSubmit.json") -> list[Reading]:
    """Return the jobs of a job file.

    Raises:
        Malformed: its complaint has line and key.
    """
    tree, lines = loads(text, where=where)
    if not isinstance(tree, dict):
        raise wrong("is no job file: a mapping with jobFiles is", where)
    file = _File(tree, lines, where)
    decks = file.texts("jobFiles") or file.texts("simFiles")
    if not decks:
        raise file.wrong("jobFiles", "is missing", "name the input files")
    return [file.reading(deck) for deck in decks]


class _File:
    """A job file: its flags, its data, and who is asked to solve it."""

    def __init__(self, tree: dict[str, Any], spots: Spots, where: str) -> None:
        self.tree, self.spots, self.where = tree, spots, where
        self.flags = self.mapping("solverFlags")
        self.data = {**self.mapping("InternalUse"), **self.mapping("jobData")}
        kind = self.data.get("jsonFileType", "abaqus")
        if not isinstance(kind, str) or kind not in SOLVERS:
            raise self.wrong("jsonFileType", f"is none of {', '.join(SOLVERS)}")
        self.kind, self.solver = kind, SOLVERS[kind]

    def wrong(self, key: str, problem: str, remedy: str = "") -> Exception:
        """Return the error that *problem* is about *key*."""
        return wrong(problem, self.place(key), field=key, remedy=remedy)

    def place(self, key: str) -> str:
        """Return where *key* stands."""
        return f"{self.where}:{self.spots[key]}" if key in self.spots else self.where

    def mapping(self, key: str) -> dict[str, Any]:
        """Return the mapping under *key*, {} without one."""
        found = self.tree.get(key) or {}
        if not isinstance(found, dict):
            raise self.wrong(key, "must be a mapping")
        return found

    def texts(self, key: str) -> list[str]:
        """Return the list of texts under *key*, [] without one."""
        found = self.tree.get(key) or []
        found = [found] if isinstance(found, str) else found
        if not isinstance(found, list) or not all(isinstance(t, str) and t for t in found):
            raise self.wrong(key, "must be a list of file names")
        return found

    def number(self, found: Mapping[str, Any], key: str) -> int:
        """Return the whole number under *key* of *found*, 0 without one."""
        value = found.get(key)
        text = "0" if value is None else str(value).strip()
        if not re.fullmatch(r"\d{1,6}(\.0)?", text):
            raise self.wrong(key, f"{text[:40]!r} is no whole number")
        return int(text.partition(".")[0])

    def reading(self, path: str) -> Reading:
        """Return the job of the deck at *path*."""
        out = Reading()
        deck = ntpath.basename(path)
        stem = ntpath.splitext(deck)[0]
        if not stem.strip("."):
            raise self.wrong("jobFiles", f"{path[:60]!r} names no file")
        key = "jobFiles" if "jobFiles" in self.tree else "simFiles"
        number = self.data.get("jobID")
        name = f"{number}:{stem}" if isinstance(number, int) else stem
        out.doc["origin"] = {"system": "wam", "deck": deck, "solver": self.kind}
        out.say("name", "".join(c if c.isprintable() else "�" for c in name)[:200],
                self.place(key))  # fmt: skip
        out.say("argv", self.solver.argv(deck, self), self.place("solverFlags"))
        out.say("cwd", "fresh", self.where)
        out.say("inputs", [deck], self.place(key))
        out.say("output", "out.log", self.where)
        out.say("error", "error.log", self.where)
        out.say("output_mode", "truncate", self.where)
        out.say("monitor", list(MONITOR), self.where)
        if self.solver.progress:
            out.say("progress", self.solver.progress, self.where)
        if self.solver.failed:
            out.say("fail_if", list(self.solver.failed), self.where)
        self._needs(out)
        self._told(out, path, deck)
        return out

    def _needs(self, out: Reading) -> None:
        cpus = max(self.number(self.flags, key) for key in self.solver.cpus)
        gpus = self.number(self.flags, "gpus")
        out.say("cores", max(1, cpus), self.place(self.solver.cpus[0]))
        if gpus:
            out.say("gpus", gpus, self.place("gpus"))
        if self.solver.licences:
            out.say("licences", dict(self.solver.licences), self.where)
        if found := _SIZE.fullmatch(str(self.flags.get("memory", ""))):
            unit = 1 << (30 if found[2][0] in "gG" else 20)
            out.say("memory", f"{int(float(found[1]) * unit)} B", self.place("memory"))
        if "priority" in self.data:
            level = self.number(self.data, "priority")
            if level not in PRIORITIES:
                raise self.wrong("priority", f"{level} is none of 0, 1 and 2")
            out.say("priority", PRIORITIES[level], self.place("priority"))

    def _told(self, out: Reading, path: str, deck: str) -> None:
        """Note what is not carried over as it was said."""
        if path != deck:
            out.note(self.place("jobFiles"), path[:200], f"{deck} is looked for here")
        mail = self.mapping("advanced").get("sendEmailTo")
        if mail not in (None, "None", ""):
            if not isinstance(mail, str) or not ADDRESS.fullmatch(mail):
                raise self.wrong("sendEmailTo", "is no address such as eng@example.org")
            out.say("notify", {mail: ["end"]}, self.place("sendEmailTo"))
        if self.kind == "abaqus" and "interactive" not in self.flags:
            fate = "added: without it abaqus leaves its job in the background"
            out.note(self.place("solverFlags"), "interactive", fate)
        for key in self.tree:
            if key not in KEYS:
                out.note(self.place(key), key[:60], "no such key; ignored")


def _words(file: _File, join: str) -> list[str]:
    words: list[str] = []
    for key, value in file.flags.items():
        if isinstance(value, (dict, list)):
            raise file.wrong(key, "must be one value")
        if value is None:
            words.append(key)
        elif join:
            words.append(f"{key}{join}{value}")
        else:
            words += [key, str(value)]
    return words


def _abaqus(deck: str, file: _File) -> list[str]:
    words = ["abaqus", f"job={ntpath.splitext(deck)[0]}", *_words(file, "=")]
    return words if "interactive" in file.flags else [*words, "interactive"]


def _starccm(deck: str, file: _File) -> list[str]:
    return ["starccm+", *_words(file, ""), deck]


def _generic(deck: str, file: _File) -> list[str]:
    said = file.mapping("commands")
    # The misspelt key is the one of the format.
    program = said.get("excutable") or said.get("executable")
    words = said.get("executableArguments") or []
    if not isinstance(program, str) or not isinstance(words, list):
        raise file.wrong("commands", "must have excutable and executableArguments")
    return [program, *map(str, words)]


SOLVERS: dict[str, Solver] = {
    "abaqus": Solver(
        _abaqus, licences={"abaqus": TOKENS},
        failed=("Abaqus/.* exited with error", "exited with errors"), progress="*.sta",
    ),
    "starccm": Solver(_starccm, cpus=("-np", "cpus")),
    "generic": Solver(_generic, cpus=("cpus", "-np")),
}  # fmt: skip
"""{jsonFileType: solver}; to add one, add a row."""

"""What only the whole job can know: which keys need, exclude or bound each other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rota.core.fields import Notes
from rota.core.fields.forms import WORD_MAX
from rota.core.globs import path_complaint, rule_of
from rota.core.progress import STATUS_FILE
from rota.core.units import show_duration

RUNS = ("command", "argv", "script")
"""Exactly one of these says what to run."""


def one_runs(notes: Notes) -> None:
    """Complain unless exactly one of the keys that were given says what to run."""
    given = [key for key in RUNS if key in notes.given]
    remedy = "give one of command, argv and script"
    if not given:
        notes.about("", "nothing says what to run", remedy)
    for key in given[1:]:
        notes.about(key, f"{given[0]} is given too", remedy)


def runnable(found: Mapping[str, Any], notes: Notes) -> None:
    """Complain about what runs if it never could."""
    for key in ("command", "setup"):
        if key in found:
            _shell_text(key, found[key], notes)
    if "argv" in found and not found["argv"][0].strip():
        notes.about("argv", "its first word is empty", "that is what is run")
    if "script" in found and not found["script"].startswith("#!"):
        remedy = "a script begins with #! and its interpreter, such as #!/bin/sh"
        is_path = "\n" not in found["script"]
        problem = "is the path of a file that was not read"
        notes.about("script", problem if is_path else "has no first line with #!", remedy)
    if "setup" in found and "argv" in notes.given:
        notes.about("setup", "is for a shell, and argv runs without one", "use command")


def surroundings(found: Mapping[str, Any], notes: Notes) -> None:
    """Complain about what only the submitting machine could have filled in."""
    cwd = found.get("cwd", "fresh")
    if cwd == "here":
        notes.about("cwd", "here is known to the submitting program alone", "give a path")
    elif cwd != "fresh" and not cwd.startswith("/"):
        problem = f"{cwd} is not a whole path"
        notes.about("cwd", problem, "begin it with /, or write here or fresh")
    if found.get("env_policy", "none") != "none":
        problem = "is carried out by the submitting program"
        notes.about("env_policy", problem, "give the variables as env")


def streams(found: Mapping[str, Any], notes: Notes) -> None:
    """Complain about what a terminal or a container cannot have beside it."""
    for key in ("stdin", "error"):
        if key in found and "terminal" in notes.given:
            notes.about(key, "is the terminal itself", "leave it out, or terminal")
    if "container_args" in found and "container" not in found:
        notes.about("container_args", "is for a container", "give container too")
    if ":" in str(found.get("cwd", "")) and "container" in found:
        problem = "has a colon, which no container program takes in a folder"
        notes.about("cwd", problem, "call the folder otherwise")
    if "array" in found and "terminal" in notes.given:
        notes.about("terminal", "is for one task, and this is an array", "leave it out")


def files(found: Mapping[str, Any], notes: Notes) -> None:
    """Complain about files that were not stored yet, or could not be laid or taken."""
    for key in ("inputs", "freeze"):
        if key in found and "tree" not in notes.given:
            remedy = "rota submit and Client.submit do that, or store them and give tree"
            notes.about(key, "its files are not stored yet", remedy)
    if "tree" in found and found.get("cwd", "fresh") != "fresh":
        problem = f"{found['cwd']} is not its own, and its files are laid into a fresh one"
        notes.about("cwd", problem, "leave it out, or write fresh")
    for key in ("outputs", "expect"):
        for text in found.get(key, ()):
            rule = rule_of(text)
            for path in (rule.pattern, rule.to.rstrip("/") or rule.pattern):
                wrong = path_complaint(path)
                if wrong:
                    notes.about(key, f"{path} {wrong}", "name it as its folder has it")
                    break


def bounds(found: Mapping[str, Any], notes: Notes) -> None:
    """Complain about a warning that cannot come before its time limit."""
    warn, limit = found.get("warn"), found.get("time")
    if warn is None:
        return
    if limit is None:
        notes.about("warn", "comes before a time limit, and there is none", "give time too")
    elif warn >= limit:
        problem = f"{show_duration(warn)} before a limit of {show_duration(limit)}"
        notes.about("warn", f"{problem} is before its start", "give a shorter time")


def patterns(found: Mapping[str, Any], notes: Notes) -> None:
    """Complain about expressions for success and failure that are none."""
    for key in ("fail_if", "pass_if"):
        for text in found.get(key, ()):
            try:
                re.compile(text)
            except (re.error, OverflowError) as error:
                notes.about(key, f"{text!r} is not a regular expression: {error}")


def pattern(found: Mapping[str, Any], notes: Notes) -> None:
    """Complain about a pattern for progress that is none, or finds no number."""
    if "progress" not in found or STATUS_FILE.fullmatch(found["progress"]):
        return
    try:
        groups = re.compile(found["progress"]).groups
    except (re.error, OverflowError, RecursionError) as error:
        notes.about("progress", f"is not a regular expression: {error}")
        return
    if groups not in (1, 2):
        remedy = r"write for example step (\d+) of (\d+), or done: (\d+)%"
        notes.about("progress", f"has {groups} groups, it must have one or two", remedy)


def _shell_text(key: str, text: str, notes: Notes) -> None:
    if not text.strip():
        notes.about(key, "is blank", "give it a value or leave the key out")
    elif len(text.encode()) > WORD_MAX:
        notes.about(key, f"has more than {WORD_MAX} bytes", "put it into a script")

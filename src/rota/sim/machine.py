"""The machine of a replay: so many cores, from the command line, a trace or a file.

    nodes:                                      what ``--cluster FILE`` reads; the part
      - {names: "fat[1-4]", cores: 64}          ``cluster`` of a scenario will do as well
      - {names: "thin[01-80]", cores: 16}

A trace's jobs take cores wherever they are: a replay knows no walls between nodes.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from rota.core.errors import Complaint, Malformed, did_you_mean
from rota.sim.scenario import expand

KEYS = ("names", "cores", "memory", "mem_gb", "gpus", "labels")
"""What a row of ``nodes`` may say; a replay counts the cores."""


class Machine(NamedTuple):
    """How many cores there are, and how many more another node would bring."""

    cores: int
    per_node: int | None = None

    def wider(self, more: str) -> Machine:
        """Return the machine with *more*: "+2" nodes, or "+2x64", two of 64 cores.

        Raises:
            Malformed: it cannot be read, or nobody said how large a node is.
        """
        found = re.fullmatch(r"\+?(\d{1,6})(?:x(\d{1,6}))?", more)
        if not found:
            raise _wrong("with-nodes", f"{more!r} is no number of nodes", "+2, or +2x64")
        each = int(found[2]) if found[2] else self.per_node
        if each is None:
            problem = "nobody said how many cores a node has"
            raise _wrong("with-nodes", problem, f"{more}xCORES, or --cluster FILE")
        return Machine(self.cores + int(found[1]) * each, self.per_node)


def read_machine(path: Path) -> Machine:
    """Return the machine that the cluster file *path* describes.

    Raises:
        Malformed: it is no YAML, names no nodes, or a row of it cannot be read.
        OSError: the file cannot be read.
    """
    try:
        plain = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Malformed(f"{path}: {error}") from error
    if isinstance(plain, dict) and isinstance(plain.get("cluster"), dict):
        plain = plain["cluster"]
    rows = plain.get("nodes") if isinstance(plain, dict) else None
    if not isinstance(rows, list) or not rows:
        raise Malformed(f"{path}: a cluster file has `nodes`, a list of names and cores")
    total, each = 0, 0
    for at, row in enumerate(rows):
        count, each = _row(row, f"{path.name}: nodes[{at}]")
        total += count * each
    return Machine(total, each)


def _row(row: Any, where: str) -> tuple[int, int]:
    """Return how many nodes a row of the file names, and the cores of each."""
    for key in row if isinstance(row, dict) else ():
        if key not in KEYS:
            near = did_you_mean(str(key), KEYS)
            hint = f"did you mean {near}?" if near else f"keys are {', '.join(KEYS)}"
            raise _wrong(where, f"unknown key {key!r}", hint)
    if not isinstance(row, dict) or not {"names", "cores"} <= row.keys():
        raise _wrong(where, "is no mapping with names and cores", "names: n[1-4], cores: 8")
    cores = row["cores"]
    if type(cores) is not int or cores < 1:
        raise _wrong(where, f"{cores!r} are no cores", "a whole number, 1 or more")
    return len(expand(str(row["names"]))), cores


def _wrong(field: str, problem: str, remedy: str) -> Malformed:
    return Malformed(complaints=[Complaint(field, problem, remedy)])

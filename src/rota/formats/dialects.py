"""The dialects that jobs can be read in and written in: one row each.

    dialect ──▶ reader: text → [Reading]          writer: document → (text, notices)

To add one, add a row: its module of ``formats`` has ``read(text, *, where)``, and if it
can be written, that or another one has ``write(doc)``.  ``rota convert`` and whoever takes
files use this table.
"""

from __future__ import annotations

import re
from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from rota.formats.reading import Reading

    Notices = list[tuple[str, str, str]]


class Dialect:
    """One language for jobs.

    Shapes:
        module: with ``read``
        writer: with ``write``; "" when it cannot be written
        marks:  what lines of it begin with, to tell which it is when nobody says
    """

    __slots__ = ("about", "marks", "module", "writer")

    def __init__(self, module: str, about: str, *marks: str, writer: str = "") -> None:
        self.module, self.about, self.marks = module, about, marks
        self.writer = writer

    def read(self, text: str, *, where: str) -> list[Reading]:
        """Return the jobs of *text*.

        Raises:
            Malformed: its complaints say where and what.
        """
        found = import_module(self.module).read(text, where=where)
        return found if isinstance(found, list) else [found]

    def write(self, doc: Mapping[str, Any]) -> tuple[str, Notices]:
        """Return the text that says what *doc* says, and what it cannot say."""
        text, notices = import_module(self.writer).write(doc)
        return str(text), list(notices)


DIALECTS: dict[str, Dialect] = {
    "rota": Dialect(
        "rota.formats.native.dialect", "our own job files and #ROTA lines",
        writer="rota.formats.native.dialect",
    ),
    "sbatch": Dialect(
        "rota.formats.sbatch", "Slurm's batch scripts", "#SBATCH",
        writer="rota.formats.sbatch.writing",
    ),
    "wq": Dialect(
        "rota.formats.wq", "wq's job files", "hostfile:", "host_file:", "priority: block",
        writer="rota.formats.wq.writing",
    ),
    "qm": Dialect(
        "rota.formats.qm", "QM's info files, cfg and xml",
        "[QMOptions]", "<PARAMETER>", "#QM ", writer="rota.formats.qm_writing",
    ),
    "qsub": Dialect("rota.formats.qsub", "Grid Engine's batch scripts", "#$"),
    "jtm": Dialect(
        "rota.formats.jtm", "task files of the JAWS Task Manager",
        writer="rota.formats.jtm_writing",
    ),
    "jdl": Dialect(
        "rota.formats.jdl", "DIRAC's job descriptions", "#JDL", "Executable",
        writer="rota.formats.jdl.writing",
    ),
    "wam": Dialect("rota.formats.wam", "WAM's abaqusSubmit.json"),
}  # fmt: skip
"""{name: dialect}."""

_OPTIONS = re.compile(r"#(SBATCH|JDL|\$)[ \t-]")


_BY_ENDING = {".jdl": "jdl"}
_BY_KEY = {"jobFiles": "wam", "simFiles": "wam", "output_files": "jtm", "pool": "jtm"}
"""Keys of their JSON that no job file of ours has at its top."""


def guess(text: str, *, name: str = "") -> str:
    """Return the name of the dialect that *text*, of a file *name*, seems to be in."""
    for ending, dialect in _BY_ENDING.items():
        if name.endswith(ending):
            return dialect
    if text.lstrip().startswith("{"):
        keys = re.findall(r'"(\w{1,30})"\s{0,9}:', text)
        return next((_BY_KEY[key] for key in keys if key in _BY_KEY), "rota")
    lines = text.splitlines()
    for title, row in DIALECTS.items():
        if row.marks and any(line.startswith(row.marks) for line in lines):
            return title
    return "rota"


def native_of(doc: dict[str, Any]) -> dict[str, Any]:
    """Return *doc* without what only its own system's commands put in."""
    kept = {name: held for name, held in doc.items() if name not in ("origin", "env")}
    env = {
        name: value
        for name, value in doc.get("env", {}).items()
        if not name.startswith(("SLURM", "SGE_", "JOB_")) and name != "ENVIRONMENT"
    }
    if env:
        kept["env"] = env
    if "script" in kept:
        # Its options are keys now: said twice, they could come to differ.
        lines = str(kept["script"]).split("\n")
        kept["script"] = "\n".join(line for line in lines if not _OPTIONS.match(line))
    for key in ("output", "error"):
        if isinstance(kept.get(key), str):
            hole = "{job}.{task}" if "array" in doc else "{job}"
            kept[key] = kept[key].replace("{raw}", hole)
    if kept.get("error") == kept.get("output"):
        kept.pop("error", None)
    return kept

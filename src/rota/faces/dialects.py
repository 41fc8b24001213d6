"""The dialects that jobs can be read in and written in: one row each.

    dialect ──▶ reader: text → [Reading]          writer: document → (text, notices)

To add one, add a row: the module of ``formats`` has ``read(text, *, where)`` and, if it
can be written, ``write(doc)``.  ``rota convert`` and whoever takes files use this table.
"""

from __future__ import annotations

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
        module: with ``read`` and, where *writes*, ``write``
        marks:  what lines of it begin with, to tell which it is when nobody says
    """

    __slots__ = ("about", "marks", "module", "writes")

    def __init__(self, module: str, about: str, *marks: str, writes: bool = False) -> None:
        self.module, self.about, self.marks = module, about, marks
        self.writes = writes

    def read(self, text: str, *, where: str) -> list[Reading]:
        """Return the jobs of *text*.

        Raises:
            Malformed: its complaints say where and what.
        """
        found = import_module(self.module).read(text, where=where)
        return found if isinstance(found, list) else [found]

    def write(self, doc: Mapping[str, Any]) -> tuple[str, Notices]:
        """Return the text that says what *doc* says, and what it cannot say."""
        text, notices = import_module(self.module).write(doc)
        return str(text), list(notices)


DIALECTS: dict[str, Dialect] = {
    "rota": Dialect("rota.faces.native", "our own job files and #ROTA lines", writes=True),
    "sbatch": Dialect(
        "rota.formats.sbatch", "Slurm's batch scripts", "#SBATCH", writes=True
    ),
    "qsub": Dialect("rota.formats.qsub", "Grid Engine's batch scripts", "#$"),
    "jtm": Dialect("rota.formats.jtm", "task files of the JAWS Task Manager"),
}
"""{name: dialect}."""


def guess(text: str) -> str:
    """Return the name of the dialect that *text* seems to be in."""
    lines = text.splitlines()
    for name, dialect in DIALECTS.items():
        if dialect.marks and any(line.startswith(dialect.marks) for line in lines):
            return name
    return "rota"

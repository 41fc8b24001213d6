"""DIRAC's job descriptions → keys of jobs: JDL files, and scripts with ``#JDL`` lines.

text ──tokens──▶ {Key: value} ──parametric──▶ one for each job ──meaning──▶ [Reading]
"""

from __future__ import annotations

from rota.formats.jdl.meaning import meant
from rota.formats.jdl.parametric import expanded
from rota.formats.jdl.tokens import Statements, parse, script_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rota.formats.reading import Reading

__all__ = ["Statements", "jobs_of", "parse", "read", "script_lines"]


def read(text: str, *, where: str = "job.jdl") -> list[Reading]:
    """Return the jobs of a JDL, or of a script with ``#JDL`` lines: several if parametric.

    Raises:
        Malformed: its complaint has line and key.
    """
    if text.startswith("#!"):
        return jobs_of(script_lines(text, where=where), where=where, script=text)
    return jobs_of(parse(text, where=where), where=where)


def jobs_of(said: Statements, *, where: str, script: str = "") -> list[Reading]:
    """Return the jobs that the statements *said* describe; *script* is what they run.

    Raises:
        Malformed: its complaint has line and key.
    """
    return [meant(one, where=where, script=script) for one in expanded(said, where=where)]

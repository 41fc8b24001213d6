"""Batch scripts of Slurm: text and the options of sbatch → a job of ours, and notices.

script, words of the command line, SBATCH_… ──read──▶ Reading ──▶ job file keys
document ──write──▶ a script with #SBATCH lines

options     which there are            directives   #SBATCH lines
values      what stands behind them    meaning      what they become
"""

from __future__ import annotations

from rota.core.getopt import BadOption, scan
from rota.formats.sbatch.directives import Unclosed, directives, words
from rota.formats.sbatch.meaning import Submitter, Wrong, job_of
from rota.formats.sbatch.options import SBATCH, VARIABLES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rota.formats.reading import Reading

__all__ = [
    "BadOption",
    "Submitter",
    "Wrong",
    "collect",
    "job_of",
    "read",
    "script_options",
    "write",
]


def script_options(text: str, *, where: str) -> dict[str, tuple[str, str]]:
    """Return {option: (value, where it was said)} of the ``#SBATCH`` lines of *text*.

    Raises:
        Wrong: a line cannot be read;  its ``problem`` is Slurm's own sentence.
    """
    found: dict[str, tuple[str, str]] = {}
    for number, column, line in directives(text):
        offsets = [0]
        try:
            given = words(line)
            offsets = [offset for offset, _ in given]
            for index, name, value in scan([word for _, word in given], SBATCH, stops=True):
                if name:
                    place = f"{where}:{number}:{column + offsets[index]}"
                    found[name] = (value or "", place)
        except (BadOption, Unclosed) as error:
            at = error.at if isinstance(error, Unclosed) else offsets[error.index]
            place = f"{where}:{number}:{column + at}"
            raise Wrong("", "", where=place, problem=str(error)) from None
    return found


def collect(
    given: Sequence[tuple[str, str | None]], *, variables: Mapping[str, str],
    lines: Mapping[str, tuple[str, str]],
) -> dict[str, tuple[str, str]]:  # fmt: skip
    """Return all options: the command line wins over variables, these over lines."""
    found = dict(lines)
    for name, option in VARIABLES.items():
        if name in variables:
            found[option] = (variables[name], name)
    for option, value in given:
        if option == "requeue":
            found.pop("no-requeue", None)
        found[option] = (value or "", f"--{option}")
    return found


def read(
    text: str, *, where: str = "job.sh", submitter: Submitter | None = None
) -> Reading:
    """Return the job of batch script *text*.

    Raises:
        Malformed: its complaint names the line and the option.
    """
    try:
        options = script_options(text, where=where)
        return job_of(options, submitter or Submitter(), script=text, command=where)
    except Wrong as wrong:
        from rota.core.errors import Complaint, Malformed

        field = f"--{wrong.option}" if wrong.option else ""
        complaint = Complaint(field, wrong.problem, "", wrong.where)
        raise Malformed(complaints=[complaint]) from None

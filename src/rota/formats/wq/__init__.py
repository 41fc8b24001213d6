"""Job files of wq, the ssh work queue: YAML and one-liners → keys of a job file, and back.

command: mpirun -hostfile %hostfile% ./sim        "mode:bynode; N:5; group:[gen4,gen5]"
mode: by_node
N: 3                    fields ──meaning──▶ Reading        document ──writing──▶ text
"""

from __future__ import annotations

from rota.formats.wq.fields import from_file, from_line
from rota.formats.wq.meaning import job_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rota.formats.reading import Reading

__all__ = ["from_file", "from_line", "job_of", "read"]


def read(text: str, *, where: str = "job.yaml") -> Reading:
    """Return the job of job file *text*.

    Raises:
        Malformed: its complaints name line and field.
    """
    return job_of(from_file(text, where=where), where=where)

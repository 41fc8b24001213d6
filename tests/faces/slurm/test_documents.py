"""Jobs as Slurm's --json has them."""

from rota.faces.slurm.documents import job_document
from rota.faces.slurm.rows import Row
from tests.faces.slurm.views import view


def test_names_are_slurms() -> None:
    """A job that failed with 3 has the status that wait(2) would give."""
    found = job_document(Row(view(state="failed", exit_code=3), {}))
    assert (found["job_id"], found["job_state"], found["exit_code"]) == (12, "FAILED", 768)

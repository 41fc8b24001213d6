"""The records of scontrol show."""

from __future__ import annotations

from rota.faces.slurm.records import job
from rota.faces.slurm.rows import Row
from tests.faces.slurm.views import reason, view


def test_no_value_but_a_comment_has_a_blank() -> None:
    """Programs cut the lines at blanks; a name with an escape code is shown, not obeyed."""
    row = Row(view(name="a\x1b[2J", reason=reason("dependency"), after=["ok:7"]), {})
    lines = job(row, details=False)
    assert "\x1b" not in "".join(lines)
    assert "JobState=PENDING Reason=Dependency Dependency=afterok:7(unfulfilled)" in lines
    for line in lines:
        assert all("=" in word for word in line.split())


def test_arrays_tell_their_indexes() -> None:
    """What waits of them, and the throttle."""
    first = job(Row(view(id=20), {}, pending="3-7", limit=2), details=False)[0]
    assert first == "JobId=20 ArrayJobId=20 ArrayTaskId=3-7 ArrayTaskThrottle=2 JobName=fit"

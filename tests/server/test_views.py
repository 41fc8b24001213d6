"""Views: instants, progress and times as the API shows them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rota.core.account import User
from rota.core.indexes import IndexSet
from rota.core.job import After, Array, JobSpec
from rota.core.reasons import reason
from rota.engine.mind import Mind
from rota.server.live import Live, Progress
from rota.server.views import (
    Viewer,
    array_progress,
    progress_view,
    public_spec,
    reason_view,
    show_instant,
)

ANN = User("ann", 1)


def row(spec: JobSpec, **more: object) -> dict[str, object]:
    """Return a job row as the store has it."""
    return {
        "id": 7, "spec": spec, "user": "ann", "uid": 1, "state": "done",
        "counts": {"done": 1},
        "waiting": [], "submitted_at": 1000, "started_at": 2000, "ended_at": 3000,
        "reason": reason("ok", code=0), "attempt": 1, "exit_code": 0, "signal": None,
        "grants": (), "usage": {"cpu_s": 1.0}, **more,
    }  # fmt: skip


@given(st.integers(0, 253_402_300_799_999))
def test_instants_are_utc_with_milliseconds(at: int) -> None:
    """And can be read back to the millisecond."""
    from datetime import datetime

    shown = show_instant(at)
    assert shown.endswith("Z")
    seconds = datetime.fromisoformat(shown).timestamp()
    assert round(seconds * 1000) == at


def test_progress_has_a_pace() -> None:
    """Half of it took ten seconds, so will the other half; time passed since counts."""
    view = progress_view(Progress(1, 11_000, 5, 10, "5 / 10"), since=1000, at=12_000)
    assert view is not None
    assert (view.percent, view.eta_s) == (50.0, 9.0)
    assert progress_view(None, since=1, at=2) is None


def test_nothing_is_divided_by_nothing() -> None:
    """``3 / 0`` and ``0 / 10`` have no pace."""
    for told in (
        Progress(1, 5, 3, 0, ""),
        Progress(1, 5, 0, 10, ""),
        Progress(1, 5, 3, None, ""),
    ):
        view = progress_view(told, since=0, at=9)
        assert view is not None
        assert view.eta_s is None


def test_an_array_is_as_far_as_its_ended_tasks() -> None:
    """Failed and cancelled ones are over too."""
    counts = {"done": 2, "failed": 1, "cancelled": 1, "running": 4}
    view = array_progress({"started_at": 0, "ended_at": None}, counts, tasks=8, at=8000)
    assert (view.done, view.total, view.percent, view.eta_s) == (4, 8, 50.0, 8.0)


def test_a_plain_job_and_an_array() -> None:
    """One shape; an array has counts, a plain job its own end."""
    viewer = Viewer(mind=Mind(), live=Live())
    plain = viewer.job(row(JobSpec(argv=("x",))), at=4000, by=ANN)
    assert (plain.task, plain.array, plain.exit_code) == (None, None, 0)
    many = JobSpec(argv=("x",), array=Array(IndexSet([[0, 9]]), 2))
    array = viewer.job(row(many, counts={"done": 10}), at=4000, by=ANN)
    assert array.array is not None
    assert (array.array.indexes, array.array.limit, array.array.tasks) == ("0-9", 2, 10)
    task = viewer.task(
        row(many), {"task": 3, "state": "done", "attempt": 1}, at=4000, by=ANN
    )
    assert (task.id, task.task) == (7, 3)


def test_what_is_shown_of_a_spec_has_no_environment() -> None:
    """And a large array is told in ranges."""
    spec = JobSpec(
        argv=("x",), env={"TOKEN": "hunter2"}, array=Array(IndexSet([[0, 5000]]))
    )
    shown = public_spec(spec)
    assert "hunter2" not in str(shown)
    assert shown["array"]["indexes"] == "0-5000"


def test_small_words() -> None:
    """Dependencies and reasons as people write and read them."""
    assert str(After("ok", 12)) == "ok:12"
    assert str(After("any", 12, True)) == "any:12[*]"
    assert reason_view(None) is None


def test_g31_what_a_job_said_is_not_shown_to_those_who_may_not_read_it() -> None:
    """The sentence stands, without the words of the job itself."""
    why = reason("exit_code", code=1)._replace(evidence={"code": 1, "said": "hunter2"})
    viewer, failed = Viewer(mind=Mind(), live=Live()), row(JobSpec(argv=("x",)), reason=why)
    own, others = (viewer.job(failed, at=4000, by=who).reason for who in (ANN, User("bob")))
    assert own is not None and own.evidence == {"code": 1, "said": "hunter2"}
    assert others is not None and others.evidence == {"code": 1}

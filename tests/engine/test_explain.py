"""Why a job waits, all of it at once; the same before it is submitted."""

from __future__ import annotations

from rota.core.job import After
from rota.core.resources import Request
from rota.engine.explain import judged, why
from tests.engine.drive import ANN, Drive, array, job


def test_all_reasons_at_once_and_what_the_round_would_say_without_them() -> None:
    """Held by hand, waiting for another job, too early, and no room anyway."""
    drive = Drive()
    drive.join()
    drive.submit(job(request=Request(cores=2)))
    drive.submit(job(held=True, after=(After("ok", 1),), begin_at=90_000))
    told = why(drive.mind.memory, 2, None, at=drive.at)
    assert [one.code for one in told.reasons] == ["held", "dependency", "begin"]
    assert told.answer is not None and not told.answer.starts
    assert told.answer.classes[0].missing == ("1 free core (0 free)",)


def test_nothing_changes_by_asking() -> None:
    """Neither what is there nor what the next round does."""
    drive = Drive()
    drive.join()
    drive.submit(job(request=Request(cores=2)))
    drive.submit(job(request=Request(cores=2)))
    before = next(iter(drive.mind.memory.lines.roster)).jobs[0]
    why(drive.mind.memory, 2, None, at=drive.at)
    judged(drive.mind.memory, ANN, job(), ended={}, at=drive.at)
    assert next(iter(drive.mind.memory.lines.roster)).jobs[0] == before
    assert drive.mind.memory.next_job == 3
    drive.finish(1)
    assert drive.runs() == [(2, 0, 1)]


def test_a_throttled_array_names_its_own_limit() -> None:
    """There is room; it is the array that does not want more."""
    drive = Drive()
    drive.join(cores=4)
    drive.submit(array(5, limit=2))
    told = why(drive.mind.memory, 1, None, at=drive.at)
    assert [one.code for one in told.reasons] == ["throttle"]
    assert told.answer is not None and told.answer.starts


def test_a_task_that_waits_to_be_tried_again_says_so() -> None:
    """Its own reason, not only its job's."""
    drive = Drive()
    drive.join()
    drive.submit(array(1, retries={"any": 1}, retry_delay_ms=60_000))
    drive.finish(1, 0, code=1)
    told = why(drive.mind.memory, 1, 0, at=drive.at)
    assert [one.code for one in told.reasons] == ["retry_delay"]


def test_what_runs_or_has_ended_waits_for_nothing() -> None:
    """So there is no answer."""
    drive = Drive()
    drive.join()
    drive.submit(job())
    assert why(drive.mind.memory, 1, None, at=drive.at).answer is None
    drive.finish(1)
    assert why(drive.mind.memory, 1, None, at=drive.at).answer is None


def test_before_and_after_submitting_the_answer_is_the_same() -> None:
    """Word by word."""
    drive = Drive()
    drive.join()
    drive.submit(job(request=Request(cores=1)))
    wanted = job(request=Request(cores=2), after=(After("ok", 1),), held=True)
    before = judged(drive.mind.memory, ANN, wanted, ended={}, at=drive.at)
    drive.submit(wanted)
    assert why(drive.mind.memory, 2, None, at=drive.at) == before
    assert before.answer is not None
    assert [edit.text for edit in before.answer.edits] == ["cores 2 → 1"]


def test_dependencies_of_a_job_that_is_not_there_yet() -> None:
    """Those that ended badly are told, those of its own submission by number."""
    drive = Drive()
    drive.join()
    drive.submit(job())
    after = (After("ok", 1), After("any", -1))
    told = judged(drive.mind.memory, ANN, job(after=after), ended={1: "failed"}, at=1)
    assert told.reasons[0].text == "waits for job 1 to succeed, job 2 to end"
    drive.finish(1, code=1)
    told = judged(drive.mind.memory, ANN, job(after=after), ended={1: "failed"}, at=1)
    assert [one.code for one in told.reasons] == ["dependency_failed", "dependency"]


def test_who_is_ahead_of_one_is_behind_the_other() -> None:
    """The answer stands in the order in which the round will place them."""
    drive = Drive()
    drive.join()
    drive.submit(job(request=Request(cores=2)))
    hours = (1, 10, 5)
    for limit in hours:
        drive.submit(job(request=Request(cores=2, time_ms=limit * 3_600_000)))
    asked = {n: why(drive.mind.memory, n, None, at=drive.at).answer for n in (2, 3, 4)}
    ahead = {n: set(one.ahead.first) for n, one in asked.items() if one is not None}
    order = sorted(ahead, key=lambda n: len(ahead[n]))
    assert [ahead[n] for n in order] == [set(order[:place]) for place in range(3)]
    drive.finish(1)
    assert drive.runs() == [(order[0], 0, 1)]


def test_a_queue_without_any_machine_can_be_asked() -> None:
    """Nobody has joined yet: the reason is that, and not a crash."""
    drive = Drive()
    drive.submit(job())
    told = why(drive.mind.memory, 1, None, at=drive.at)
    assert told.answer is not None and told.answer.ahead.jobs == 0

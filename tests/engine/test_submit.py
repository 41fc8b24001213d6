"""Jobs come in: all of a submission, or none and every complaint."""

from __future__ import annotations

from rota.core.errors import Malformed
from rota.core.job import After
from rota.core.resources import Request
from tests.engine.drive import BOB, Drive, array, job


def test_a_submission_is_answered_with_ids_and_sizes() -> None:
    """The reply names each job, how many tasks it has, and whether it was known."""
    drive = Drive()
    reply = drive.submit(job(name="one"), array(5))
    assert reply.value == {
        "jobs": [
            {"id": 1, "tasks": 1, "existing": False, "name": "one"},
            {"id": 2, "tasks": 5, "existing": False, "name": "true"},
        ]
    }
    assert drive.state(1) == drive.state(2) == "queued"


def test_g02_the_same_key_twice_is_the_same_job() -> None:
    """A client that repeats a submit with its key gets the job it already has."""
    drive = Drive()
    drive.submit(job(key="k"))
    assert drive.submit(job(key="k")).value["jobs"][0] == {
        "id": 1, "tasks": 1, "existing": True, "name": "true",
    }  # fmt: skip
    assert drive.submit(job(key="k"), user=BOB).value["jobs"][0]["id"] == 2


def test_g02_a_key_of_a_finished_job_is_known_from_the_store() -> None:
    """What the working memory has let go, the store remembers."""
    drive = Drive()
    reply = drive.submit(job(key="k"), known={"k": 77})
    assert reply.value["jobs"][0]["id"] == 77
    assert not drive.ledger.added


def test_the_impossible_is_refused_with_the_nearest_possible_and_nothing_is_taken() -> None:
    """One impossible job of two: neither is taken, and the sentence says what would do."""
    drive = Drive()
    drive.join(cores=2)
    reply = drive.submit(job(), job(request=Request(cores=9)))
    assert isinstance(reply.error, Malformed)
    assert "job 2" in str(reply.error) and "2" in reply.error.sentence
    assert not drive.ledger.added


def test_without_any_node_nothing_is_impossible() -> None:
    """A queue that has no node yet takes jobs; they wait."""
    drive = Drive()
    assert drive.submit(job(request=Request(cores=900))).error is None


def test_a_dependency_on_nothing_is_refused() -> None:
    """``after: ok:9`` names a job that must exist."""
    reply = Drive().submit(job(after=(After("ok", 9),)))
    assert isinstance(reply.error, Malformed)
    assert "no job 9" in reply.error.sentence


def test_a_dependency_that_can_never_hold_is_refused() -> None:
    """A job that failed will not have succeeded."""
    reply = Drive().submit(job(after=(After("ok", 9),)), ended={9: "failed"})
    assert isinstance(reply.error, Malformed)
    assert "can never hold" in reply.error.sentence
    taken = Drive().submit(job(after=(After("notok", 9),)), ended={9: "failed"})
    assert taken.error is None


def test_jobs_of_one_submission_can_depend_on_each_other() -> None:
    """−1 is the first of the batch; it need not come first (the readers made it so)."""
    drive = Drive()
    drive.join(cores=1)
    late, early = job(name="late", after=(After("ok", -2),)), job(name="early")
    reply = drive.submit(late, early)
    assert [row["id"] for row in reply.value["jobs"]] == [1, 2]
    assert drive.runs() == [(2, 0, 1)]
    assert drive.ledger.added[1].spec.after == (After("ok", 2),)
    drive.finish(2)
    assert drive.runs() == [(1, 0, 1)]


def test_g02_a_repeat_is_not_judged_again() -> None:
    """What was possible then is known now, whatever became of the nodes."""
    drive = Drive()
    drive.submit(job(key="k", request=Request(cores=8)))
    drive.join(cores=1)
    reply = drive.submit(job(key="k", request=Request(cores=8)))
    assert reply.value["jobs"][0]["existing"] is True


def test_the_same_key_twice_in_one_submission_is_one_job() -> None:
    """Whoever asked twice gets one."""
    drive = Drive()
    reply = drive.submit(job(key="k"), job(key="k"))
    assert [row["id"] for row in reply.value["jobs"]] == [1, 1]
    assert list(drive.ledger.added) == [1]


def test_jobs_that_say_the_same_are_judged_once_and_told_of_each() -> None:
    """The first of many that is wrong does not hide the others; the right ones share."""
    drive = Drive()
    drive.join(cores=2)
    spec, wide = job(), job(request=Request(cores=99))
    error = drive.submit(spec, wide, spec, wide).error
    assert isinstance(error, Malformed)
    assert [one.where for one in error.complaints] == ["job 2", "job 4"]
    drive.submit(job(), job(), job(priority=1))
    jobs = drive.mind.memory.jobs
    assert jobs[1].spec is jobs[2].spec is not jobs[3].spec

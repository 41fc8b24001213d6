"""Licences, usage, rates and run times: what belongs to no node."""

from __future__ import annotations

from typing import Any

import pytest

from rota.core.job import AttemptRef
from rota.core.resources import Request
from rota.engine.assign import snapshot_of
from rota.engine.events import Holding
from rota.sched.limits import Limit
from rota.sched.rules import MINUTE_MS
from tests.engine.drive import BOB, array, job, ruled, why


def licensed(count: int, **more: Any) -> Any:
    """Return a job that wants so many licences."""
    return job(request=Request(licences=(("abaqus", count),)), **more)


def test_licences_are_taken_at_the_start_and_given_back_at_the_end() -> None:
    """Three of the two that fit wait, and say for what."""
    drive = ruled(licences={"abaqus": 5})
    drive.submit(licensed(2), licensed(2), licensed(2))
    assert drive.runs() == [(1, 0, 1), (2, 0, 1)]
    assert drive.mind.memory.tally.licences == {"abaqus": 4}
    assert why(drive, 3) == ("licence", "waits for 2 abaqus (1 free)")

    drive.finish(1)
    assert drive.runs() == [(3, 0, 1)]


def test_g19_a_restart_knows_which_licences_are_held() -> None:
    """Not one is given twice."""
    drive = ruled(licences={"abaqus": 2})
    drive.submit(licensed(2), licensed(1))
    drive.restart()
    drive.join(cores=4, session=2, holds=(Holding(AttemptRef(1, 0, 1), "waiting"),))
    assert drive.mind.memory.tally.licences == {"abaqus": 2}
    assert drive.runs() == []


def test_a_limit_on_the_rate_of_starts_opens_again_by_time_alone() -> None:
    """No end and no submit is needed: the mind asks to be woken."""
    drive = ruled(limits=(Limit("user", "ann", starts=(2, MINUTE_MS)),))
    drive.submit(array(3))
    assert len(drive.runs()) == 2
    assert "2 starts in 1m" in why(drive, 1)[1]
    assert drive.mind.next_at() == drive.at + MINUTE_MS
    drive.tick(drive.at + MINUTE_MS)
    assert drive.runs() == [(1, 2, 1)]


def test_who_used_much_has_more_than_the_others() -> None:
    """By their weights: usage is charged as it goes and fades by the half-life."""
    drive = ruled(shares={"ann": 1.0, "bob": 3.0}, half_life_ms=86_400_000)
    drive.submit(job(), job(), job())
    drive.submit(job(), user=BOB)
    drive.at += 86_400_000
    shares = snapshot_of(drive.mind.memory, drive.at).shares
    assert shares == pytest.approx({"ann": 0.75 * 2, "bob": 0.25 * 2 / 3})


def test_run_times_are_learned_of_the_same_program() -> None:
    """Estimates order; the guess of an unknown program is half its limit."""
    drive = ruled()
    spec = job(argv=("/bin/quick",), request=Request(time_ms=3_600_000))
    for id in (1, 2, 3):
        drive.submit(spec)
        drive.finish(id)
    drive.submit(job(argv=("/bin/quick",), held=True, request=Request(time_ms=3_600_000)))
    guess = drive.mind.memory.tally.expect(drive.mind.memory.jobs[4])
    assert guess.typical_ms < 60_000


def test_a_restart_knows_who_used_how_much() -> None:
    """What ran is charged once: what the store kept, and from then on as it goes."""
    drive = ruled(half_life_ms=86_400_000)
    drive.submit(job(), job())
    drive.submit(job(), user=BOB)
    drive.at += 86_400_000
    drive.finish(1)
    drive.at += 3_600_000
    before = snapshot_of(drive.mind.memory, drive.at).shares
    drive.restart()
    assert snapshot_of(drive.mind.memory, drive.at).shares == pytest.approx(before)
    assert before["ann"] > before["bob"] > 0


def test_another_half_life_forgets_nothing_at_once() -> None:
    """It fades faster from then on."""
    drive = ruled(half_life_ms=86_400_000)
    drive.submit(job())
    drive.submit(job(), user=BOB)
    drive.at += 86_400_000
    drive.finish(1)
    usage = drive.mind.memory.tally.usage
    used = usage.of("ann", drive.at)
    drive.configure(half_life_ms=3_600_000)
    fresh = drive.mind.memory.tally.usage
    assert fresh.of("ann", drive.at) == pytest.approx(used)
    assert fresh.of("ann", drive.at + 3_600_000) == pytest.approx(used / 2)


def test_what_its_owner_expects_counts_until_the_like_of_it_has_ended() -> None:
    """Never more than its limit; then what such jobs really took."""
    drive = ruled()
    spec = job(request=Request(time_ms=100_000), expected_ms=7_000)
    drive.submit(spec, job(request=Request(time_ms=5_000), expected_ms=7_000))
    memory = drive.mind.memory
    assert memory.tally.expect(memory.jobs[1]).mean_ms == 7_000
    assert memory.tally.expect(memory.jobs[2]).mean_ms == 5_000
    drive.finish(1)
    drive.submit(spec)
    assert memory.tally.expect(memory.jobs[3]).mean_ms < 7_000, "it took 10 ms"


def test_usage_is_kept_by_account_and_goes_up_the_tree() -> None:
    """A newcomer to an account that had much is behind who charges one that had none."""
    drive = ruled(
        shares={"physics": {"shares": 1.0}, "biology": {"shares": 1.0}},
        half_life_ms=86_400_000,
    )
    drive.submit(job(account="physics"), job(account="physics"))
    drive.at += 3_600_000
    drive.submit(job(account="physics"), job(account="biology"), user=BOB)
    shares = snapshot_of(drive.mind.memory, drive.at).shares
    assert shares["physics/ann"] > shares["physics/bob"] > shares["biology/bob"] == 0
    drive.restart()
    again = snapshot_of(drive.mind.memory, drive.at).shares
    assert again == pytest.approx(shares)


def test_a_job_without_an_account_is_charged_to_the_one_that_lists_its_user() -> None:
    """And an account that lists its members is for them alone."""
    drive = ruled(shares={"physics": {"shares": 1.0, "members": {"ann": 1.0}}})
    drive.submit(job())
    assert drive.mind.memory.jobs[1].account == "physics"
    refused = drive.submit(job(account="physics"), user=BOB)
    assert "bob may not charge physics" in str(refused.error)


def test_another_tree_counts_at_once() -> None:
    """Though shares are looked at but once a second."""
    drive = ruled(shares={"ann": 1.0, "bob": 1.0})
    drive.submit(job())
    drive.at += 3_600_000
    drive.submit(job(), user=BOB)
    before = snapshot_of(drive.mind.memory, drive.at).shares
    drive.configure(shares={"ann": 3.0, "bob": 1.0})
    after = snapshot_of(drive.mind.memory, drive.at).shares
    assert after["ann"] == pytest.approx(before["ann"] * 2 / 3)
    drive.at += 60_000
    assert snapshot_of(drive.mind.memory, drive.at).shares["bob"] > after["bob"] == 0

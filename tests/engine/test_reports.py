"""What agents report: ends, retries by cause, infrastructure, stale numbers."""

from __future__ import annotations

import pytest

from rota.core.job import TROUBLE_MAX, AttemptRef
from rota.core.reasons import reason
from rota.engine.events import Declined
from tests.engine.drive import Drive, array, job


def running(**spec: object) -> Drive:
    """One job placed on one node."""
    drive = Drive()
    drive.join(cores=1)
    drive.submit(job(**spec))
    return drive


def test_exit_zero_is_done_and_the_node_may_forget() -> None:
    """The truth is committed, then the node is told to drop it."""
    drive = running()
    drive.finish(1)
    assert drive.state(1) == "done" and drive.forgets() == [AttemptRef(1, 0, 1)]
    assert drive.ledger.tasks[1, 0].exit_code == 0


def test_other_success_codes_can_be_declared() -> None:
    """``success_codes: [0, 3]``."""
    drive = running(success_codes=(0, 3))
    drive.finish(1, code=3)
    assert drive.state(1) == "done" and drive.ledger.tasks[1, 0].exit_code == 3


def test_a_failure_within_its_budget_is_tried_again_under_the_next_number() -> None:
    """``retries: 1`` gives two attempts, not three."""
    drive = running(retries={"any": 1})
    drive.finish(1, code=1)
    assert drive.runs() == [(1, 0, 2)]
    drive.finish(1, n=2, code=1)
    assert drive.state(1) == "failed" and not drive.runs()


def test_budgets_are_by_cause() -> None:
    """Out of memory has its own budget; what has none is not tried again."""
    drive = running(retries={"oom": 1})
    drive.finish(1, code=None, signal=9, why=reason("oom", used="2 GiB", limit="1 GiB"))
    assert drive.runs() == [(1, 0, 2)]
    drive.finish(1, n=2, code=1)
    assert drive.state(1) == "failed"


def test_a_retry_waits_its_delay_doubling_each_time() -> None:
    """Held with the reason ``retry_delay`` until then."""
    drive = running(retries={"any": 2}, retry_delay_ms=1_000)
    drive.finish(1, code=1)
    why = drive.mind.reason_of(1)
    assert drive.state(1) == "held" and why is not None and why.code == "retry_delay"
    drive.tick(drive.at + 999)
    assert not drive.runs()
    drive.tick(drive.at + 1)
    assert drive.runs() == [(1, 0, 2)]
    drive.finish(1, n=2, code=1)
    assert drive.mind.next_at() == drive.at + 2_000


def test_g07_a_report_of_an_old_attempt_is_answered_and_not_believed() -> None:
    """The second attempt runs on, whatever the first one's ghost says."""
    drive = running(retries={"any": 1})
    drive.finish(1, code=1)
    drive.finish(1, n=1, code=0)
    assert drive.state(1) == "placed" and drive.forgets() == [AttemptRef(1, 0, 1)]


def test_g09_a_late_report_of_a_finished_job_changes_nothing() -> None:
    """Terminal states are final."""
    drive = running()
    drive.finish(1)
    before = len(drive.ledger.history)
    drive.finish(1, code=1)
    assert drive.state(1) == "done" and len(drive.ledger.history) == before


def test_reports_over_an_old_connection_are_not_heard() -> None:
    """Only the present session of a node speaks for it."""
    drive = running()
    drive.join(cores=1, session=2)
    drive.report(Declined(AttemptRef(1, 0, 1), reason("returned")), session=1)
    assert drive.forgets() == []


@pytest.mark.parametrize("code", ["lost", "lease", "spawn"])
def test_g12_infrastructure_does_not_cost_the_jobs_retries(code: str) -> None:
    """No retries asked for, and still it runs again after a short wait."""
    facts = {"lost": {"evidence": "x"}, "lease": {"length": "1h"}, "spawn": {"error": "x"}}
    drive = running()
    drive.finish(1, code=None, why=reason(code, **facts[code]))
    assert drive.state(1) == "held"
    drive.tick(drive.at + 1_000)
    assert drive.runs() == [(1, 0, 2)]


def test_endless_trouble_ends_in_a_hold_that_a_user_can_lift() -> None:
    """After TROUBLE_MAX losses somebody should look."""
    drive = running()
    for n in range(1, TROUBLE_MAX + 1):
        drive.finish(1, n=n, code=None, why=reason("spawn", error="EAGAIN"))
        drive.tick(drive.at + 100_000)
    why = drive.mind.reason_of(1)
    assert why is not None and why.code == "trouble" and not drive.runs()
    drive.ask("release", 1)
    assert drive.runs() == [(1, 0, TROUBLE_MAX + 1)]


def test_an_array_stops_at_max_fails() -> None:
    """What waits is cancelled with the reason; what runs may end."""
    drive = Drive()
    drive.join(cores=1)
    drive.submit(array(5, max_fails=2))
    drive.finish(1, 0, code=1)
    drive.finish(1, 1, code=1)
    assert drive.counts(1) == {"failed": 2, "cancelled": 3}
    last = drive.ledger.changed[1].reason
    assert last is not None and last.code == "max_fails"


def test_given_back_before_it_started_is_no_trouble() -> None:
    """It waits again at once."""
    drive = running()
    drive.report(Declined(AttemptRef(1, 0, 1), reason("returned")))
    assert drive.runs() == [(1, 0, 2)]

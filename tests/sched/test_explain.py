"""The whole answer."""

from __future__ import annotations

from tests.sched.asking import asked, waits


def test_what_the_next_round_starts_lacks_nothing() -> None:
    """No edits for a job that is about to start."""
    told = asked("[....] n1", waits(9, cores=2))
    assert told.starts and not told.edits and told.classes[0].missing == ()

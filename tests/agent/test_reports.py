"""Reports: told once they are on disk, again until they are forgotten."""

from __future__ import annotations

from tests.agent.server import (
    Node,
    journal_of,
    kill_shepherd,
    until,
)


def test_ends_are_told_to_whoever_comes(own: Node) -> None:
    """What ended while nobody listened is told later, until it is forgotten (G11)."""
    own.server.forgets = False
    own.run(1, [[0, 1, None], [1, 1, None]], command="sleep 0.3; exit 7")
    own.wait("started", 1)
    own.kill_agent()
    until(lambda: journal_of(own).read_text("latin-1").count('["end"') == 2, "both ends")
    for count in (2, 3):
        own.server.told.clear()
        if count == 2:
            own.start()
        else:
            own.server.hang_up()
            own.until_connected(count)
        assert [own.finished(1, task)["exit"] for task in (0, 1)] == [7, 7]
    own.server.tell({"t": "forget", "as": [[1, 0, 1], [1, 1, 1]]})
    own.server.told.clear()
    own.server.hang_up()
    hello = own.server.until(lambda told: [m for m in told if m["t"] == "hello"], "hello")
    assert hello[0]["holds"] == []


def test_ends_outlive_the_shepherd(own: Node) -> None:
    """A shepherd killed after an end: the next tells it from the journal, word for word."""
    own.server.forgets = False
    own.run(1, command="exit 9")
    first = own.finished(1)
    own.server.told.clear()
    kill_shepherd(own)
    assert own.finished(1) == first


def test_short_tasks_say_both_at_once(shared: Node) -> None:
    """Who ends at once is never told as started alone; who stays is."""
    job, slow = next(shared.jobs), next(shared.jobs)
    shared.run(job, [[i, 1, None] for i in range(100)], argv=["true"])
    shared.run(slow, command="sleep 600")
    shared.wait("started", slow)
    assert all(shared.finished(job, task)["s"] for task in range(100))
    started = [m for m in shared.server.told if m["t"] == "started" and m["a"][0] == job]
    assert len(started) < 50
    shared.kill(slow, grace_ms=0)
    shared.finished(slow)


def test_many_reports_share_a_frame(shared: Node) -> None:
    """A hundred ends do not cost a hundred frames, and their order is that of the strip."""
    job = next(shared.jobs)
    before = shared.server.frames
    shared.run(job, [[i, 1, None] for i in range(100)], argv=["true"])
    shared.finished(job, 99)
    assert shared.server.frames - before < 60
    ends = [
        m["a"][1] for m in shared.server.told if m["t"] == "finished" and m["a"][0] == job
    ]
    assert ends == list(range(100))

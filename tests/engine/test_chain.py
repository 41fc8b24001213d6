"""Who waits for whom, down to what a wait comes from."""

from __future__ import annotations

from rota.core.job import After
from rota.engine.chain import LINKS_MAX, WIDTH_MAX, chain
from tests.engine.drive import Drive, array, job


def after(*jobs: int, kind: str = "ok", elementwise: bool = False) -> tuple[After, ...]:
    """Return that a job waits for *jobs*."""
    return tuple(After(kind, id, elementwise) for id in jobs)


def test_it_goes_down_to_what_runs() -> None:
    """3 waits for 2, which waits for 1, which runs."""
    drive = Drive()
    drive.join()
    drive.submit(job())
    drive.submit(job(after=after(1, kind="any")))
    drive.submit(job(after=after(2)))
    drive.start(1)
    links = chain(drive.mind.memory, 3, None).links
    told = [(one.depth, one.job, one.wanted, one.state) for one in links]
    assert told == [(1, 2, "to succeed", "held"), (2, 1, "to end", "running")]
    assert chain(drive.mind.memory, 1, None).links == ()
    assert chain(drive.mind.memory, 99, None).links == ()


def test_what_failed_is_told_first_and_what_is_reached_twice_is_followed_once() -> None:
    """4 waits for 2 and 3, 2 failed; 5 waits for 3 and 4, and so for 3 on two ways."""
    drive = Drive()
    drive.join(cores=1)
    drive.submit(job())
    drive.submit(job())
    drive.submit(job(after=after(1)))
    drive.submit(job(after=after(3, 2)))
    drive.submit(job(after=after(3, 4)))
    drive.start(1)
    drive.ask("kill", 2)
    links = chain(drive.mind.memory, 5, None).links
    assert [(one.depth, one.job, one.state) for one in links] == [
        (1, 3, "held"), (2, 1, "running"),
        (1, 4, "held"), (2, 2, "cancelled"), (2, 3, "held"),
    ]  # fmt: skip


def test_task_by_task_the_task_is_followed() -> None:
    """Task 1 waits for the task 1 that another array has not ended yet, not for task 0."""
    drive = Drive()
    drive.join(cores=2)
    drive.submit(array(2))
    drive.submit(array(2, after=after(1, elementwise=True)))
    drive.submit(array(2, after=after(2, elementwise=True)))
    drive.finish(1, 0)
    links = chain(drive.mind.memory, 3, 1).links
    assert [(one.job, one.task) for one in links] == [(2, 1), (1, 1)]
    assert [one.job for one in chain(drive.mind.memory, 3, 0).links] == [2]
    assert [one.task for one in chain(drive.mind.memory, 3, None).links] == [None, None]


def test_what_is_left_out_is_counted() -> None:
    """Few of many, and a long way not to its end: how many others there are is told."""
    drive = Drive()
    drive.submit(*(job() for _ in range(10)))
    drive.submit(job(after=after(*range(1, 11))))
    wide = chain(drive.mind.memory, 11, None)
    assert (len(wide.links), wide.more) == (WIDTH_MAX, 10 - WIDTH_MAX)
    drive.submit(*(job(after=after(number)) for number in range(11, 150)))
    long = chain(drive.mind.memory, 150, None)
    assert len(long.links) == LINKS_MAX
    assert (long.more, long.links[-1].more) == (0, 1)
    assert sum(one.more for one in long.links) == 1

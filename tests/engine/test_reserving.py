"""Reservations set live: who may, what they keep, that they last, what is refused."""

from __future__ import annotations

from typing import Any

from rota.core.resources import Request
from rota.engine.events import Reply, ReservationAsked
from rota.sched.problem import Window
from tests.engine.drive import ANN, BOB, Drive, array, job, ruled, why

HOUR_MS = 3_600_000


def reserve(drive: Drive, name: str = "course", *, user: Any = ANN, **said: Any) -> Reply:
    """Ask for a reservation of an hour from now on."""
    values = {"name": name, "start": drive.at, "end": drive.at + HOUR_MS, **said}
    event = ReservationAsked(drive.at, user, "add", name, values)
    return drive.reply(drive.tell(event))


def give_up(drive: Drive, name: str = "course", *, user: Any = ANN) -> Reply:
    """Ask to give one up."""
    return drive.reply(drive.tell(ReservationAsked(drive.at, user, "remove", name)))


def inside(name: str = "course", **more: Any) -> Any:
    """Return a job that names a reservation."""
    return job(request=Request(time_ms=60_000, reservation=name, **more))


def test_who_names_it_alone_runs_there_also_after_a_restart() -> None:
    """Others wait, are told why, and start when it is given up."""
    drive = ruled()
    reserve(drive, users=("bob",))
    drive.submit(job())
    assert why(drive, 1) == ("reservation", "it could run into course")
    drive.restart()
    drive.join(cores=4, session=2)
    drive.submit(inside(), user=BOB)
    assert drive.runs() == [(2, 0, 1)]
    assert "is not for ann" in str(drive.submit(inside()).error)
    drive.at += 5
    assert give_up(drive).error is None
    assert drive.runs() == [(1, 0, 1)]
    drive.restart()
    assert not drive.mind.memory.rules.windows
    [row] = drive.mind.memory.bookings.booked.values()
    assert (row.set_by, row.removed_by, row.removed_at) == ("ann", "ann", drive.at)


def test_it_ends_by_the_clock() -> None:
    """A round looks again when it begins and when it is over; also after a restart."""
    drive = ruled()
    start = drive.at + HOUR_MS
    reserve(drive, start=start, end=start + HOUR_MS, maintenance=True)
    drive.submit(job(request=Request(time_ms=2 * HOUR_MS)))
    drive.restart()
    drive.join(cores=4, session=2)
    assert drive.runs() == []
    assert drive.mind.next_at() == start
    drive.tick(start)
    drive.tick(start + HOUR_MS)
    assert drive.runs() == [(1, 0, 1)]


def test_the_reply_names_what_may_still_run_there() -> None:
    """What surely ends before it begins is not among it."""
    drive = ruled()
    drive.submit(job(request=Request(time_ms=60_000)), array(2))
    start = drive.at + HOUR_MS
    told = reserve(drive, users=("bob",), nodes=("n1",), start=start, end=start + 1)
    assert told.value["beyond"] == ["2[0]", "2[1]"]


def test_what_is_not_there_is_refused_by_its_field() -> None:
    """Nodes, labels, accounts, how many; the nearest that is there is named."""
    drive = ruled(shares={"physics": {"shares": 1, "members": {"ann": 1}}})
    said = {"nodes": ("n2",), "accounts": ("fysics",)}
    error = reserve(drive, **said).error
    assert error is not None
    assert {c.field for c in error.complaints} == {"nodes", "accounts"}
    assert "there is no node n2; nodes are n1" in str(error)
    assert "did you mean physics?" in str(error)
    assert "at most 1" in str(reserve(drive, users=("x",), count=2).error)
    assert "cores are 4" in str(reserve(drive, users=("x",), cores=5).error)
    assert "there is no label gen4" in str(
        reserve(drive, users=("x",), count=1, labels=("gen4",)).error
    )


def test_one_node_is_promised_once() -> None:
    """A second reservation of it for the same time is refused; maintenance is not."""
    drive = ruled()
    reserve(drive, users=("bob",), nodes=("n1",))
    taken = reserve(drive, "other", users=("x",), nodes=("n1",)).error
    assert "n1 is promised to course in that time" in str(taken)
    assert "remove it first" in str(reserve(drive, users=("x",)).error)
    assert reserve(drive, "fire", nodes=("n1",), maintenance=True).error is None


def test_only_operators_and_only_what_the_file_does_not_say() -> None:
    """The file's own are changed in the file; its word stands when it is read again."""
    window = Window("cooling", 0, 1 << 50, frozenset(("n9",)))
    drive = ruled(windows=(window,))
    assert "no operator" in str(reserve(drive, user=BOB, users=("bob",)).error)
    assert "stands in config.yaml" in str(reserve(drive, "cooling", users=("x",)).error)
    assert "stands in config.yaml" in str(give_up(drive, "cooling").error)
    assert "did you mean cooling?" in str(give_up(drive, "cool").error)
    reserve(drive, users=("bob",), count=1)
    assert give_up(drive, user=BOB).error is not None
    drive.configure(windows=(window, Window("course", 0, 1 << 50)))
    assert [w.users for w in drive.mind.memory.rules.windows] == [(), ()]
    drive.configure()
    assert [w.users for w in drive.mind.memory.rules.windows] == [("bob",)]

"""Lines kept from round to round."""

from __future__ import annotations

from rota.core.resources import Request
from rota.sched.problem import Line, Waiting
from rota.sched.roster import FEW, Key, Roster


def line(job: int, cores: int = 1, user: str = "u") -> Line:
    return Line(Request(cores=cores), user, "", "q", [Waiting(job, 0, 0, 1)])


def by_job(number: int, line: Line) -> Key | None:
    return (1, 0.0, 0, line.jobs[0].job) if line.jobs else None


def test_like_shapes_stand_together_sooner_ones_first() -> None:
    """A round asks once for each shape."""
    roster = Roster([line(3), line(1), line(2, cores=4)])
    roster.review(0, 1000, by_job)
    tops = [group.top() for group in roster.groups.values()]
    assert [top[1] for top in tops if top] == [1, 2]
    assert len(roster) == 3


def test_a_line_whose_head_changed_moves() -> None:
    """The others stay where they are."""
    jobs = [Waiting(1, 0, 0, 1)]
    roster = Roster([Line(Request(), "u", "", "q", jobs), line(5)])
    roster.review(0, 1000, by_job)
    jobs[0] = Waiting(9, 0, 0, 1)
    roster.touch(0)
    roster.review(1, 1000, by_job)
    (group,) = roster.groups.values()
    assert group.top() == ((1, 0.0, 0, 5), 1)
    jobs.clear()
    roster.touch(0)
    roster.review(2, 1000, by_job)
    assert list(group.keys) == [1]


def test_a_line_that_is_dropped_is_forgotten() -> None:
    """With its group, when it was the last; its number is never given again."""
    roster = Roster([line(1)])
    roster.review(0, 1000, by_job)
    assert roster.priorities("u") == {0: 0}
    roster.drop(0)
    assert not roster
    assert roster.groups == {}
    assert roster.priorities("u") == {}
    assert roster.put(line(2)) == 1


def test_a_few_lines_are_all_looked_at_in_every_round() -> None:
    """Shares and bounds change although no line does."""
    roster = Roster([line(1), line(2)])
    asked: list[int] = []

    def key(number: int, line: Line) -> Key | None:
        asked.append(number)
        return by_job(number, line)

    for at in (0, 1):
        roster.review(at, 1000, key)
    assert asked == [0, 1, 0, 1]


def test_many_lines_are_looked_at_a_few_a_round_each_in_time() -> None:
    """However often rounds come, each place is looked at within the time; no round pays
    for all; what changed is not left to its turn."""
    roster = Roster(line(job) for job in range(1000))
    asked: list[int] = []

    def key(number: int, line: Line) -> Key | None:
        asked.append(number)
        return by_job(number, line)

    roster.review(0, 1000, key)
    assert sorted(asked) == list(range(1000))
    asked.clear()
    roster.drop(500)
    for at in range(7, 1008, 7):
        before = len(asked)
        roster.review(at, 1000, key)
        assert len(asked) - before <= 8
    assert {*asked} == {*range(1000)} - {500}
    asked.clear()
    roster.touch(0)
    roster.review(1002, 1000, key)
    assert 0 in asked
    roster.review_all()
    roster.review(1003, 1000, key)
    assert {*asked} == {*range(1000)} - {500}


def test_what_stands_in_the_heap_is_not_much_more_than_lines() -> None:
    """Lines move all the time: places they left do not pile up."""
    roster = Roster([line(1), line(2)])
    for at in range(1000):
        roster.review(at, 1000, lambda number, line, at=at: (1, 0.0, at, number))  # type: ignore[misc]
    (group,) = roster.groups.values()
    assert len(group.heap) <= 2 * len(group.keys) + FEW
    assert group.top() == ((1, 0.0, 999, 0), 0)


def test_a_line_is_made_anew_when_its_place_is_looked_at() -> None:
    """What is expected of its first changes with what was learned."""
    users = {0: "ann"}
    roster = Roster(renew=lambda number: line(1, user=users[number]))
    number = roster.put(line(1, user="nobody"))
    roster.review(0, 1000, by_job)
    assert roster[number].user == "ann"

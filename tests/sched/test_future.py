"""What will be free when."""

from __future__ import annotations

from rota.core.resources import Mode, Request
from rota.sched.future import Claim, Future, closed_by, fit_together
from rota.sched.problem import Window
from rota.sched.releases import UNBOUNDED, Release, Releases
from rota.sched.space import Take
from tests.drawing import space

RELEASES = Releases([Release(100, (Take(0, 2),), ()), Release(200, (Take(1, 2),), ())])
PICTURE = "[**..] n1\n[**..] n2"


def earliest(
    request: Request, length: int | None, **more: object
) -> tuple[int, int] | None:
    given: dict[str, object] = {"releases": RELEASES, "claims": [], "windows": [], **more}
    future = Future(space(PICTURE), at=0, **given)  # type: ignore[arg-type]
    place = future.earliest([request], length=length, reservation=None)
    return None if place is None else (place.at, place.takes[0].spot)


def test_the_first_instant_at_which_enough_is_free() -> None:
    """Now if it can be, else when something ends."""
    assert earliest(Request(cores=2), 10) == (0, 0)
    assert earliest(Request(cores=4), 10) == (100, 0)
    assert earliest(Request(cores=8, mode=Mode.BY_CORE), 10) == (200, 0)
    assert earliest(Request(cores=5), 10) is None


def test_what_is_claimed_later_is_out_of_bounds() -> None:
    """A long job may not stand where another was promised to start."""
    claims = [Claim(100, 150, (Take(0, 4),), ())]
    assert earliest(Request(cores=4), 10, claims=claims) == (150, 0)
    assert earliest(Request(cores=1), 100, claims=claims) == (0, 0)
    assert earliest(Request(cores=1), 101, claims=claims) == (0, 1)


def test_a_window_is_gone_around() -> None:
    """Before it if it is short enough, else behind it."""
    windows = [Window("m", 50, 120)]
    assert earliest(Request(), 50, windows=windows) == (0, 0)
    assert earliest(Request(), 51, windows=windows) == (120, 1)
    assert earliest(Request(), None, windows=windows) == (120, 1)


def test_what_has_no_limit_ends_after_everything() -> None:
    """So its cores are promised last."""
    endless = Releases([Release(UNBOUNDED, (Take(0, 2),), ())])
    assert earliest(Request(cores=4), None, releases=endless) == (UNBOUNDED, 0)


def test_a_gang_that_does_not_fit_leaves_no_trace() -> None:
    """Whatever was tried is given back."""
    where = space(PICTURE)
    assert fit_together([Request(cores=2), Request(cores=3)], where) is None
    assert where.cores == [2, 2]


def test_a_reservation_is_entered_only_inside() -> None:
    """On its nodes and in its time."""
    where = space(PICTURE)
    windows = [Window("r", 0, 100, frozenset(["n2"]), "reservation")]
    assert closed_by(windows, where, at=0, end=100, reservation="r") == [0]
    assert closed_by(windows, where, at=0, end=101, reservation="r") is None
    assert closed_by(windows, where, at=0, end=10, reservation=None) == [1]

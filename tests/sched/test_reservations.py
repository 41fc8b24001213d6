"""Who may use a reservation, and what is said to others."""

from __future__ import annotations

import pytest

from rota.core.resources import Request
from rota.sched.problem import Window
from rota.sched.reservations import misused

COURSE = Window(
    "course", 1_000, 61_000, frozenset({"n1"}), "reservation", ("ann",), ("physics",)
)
REPAIR = Window("repair", 0, 10)


def told(*, user: str = "ann", account: str = "", at: int = 0, **asked: object) -> str:
    """Return all complaints about a request that names a reservation."""
    request = Request(**{"reservation": "course", "time_ms": 9_000, **asked})  # type: ignore[arg-type]
    found = misused([COURSE, REPAIR], request, user=user, account=account, at=at)
    return "\n".join(map(str, found))


def test_users_and_accounts_may_and_nobody_need() -> None:
    """By name, or by whom it is charged to."""
    assert told() == told(user="bob", account="physics") == ""
    assert told(user="cyd", reservation=None) == ""


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"user": "bob"}, "it is for ann, account physics"),
        ({"user": "bob", "account": "biology"}, "course is not for bob"),
        ({"reservation": "curse"}, "did you mean course?"),
        ({"reservation": "repair"}, "there is no reservation repair"),
        ({"at": 61_000}, "course is over"),
        ({"time_ms": None}, "ask for at most 1m00s"),
        ({"time_ms": 60_001}, "must end before it does"),
        ({"time_ms": 31_000, "at": 31_000}, "ask for at most 30s"),
    ],
)
def test_what_cannot_be_is_refused_with_the_way_out(
    more: dict[str, object], says: str
) -> None:
    """Each names the key and what would be right."""
    assert says in told(**more)  # type: ignore[arg-type]

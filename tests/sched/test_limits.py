"""What users, accounts and queues may have at a time."""

from __future__ import annotations

import pytest

from rota.core.resources import Mode, Request
from rota.sched.limits import Limit, Quota, width
from rota.sched.problem import Line


def line(request: Request, user: str = "ann") -> Line:
    return Line(request, user, "physics", "short", ())


@pytest.mark.parametrize(
    ("limit", "fits", "said"),
    [
        (Limit("user", "ann", jobs=2), 2, "2 jobs (2 in use, 1 asked for)"),
        (Limit("user", "*", cores=10), 2, "10 cores (8 in use, 4 asked for) for user ann"),
        (Limit("account", "physics", memory=2048), 2, "2 KiB memory"),
        (Limit("queue", "short", licences=(("lic", 3),)), 3, "3 licence lic"),
        (Limit("user", "ann", starts=(1, 60_000)), 1, "1 starts in 1m00s"),
        (Limit("user", "bob", jobs=0), 9, ""),
        (Limit("user", "ann", cores=3, set_by="ann"), 0, "set by ann"),
    ],
)
def test_a_limit_is_checked_after_adding_the_job(
    limit: Limit, fits: int, said: str
) -> None:
    """cores: 10 lets two jobs of four cores run and not a third."""
    asks = line(Request(cores=4, memory=1024, licences=(("lic", 1),)))
    quota = Quota([limit], [], at=100_000, recent={})
    for _ in range(fits):
        assert quota.refuses(asks) is None
        quota.add(asks)
    refused = quota.refuses(asks)
    assert (refused.text if refused else "").count(said) >= (1 if said else 0)
    assert (refused is not None) == bool(said)


def test_what_runs_already_counts() -> None:
    """And so do the starts of the last minute."""
    runs = line(Request(cores=4))
    assert Quota([Limit("user", "ann", jobs=1)], [runs], at=0, recent={}).refuses(runs)
    rate = Quota(
        [Limit("user", "*", starts=(2, 1000))], [], at=5000, recent={"ann": [1, 4500, 4600]}
    )
    assert rate.refuses(runs)
    assert rate.refuses(line(Request(), "bob")) is None


def test_width_is_that_of_the_whole_task() -> None:
    """Nodes times cores of each, as far as the request says."""
    assert width(Request(cores=3)) == 3
    assert width(Request(mode=Mode.BY_NODE, n=4, cores_per_node=2)) == 8

"""Reservations: nodes kept for some users or accounts in a window of time.

    ──────┬──────── course ────────┬──────→      others run before it if they end by then,
        start    who names it     end            and after it; inside it who names it alone

The timeline knows them as windows (``future.closed_by``); here is who may use which.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rota.core.errors import Complaint, did_you_mean
from rota.core.resources import Request
from rota.core.units import show_duration
from rota.sched.problem import Window

KIND = "reservation"


def may_use(window: Window, *, user: str, account: str) -> bool:
    """Whether jobs of *user* that are charged to *account* may run inside *window*."""
    return user in window.users or (account or user) in window.accounts


def misused(
    windows: Iterable[Window], request: Request, *, user: str, account: str, at: int
) -> Iterator[Complaint]:
    """Yield what speaks against the reservation that *request* names, if it names one."""
    name = request.reservation
    if name is None:
        return
    known = {window.name: window for window in windows if window.kind == KIND}
    window = known.get(name)
    if window is None:
        near = did_you_mean(name, list(known))
        told = ", ".join(known) or "none"
        remedy = f"did you mean {near}? " if near else ""
        problem = f"there is no reservation {name}"
        yield Complaint(KIND, problem, f"{remedy}reservations are: {told}")
        return
    if not may_use(window, user=user, account=account):
        whom = ", ".join(window.users + tuple(f"account {a}" for a in window.accounts))
        yield Complaint(KIND, f"{name} is not for {user}", f"it is for {whom}")
    if window.end <= at:
        yield Complaint(KIND, f"{name} is over", "leave the key out")
    length, longest = request.time_ms, window.end - max(at, window.start)
    if length is None or length > longest > 0:
        most = show_duration(longest)
        problem = f"a job inside {name} must end before it does"
        yield Complaint("time", problem, f"ask for at most {most}: --time {most}")

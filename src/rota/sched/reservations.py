"""Reservations: nodes kept for some users or accounts in a window of time.

    ──────┬──────── course ────────┬──────→      others run before it if they end by then,
        start    who names it     end            and after it; inside it who names it alone

A reservation by count takes nodes that are there, first by name, and none that another
window has at that time; when one of them goes, another takes its place (``settled``).

The timeline knows them as windows (``future.closed_by``); here is who may use which.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from rota.core.errors import Complaint, did_you_mean
from rota.core.resources import Request
from rota.core.units import show_duration
from rota.sched.problem import NodeView, Window

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


def overlapping(window: Window, others: Iterable[Window]) -> Iterator[Window]:
    """Yield those of *others* by name of node that promise away nodes of *window* too."""
    for other in others:
        is_then = other.start < window.end and window.start < other.end
        if not is_then or other.name == window.name or other.count or other.cores:
            continue
        if other.nodes is None or window.nodes is None or other.nodes & window.nodes:
            yield other


def settled(windows: Sequence[Window], views: Iterable[NodeView]) -> list[Window]:
    """Return *windows* with the nodes that those by count, or by cores, have for now."""
    if not any(window.count or window.cores for window in windows):
        return list(windows)
    order = sorted(views, key=lambda view: (view.closed is not None, view.node.name))
    found = [window for window in windows if not (window.count or window.cores)]
    for window in windows:
        if window.count or window.cores:
            found.append(replace(window, nodes=_chosen(window, order, found)))
    return found


def _chosen(
    window: Window, order: Sequence[NodeView], others: Sequence[Window]
) -> frozenset[str]:
    """Return the first of *order* that are enough; all there are when they are too few."""
    beside = [o for o in others if o.start < window.end and window.start < o.end]
    taken = {name for other in beside for name in other.nodes or ()}
    chosen: list[str] = []
    cores = 0
    for node in (view.node for view in order):
        if len(chosen) == window.count or (window.cores and cores >= window.cores):
            break
        if node.name not in taken and set(window.labels) <= set(node.labels):
            chosen.append(node.name)
            cores += len(node.cores)
    return frozenset(chosen)

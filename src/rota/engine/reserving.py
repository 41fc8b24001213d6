"""Reservations and maintenance set live: who may, what is in force then.

    add     checked against what is there: nodes, labels, accounts, what else is kept
    remove  its nodes are everybody's again, from the next round on

They are records: they hold after a restart, and whatever the file says when it is read
again.
"""

from __future__ import annotations

from collections.abc import Iterator

from rota.core.errors import (
    Complaint,
    Conflict,
    Malformed,
    Missing,
    NotAllowed,
    RotaError,
    did_you_mean,
)
from rota.engine.bookings import booked_window
from rota.engine.configure import look_again
from rota.engine.events import Effect, Reply, ReservationAsked
from rota.engine.limiting import put_in_force
from rota.engine.records import WindowSaved
from rota.engine.state import Memory
from rota.sched.problem import Window
from rota.sched.reservations import overlapping, settled

ADD, REMOVE = "add", "remove"
NAMES_TOLD = 20


def reservation_asked(memory: Memory, event: ReservationAsked) -> list[Effect]:
    """Book or give up; the reply tells what runs there beyond the start of it."""
    before = memory.bookings.live(event.name, at=event.at)
    refusal = _refusal(memory, event, before)
    if refusal is not None:
        return [Reply(event.ticket, error=refusal)]
    by, at = event.user.name, event.at
    if event.verb == ADD:
        row = WindowSaved(event.name, at, dict(event.said), by)
    else:
        assert before is not None, "what is not there was refused"
        row = before._replace(removed_at=at, removed_by=by)
    memory.bookings.put(row)
    put_in_force(memory, memory.declared)
    look_again(memory)
    beyond = list(_beyond(memory, booked_window(row))) if event.verb == ADD else []
    return [Reply(event.ticket, {"name": event.name, "beyond": beyond})]


def _refusal(
    memory: Memory, event: ReservationAsked, before: WindowSaved | None
) -> RotaError | None:
    name = event.name
    if not event.user.is_operator:
        return NotAllowed(f"{event.user.name} is no operator of this server")
    if any(window.name == name for window in memory.declared.windows):
        cure = "change it there and have it read again: rota config --reload"
        return Conflict(f"{name} stands in config.yaml; {cure}")
    if event.verb == REMOVE:
        return None if before else _missing(memory, name)
    if before is not None:
        cure = f"remove it first: rota reservation remove {name}"
        return Conflict(f"there is a reservation {name} already; {cure}")
    wrong = list(_against(memory, window_of_event(event)))
    return Malformed(complaints=wrong) if wrong else None


def window_of_event(event: ReservationAsked) -> Window:
    """Return the window that *event* asks for."""
    return booked_window(WindowSaved(event.name, event.at, event.said, event.user.name))


def _missing(memory: Memory, name: str) -> Missing:
    names = [window.name for window in memory.rules.windows if window.end > memory.at]
    near = did_you_mean(name, names)
    hint = f"did you mean {near}? " if near else ""
    told = ", ".join(names) or "none"
    return Missing(f"there is no reservation {name}; {hint}reservations are {told}")


def _against(memory: Memory, window: Window) -> Iterator[Complaint]:
    """Yield what speaks against *window* as things are here."""
    known = sorted(memory.nodes)
    for name in sorted(window.nodes or ()):
        if name not in memory.nodes:
            yield _unknown("nodes", "node", name, known)
    labels = sorted({one for n in memory.nodes.values() for one in n.node.labels})
    for label in window.labels:
        if label not in labels:
            yield _unknown("labels", "label", label, labels)
    tree = memory.rules.tree
    for account in window.accounts:
        if tree.accounts and account not in tree.names:
            yield _unknown("accounts", "account", account, sorted(tree.accounts))
    yield from _too_much(memory, window)
    if window.kind == "maintenance" or window.nodes is None:
        return
    for other in overlapping(window, memory.rules.windows):
        both = ", ".join(sorted(window.nodes & (other.nodes or window.nodes)))
        problem = f"{both} is promised to {other.name} in that time"
        yield Complaint("nodes", problem, "take other nodes, or another time")


def _unknown(field: str, what: str, name: str, known: list[str]) -> Complaint:
    near = did_you_mean(name, known)
    hint = f"did you mean {near}? " if near else ""
    more = ", …" if len(known) > NAMES_TOLD else ""
    told = ", ".join(known[:NAMES_TOLD]) + more if known else "none"
    return Complaint(field, f"there is no {what} {name}", f"{hint}{field} are {told}")


def _too_much(memory: Memory, window: Window) -> Iterator[Complaint]:
    """Yield a complaint about more than is there; pools may bring what is not."""
    if memory.pools:
        return
    able = [
        state.node
        for state in memory.nodes.values()
        if set(window.labels) <= set(state.node.labels)
    ]
    of = f" with {', '.join(window.labels)}" if window.labels else ""
    there = {"count": len(able), "cores": sum(len(node.cores) for node in able)}
    for key, wanted in (("count", window.count), ("cores", window.cores)):
        if (wanted or 0) > there[key]:
            what = "nodes" if key == "count" else "cores"
            problem = f"{wanted} is more than there is: the {what}{of} are {there[key]}"
            yield Complaint(key, problem, f"ask for at most {there[key]}")


def _beyond(memory: Memory, window: Window) -> Iterator[str]:
    """Yield the names of running tasks that may still be there when *window* begins."""
    views = [state.view() for state in memory.nodes.values()]
    kept = next(w for w in settled(memory.rules.windows, views) if w.name == window.name)
    for alloc in memory.allocs.values():
        names = {grant.node for grant in alloc.grants}
        limit = alloc.request.time_ms
        ends_by = None if limit is None else alloc.placed_at + limit
        inside = alloc.request.reservation == window.name
        if inside or not (kept.nodes is None or names & kept.nodes):
            continue
        if ends_by is None or ends_by > window.start:
            yield from (task.name for task in alloc.strip)

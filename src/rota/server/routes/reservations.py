"""Reservations and maintenance: what there is, set live, given up."""

from __future__ import annotations

from collections.abc import Iterator

from rota.engine.bookings import booked_window
from rota.engine.events import ReservationAsked
from rota.engine.records import WindowSaved
from rota.engine.reserving import ADD, REMOVE
from rota.formats.windows import read_live
from rota.sched.problem import Window
from rota.sched.reservations import settled
from rota.server.loop import log
from rota.server.parts import Parts
from rota.server.route import Call
from rota.server.views import instant, show_instant
from rota.wire import api

SHOWN_MAX = 1000


async def list_reservations(parts: Parts, call: Call) -> api.ReservationsPage:
    """List reservations and maintenance, of the file and set live, by their start."""
    views = sorted(_views(parts), key=lambda view: (view.start, view.name))
    return api.ReservationsPage(reservations=views)


async def add_reservation(parts: Parts, call: Call) -> api.ReservationAnswer:
    """Keep nodes for somebody, or for maintenance, in a window of time."""
    body: api.ReservationBody = call.body
    at = parts.clock.now()
    given = {key: getattr(body, key) for key in body.__struct_fields__}
    said = read_live({k: v for k, v in given.items() if v not in (None, False)}, at=at)
    answer = await parts.loop.ask(
        lambda ticket: ReservationAsked(at, call.user, ADD, body.name, said, ticket)
    )
    log.info("%s reserved %s: %s", call.user.name, body.name, said)
    shown = next(v for v in _views(parts) if v.name == body.name and v.state != "removed")
    return api.ReservationAnswer(reservation=shown, beyond=answer["beyond"])


async def remove_reservation(parts: Parts, call: Call) -> api.ReservationAnswer:
    """Give up a reservation that was set live: its nodes are everybody's again."""
    body: api.GiveUpBody = call.body
    at = parts.clock.now()
    await parts.loop.ask(
        lambda ticket: ReservationAsked(at, call.user, REMOVE, body.name, {}, ticket)
    )
    log.info("%s gave up the reservation %s", call.user.name, body.name)
    *_, shown = (view for view in _views(parts) if view.name == body.name)
    return api.ReservationAnswer(reservation=shown)


def _views(parts: Parts) -> Iterator[api.ReservationView]:
    memory = parts.mind.memory
    nodes = [state.view() for state in memory.nodes.values()]
    rows = list(memory.bookings.booked.values())
    booked = [booked_window(row) for row in rows]
    declared = memory.declared.windows
    names = {window.name for window in declared}
    # Those by count are settled together: one takes no node that another has.
    live = [w for w in booked if w.name not in names]
    chosen = {(w.name, w.start): w for w in settled([*declared, *live], nodes)}
    for window in declared:
        yield _view(parts, window, chosen[window.name, window.start])
    for row, window in zip(rows, booked, strict=True):
        yield _view(parts, window, chosen.get((window.name, window.start), window), row)


def _view(
    parts: Parts, window: Window, chosen: Window, row: WindowSaved | None = None
) -> api.ReservationView:
    state = _state(window, row, at=parts.clock.now())
    is_live = state in ("coming", "on")
    return api.ReservationView(
        name=window.name,
        kind=window.kind,
        state=state,
        start=show_instant(window.start),
        end=show_instant(window.end),
        nodes=None if window.nodes is None else sorted(window.nodes),
        count=window.count,
        cores=window.cores,
        labels=list(window.labels),
        now=None if chosen.nodes is None else sorted(chosen.nodes),
        users=list(window.users),
        accounts=list(window.accounts),
        running=_running(parts, window.name) if is_live else [],
        waiting=_waiting(parts, window.name) if is_live else [],
        source="live" if row else "config",
        set_by=row.set_by if row else "",
        set_at=instant(row.set_at) if row else None,
        removed_by=row.removed_by if row else "",
        removed_at=instant(row.removed_at) if row else None,
    )


def _state(window: Window, row: WindowSaved | None, *, at: int) -> str:
    if row is not None and row.removed_at is not None:
        return "removed"
    if window.end <= at:
        return "over"
    return "on" if window.start <= at else "coming"


def _running(parts: Parts, name: str) -> list[str]:
    allocs = parts.mind.memory.allocs.values()
    inside = [alloc for alloc in allocs if alloc.request.reservation == name]
    return [task.name for alloc in inside for task in alloc.strip][:SHOWN_MAX]


def _waiting(parts: Parts, name: str) -> list[str]:
    jobs = parts.mind.memory.jobs.values()
    named = (job for job in jobs if job.spec.request.reservation == name)
    return [str(job.id) for job in named if job.pending][:SHOWN_MAX]

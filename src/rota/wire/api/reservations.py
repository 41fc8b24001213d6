"""Reservations and maintenance: what is asked, what there is and who set it."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from rota.wire.api.words import Body, Instant, View

RESERVATIONS_SCHEMA = "rota.reservations/1"
Moment = Annotated[str, Meta(description="ISO-8601 with a zone")]


class ReservationBody(Body, kw_only=True):
    """A window of time on nodes: without *start* from now on; *end* or *duration*.

    Which nodes: *nodes* by name, or *count* of them, or as many as have *cores* together,
    of those with *labels*; all when nothing is said.  For whom: *users*, *accounts*; with
    *maintenance* for nobody.
    """

    name: Annotated[str, Meta(min_length=1, max_length=64)]
    start: Moment | None = None
    end: Moment | None = None
    duration: Annotated[str, Meta(description="such as 2h30m")] | None = None
    nodes: list[str] | None = None
    count: int | None = None
    cores: int | None = None
    labels: list[str] | None = None
    users: list[str] | None = None
    accounts: list[str] | None = None
    maintenance: bool = False


class GiveUpBody(Body, kw_only=True):
    """Which one is not needed any more."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]


class ReservationView(View, kw_only=True):
    """A window of time on nodes; *now* are those it has as things are, null: all."""

    name: str
    kind: Annotated[str, Meta(description="reservation or maintenance")]
    state: Annotated[str, Meta(description="coming, on, over or removed")]
    start: Instant
    end: Instant
    nodes: list[str] | None
    count: int | None
    cores: int | None
    labels: list[str]
    now: list[str] | None
    users: list[str]
    accounts: list[str]
    running: Annotated[list[str], Meta(description="tasks that run inside it")]
    waiting: Annotated[list[str], Meta(description="jobs that wait for it, a thousand")]
    source: Annotated[str, Meta(description='"config": the operator\'s file, or "live"')]
    set_by: str
    set_at: Instant | None
    removed_by: str
    removed_at: Instant | None


class ReservationsPage(View, kw_only=True):
    """What there is: of the file, and set live, also what was over in the last 30 days."""

    schema: str = RESERVATIONS_SCHEMA
    reservations: list[ReservationView]


class ReservationAnswer(View, kw_only=True):
    """What was set or given up; *beyond*: tasks that may run on into it."""

    schema: str = "rota.reservation/1"
    reservation: ReservationView
    beyond: list[str] = []

"""What may be asked: what stands behind the question mark, and what a body carries."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from rota.wire.api.words import (
    JOBS_MAX,
    TARGETS_MAX,
    Body,
    Cursor,
    Factor,
    Index,
    Limit,
    Query,
    Target,
)

# ── queries ───────────────────────────────────────────────────────────────────────────


class JobsQuery(Query, kw_only=True):
    """Which jobs: every condition that is given must hold."""

    ids: list[Annotated[int, Meta(ge=0)]] = []
    state: list[str] = []
    user: list[str] = []
    name: Annotated[list[str], Meta(description="shell globs")] = []
    tag: list[str] = []
    queue: list[str] = []
    live: Annotated[bool, Meta(description="only what has not ended")] = False
    failed: Annotated[bool, Meta(description="failed, or with failed tasks")] = False
    since: Annotated[str, Meta(description="an instant, or how long ago: 2h")] | None = None
    there_since: (
        Annotated[str, Meta(description="live, or ended then or later; as since")] | None
    ) = None
    spec: Annotated[bool, Meta(description="with what was asked for, of your own")] = False
    limit: Limit = 100
    cursor: Cursor | None = None


class GroupsQuery(JobsQuery, kw_only=True):
    """Which jobs, and by what they are counted."""

    by: Annotated[str, Meta(pattern="^(user|state|queue|name)$")] = "user"


class TasksQuery(Query, kw_only=True):
    """Which tasks of an array."""

    state: list[str] = []
    failed: bool = False
    limit: Limit = 100
    cursor: Cursor | None = None


class HistoryQuery(Query, kw_only=True):
    """Which lines of history."""

    task: Index | None = None
    limit: Limit = 100
    cursor: Cursor | None = None


class SeriesQuery(Query, kw_only=True):
    """Which attempt: its task, and its number; the latest when not given."""

    task: Index | None = None
    attempt: Annotated[int, Meta(ge=1)] | None = None


class LogQuery(Query, kw_only=True):
    """Which bytes of which attempt."""

    task: Index | None = None
    attempt: Annotated[int, Meta(ge=1)] | None = None
    stream: Annotated[
        str, Meta(pattern="^(stdout|stderr|stages|files|file:.{1,1000})$")
    ] = "stdout"
    offset: Annotated[int, Meta(description="negative: from the end")] = 0
    limit: Annotated[int, Meta(ge=0, description="bytes at most")] | None = None
    follow: Annotated[bool, Meta(description="go on until the attempt is over")] = False


class WhyQuery(Query, kw_only=True):
    """Which task of the job."""

    task: Index | None = None


class EventsQuery(Query, kw_only=True):
    """Where the stream begins, and what it tells."""

    since: Annotated[int, Meta(ge=0, description="the last line already known")] | None = (
        None
    )
    jobs: Annotated[list[int], Meta(description="only these")] = []
    level: Annotated[str, Meta(pattern="^(task|job)$")] = "task"
    bind: Annotated[bool, Meta(description="the jobs end when this stream does")] = False


# ── bodies ────────────────────────────────────────────────────────────────────────────


class SubmitBody(Body, kw_only=True):
    """Jobs, each with the keys of a job file: all are taken or none."""

    jobs: Annotated[list[dict[str, Any]], Meta(min_length=1, max_length=JOBS_MAX)]
    defaults: dict[str, Any] = {}
    dry_run: bool = False
    explain: Annotated[bool, Meta(description="with dry_run: say why they would wait")] = (
        False
    )
    sources: list[dict[str, str]] = []


class TargetsBody(Body, kw_only=True):
    """Jobs and tasks that a verb is for: it is done to all or to none."""

    targets: Annotated[list[Target], Meta(min_length=1, max_length=TARGETS_MAX)]


class KillBody(TargetsBody, kw_only=True):
    """Whom to kill, and how patiently."""

    grace_ms: Annotated[int, Meta(ge=0, le=86_400_000)] | None = None
    wait: Annotated[bool, Meta(description="answer when they are gone")] = False
    requeue: Annotated[bool, Meta(description="what runs waits again then")] = False


class SignalBody(TargetsBody, kw_only=True):
    """Which signal to send: TERM, INT, HUP, QUIT, USR1, USR2, CONT or WINCH."""

    signal: Annotated[str, Meta(pattern="^(SIG)?(TERM|INT|HUP|QUIT|USR1|USR2|CONT|WINCH)$")]


class RerunBody(TargetsBody, kw_only=True):
    """What to open again; of an array what failed or was cancelled, or ``all`` of it.

    signature: only what failed so: a number or key that ``errors`` tells, of one job
    memory, time: so much more than the last attempt had, "x2"
    """

    all: bool = False
    signature: Annotated[str, Meta(max_length=40)] | None = None
    memory: Factor | None = None
    time: Factor | None = None


class EditBody(TargetsBody, kw_only=True):
    """What to change of a job that waits: keys of a job file."""

    set: Annotated[dict[str, Any], Meta(description="keys of a job file")]


class NodesBody(Body, kw_only=True):
    """Nodes to drain or open, why, and for how long; null: until they are opened."""

    nodes: Annotated[list[str], Meta(min_length=1, max_length=10_000)]
    why: Annotated[str, Meta(max_length=1000)] = ""
    for_s: Annotated[int, Meta(ge=1, le=31_536_000)] | None = None

"""From what the store keeps and what is true now to what the API shows.

    row of the store ──╮
    reason, flags     ─┼──▶ JobView      instants become text, milliseconds seconds
    progress, use     ─╯

The views are frozen: scripts of users hang on their names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from rota.core.account import User
from rota.core.indexes import IndexSet
from rota.core.job import JobSpec, show_name
from rota.core.plain import spec_to_plain
from rota.core.reasons import Reason
from rota.core.resources import Grant, Request
from rota.engine.mind import Mind
from rota.formats.every import next_after
from rota.server.feed import ENDED
from rota.server.live import Live, Progress
from rota.server.sight import may_read
from rota.wire import api

Row = Mapping[str, Any]

_WAITING = frozenset({"held", "queued"})


class Viewer:
    """Makes views; it knows whom to ask for what is true only now."""

    def __init__(self, *, mind: Mind, live: Live) -> None:
        self._mind, self._live = mind, live

    def job(
        self, row: Row, *, at: int, by: User, attempts: Iterable[Row] = (),
        with_spec: bool = False,
    ) -> api.JobView:  # fmt: skip
        """Return the view of a job row; *attempts* and the spec are of the detailed one.

        Shapes:
            by: who looks: what a job wrote and was asked for is not everybody's to see
        """
        spec: JobSpec = row["spec"]
        if spec.array is None:
            return self._view(row, spec=spec, task=0, at=at, by=by,
                              attempts=attempts, with_spec=with_spec)  # fmt: skip
        view = self._view(row, spec=spec, task=None, at=at, by=by, attempts=attempts,
                          with_spec=with_spec)  # fmt: skip
        counts = {str(state): n for state, n in row["counts"].items() if n}
        tasks = len(spec.array.indexes)
        view.array = api.ArrayView(
            indexes=str(spec.array.indexes),
            limit=spec.array.limit,
            tasks=tasks,
            counts=counts,
            # A range of three waits for tasks of another job, one for one.
            waiting=str(IndexSet(some[:2] for some in row["waiting"])),
        )
        view.progress = array_progress(row, counts, tasks=tasks, at=at)
        return view

    def task(
        self, job: Row, row: Row, *, at: int, by: User, attempts: Iterable[Row] = (),
        with_spec: bool = False,
    ) -> api.JobView:  # fmt: skip
        """Return the view of one task of an array: its job's, with its own fates."""
        merged = {**job, **row, "id": job["id"]}
        spec: JobSpec = job["spec"]
        return self._view(
            merged, spec=spec, task=row["task"], at=at, by=by, attempts=attempts,
            with_spec=with_spec,
        )  # fmt: skip

    def _view(
        self, row: Row, *, spec: JobSpec, task: int | None, at: int, by: User,
        attempts: Iterable[Row], with_spec: bool = False,
    ) -> api.JobView:  # fmt: skip
        reads = may_read(self._mind.memory.rules, by, row)
        number, state = row["id"], str(row["state"])
        index = None if spec.array is None else task
        is_over = state in ENDED
        why = self._reason(row, state=state, index=index, at=at)
        progress = None
        if task is not None and not is_over:
            progress = self._live.progress_of(number, task)
        return api.JobView(
            id=number,
            task=index,
            name=show_name(spec),
            user=row["user"],
            account=spec.account,
            queue=spec.queue,
            state=state,
            phase=self._phase(row, state=state, task=task),
            reason=reason_view(why, with_output=reads),
            priority=spec.priority,
            request=request_view(spec.request),
            nodes=grant_views(
                row.get("grants") or () if not is_over or task is not None else ()
            ),
            attempt=row.get("attempt") or 0,
            attempts=[attempt_view(a, spec=spec, with_output=reads) for a in attempts],
            exit_code=row.get("exit_code"),
            signal=row.get("signal"),
            submitted_at=show_instant(row["submitted_at"]),
            started_at=instant(row.get("started_at")),
            ended_at=instant(row.get("ended_at")),
            progress=progress_view(progress, since=row.get("started_at"), at=at),
            usage=self._usage(row, task=task, is_over=is_over),
            array=None,
            tags=list(spec.tags),
            flags=[] if is_over else self._flags(number, task),
            key=spec.key,
            after=[str(a) for a in spec.after],
            info=spec.info,
            restartable=spec.restartable,
            begin_at=instant(spec.begin_at),
            spec=public_spec(spec) if with_spec and reads else None,
            deadline_at=instant(spec.deadline_at),
            every=spec.every,
            next_at=instant(None if is_over else next_run(row, at)),
        )

    def _flags(self, number: int, task: int | None) -> list[str]:
        idle = task is not None and self._live.is_idle(number, task)
        return [*self._mind.flags_of(number, task), *(["idle"] if idle else [])]

    def _phase(self, row: Row, *, state: str, task: int | None) -> str | None:
        """Return the stage it is in: its inputs may come while it is only placed."""
        if state not in ("placed", "running"):
            return None
        told = None
        if task is not None:
            told = self._live.phase_of(row["id"], task, n=row.get("attempt") or 0)
        return told or ("executing" if state == "running" else None)

    def _reason(self, row: Row, *, state: str, index: int | None, at: int) -> Reason | None:
        why: Reason | None = row.get("reason")
        if state in _WAITING:
            why = self._mind.reason_of(row["id"], index) or why
        if why is not None and why.code == "every" and (next_at := next_run(row, at)):
            return why._replace(text=f"{why.text}; next {show_instant(next_at)}")
        return why

    def _usage(self, row: Row, *, task: int | None, is_over: bool) -> dict[str, Any]:
        if not is_over and task is not None:
            used = self._live.use_of(row["id"], task)
            if used is not None:
                return {**used, "at": show_instant(used["at"])}
        return dict(row.get("usage") or {})


def next_run(row: Row, at: int) -> int | None:
    """Return when the template in *row* makes its next job; None: it is none."""
    spec: JobSpec = row["spec"]
    if spec.every is None:
        return None
    anchor = max(row["submitted_at"], spec.begin_at or 0)
    return next_after(spec.every, at, anchor=anchor)


def array_progress(
    row: Row, counts: Mapping[str, int], *, tasks: int, at: int
) -> api.ProgressView:
    """Return how many tasks have ended, and when the rest may have, at this pace."""
    ended = sum(n for state, n in counts.items() if state in ENDED)
    eta_s = None
    started = row.get("started_at")
    if ended and ended < tasks and started is not None and not row.get("ended_at"):
        eta_s = max(0, at - started) / 1000.0 / ended * (tasks - ended)
    return api.ProgressView(
        done=ended, total=tasks, percent=_percent(ended, tasks), eta_s=eta_s, text=""
    )


def progress_view(
    progress: Progress | None, *, since: int | None, at: int
) -> api.ProgressView | None:
    """Return how far an attempt is, and when it may end at the pace so far."""
    if progress is None:
        return None
    done, total = progress.done, progress.total
    eta_s = None
    if total and 0 < done < total and since is not None:
        pace = (progress.at - since) / done
        eta_s = max(0.0, pace * (total - done) - (at - progress.at)) / 1000.0
    return api.ProgressView(
        done=done,
        total=total,
        percent=_percent(done, total),
        eta_s=eta_s,
        text=progress.text,
    )


def attempt_view(row: Row, *, spec: JobSpec, with_output: bool) -> api.AttemptView:
    """Return the view of an attempt row."""
    return api.AttemptView(
        n=row["n"],
        node=row["node"],
        placed_at=instant(row.get("placed_at")),
        started_at=instant(row["started_at"]),
        ended_at=instant(row["ended_at"]),
        exit_code=row["exit_code"],
        signal=row["signal"],
        reason=reason_view(row["reason"], with_output=with_output),
        usage=dict(row.get("usage") or {}),
        task=row["task"] if spec.array is not None else None,
    )


def history_view(row: Row, *, with_output: bool) -> api.HistoryLine:
    """Return the view of a line of history."""
    return api.HistoryLine(
        seq=row["seq"],
        at=show_instant(row["at"]),
        job=row["job"],
        task=row["task"],
        attempt=row["attempt"],
        move=str(row["move"]),
        before=None if row["before"] is None else str(row["before"]),
        after=str(row["after"]),
        reason=reason_view(row["reason"], with_output=with_output),
        source=row["source"],
    )


def request_view(request: Request) -> api.RequestView:
    """Return what one task needs."""
    return api.RequestView(
        cores=request.cores,
        memory=request.memory,
        gpus=request.gpus,
        resources=dict(request.resources),
        licences=dict(request.licences),
        time=None if request.time_ms is None else request.time_ms / 1000.0,
        mode=str(request.mode),
        n=request.n,
        threads=request.threads,
        host=request.host,
        group=list(request.group),
        not_group=list(request.not_group),
        require=list(request.require),
        min_cores=request.min_cores,
        min_memory=request.min_memory,
        exclusive=request.exclusive,
        pool=request.pool,
    )


def public_spec(spec: JobSpec) -> dict[str, Any]:
    """Return what was asked for, without the environment: secrets live there (G31)."""
    plain = spec_to_plain(spec)
    plain.pop("env", None)
    if spec.array is not None and len(spec.array.indexes) > 1000:
        plain["array"] = {"indexes": str(spec.array.indexes), "limit": spec.array.limit}
    return plain


def reason_view(
    reason: Reason | None, *, with_output: bool = True
) -> api.ReasonView | None:
    """Return the view of a reason; without output its evidence has no words of the job."""
    if reason is None:
        return None
    facts = dict(reason.evidence)
    if not with_output:
        facts.pop("said", None)
    return api.ReasonView(code=reason.code, text=reason.text, evidence=facts or None)


def grant_views(grants: Sequence[Grant]) -> list[api.GrantView]:
    """Return what an attempt holds, node by node."""
    return [
        api.GrantView(host=g.node, cores=list(g.cores), gpus=list(g.gpus)) for g in grants
    ]


def show_instant(at: int) -> str:
    """Return *at*, milliseconds since the epoch, as ISO-8601 in UTC."""
    seconds, millis = divmod(at, 1000)
    shown = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{shown}.{millis:03d}Z"


def instant(at: int | None) -> str | None:
    """Return *at* as ISO-8601, or None."""
    return None if at is None else show_instant(at)


def _percent(done: float, total: float | None) -> float | None:
    return round(100.0 * done / total, 2) if total else None

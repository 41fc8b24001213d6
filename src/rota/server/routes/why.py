"""Why a job waits: one sentence, and everything there is to know about the wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rota.core.account import User
from rota.core.job import JobSpec, task_name
from rota.engine.explain import Why, judged, why
from rota.sched.explain import Answer
from rota.server.feed import ENDED
from rota.server.parts import Parts
from rota.server.route import Call
from rota.server.routes.chain import chain_view
from rota.server.routes.listing import job_row, task_row
from rota.server.sight import sees_all
from rota.server.views import instant, reason_view
from rota.wire import api

JUDGED_MAX = 10
"""So many jobs of one dry run are explained: each costs some dozens of rounds."""


async def why_job(parts: Parts, call: Call) -> api.WhyView:
    """Say why a job waits and what would help, or how it ended."""
    asked: api.WhyQuery = call.query
    row = await job_row(parts, call.path["id"], user=call.user)
    at = parts.clock.now()
    view = parts.viewer.job(row, at=at, by=call.user)
    if asked.task is not None and row["spec"].array is not None:
        task = await task_row(parts, row, task=asked.task)
        view = parts.viewer.task(row, task, at=at, by=call.user)
    name = task_name(view.id, view.task)
    text = view.reason.text if view.reason else _without_reason(view.state)
    waits = links = None
    if view.state not in ENDED:
        links = await chain_view(parts, call.user, job=view.id, task=view.task)
        memory = parts.mind.memory
        waits = await parts.aside.ask(
            memory,
            lambda: _waits_view(why(memory, view.id, view.task, at=at)),
            answer=api.WaitsView | None,
        )
        if waits is not None and not sees_all(parts.mind.memory.rules, call.user):
            waits.ahead.first = []
    return api.WhyView(
        id=view.id,
        task=view.task,
        state=view.state,
        reason=view.reason,
        text=f"job {name} is {view.state}: {text}",
        waits=waits,
        chain=links,
    )


async def judge_waits(
    parts: Parts, user: User, specs: Sequence[JobSpec], *, ended: Mapping[int, str]
) -> list[api.WaitsView | None]:
    """Return why each of the first few *specs* would wait if *user* submitted it now."""
    at, memory = parts.clock.now(), parts.mind.memory
    return await parts.aside.ask(
        memory,
        lambda: [
            _waits_view(judged(memory, user, spec, ended=ended, at=at))
            for spec in specs[:JUDGED_MAX]
        ],
        answer=list[api.WaitsView | None],
    )


def _waits_view(found: Why) -> api.WaitsView | None:
    answer = found.answer
    if answer is None:
        return None
    reasons = [view for one in found.reasons if (view := reason_view(one)) is not None]
    return api.WaitsView(
        reasons=reasons,
        starts=answer.starts and not reasons,
        classes=_classes(answer),
        ahead=api.AheadView(jobs=answer.ahead.jobs, first=list(answer.ahead.first)),
        start=api.StartView(
            earliest=instant(answer.expected.earliest),
            latest=instant(answer.expected.latest),
            unknown=answer.expected.unknown,
        ),
        edits=[api.LetsStartView(set=edit.set, text=edit.text) for edit in answer.edits],
    )


def _classes(answer: Answer) -> list[api.NodeClassView]:
    return [
        api.NodeClassView(
            nodes=row.nodes,
            names=list(row.names),
            offers=row.offers,
            missing=list(row.missing),
        )
        for row in answer.classes
    ]


def _without_reason(state: str) -> str:
    if state == "queued":
        return "it is next; the coming round will place it"
    if state in ENDED:
        return "it has ended"
    return "it has what it needs"

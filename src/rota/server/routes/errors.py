"""The failed tasks of a job, grouped by kind.

    tasks that failed ──▶ signature of each ──▶ groups: count, tasks, nodes, the first one

Only what is in the store is looked at: the last words of a failure came with its report, so
that no node need be asked, nor be there any more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from typing import Any

from rota.core.errors import Complaint, Malformed
from rota.core.indexes import IndexSet
from rota.core.signature import Signature, signature_of
from rota.server.parts import Parts
from rota.server.route import Call
from rota.server.routes.listing import job_row
from rota.server.sight import check_read
from rota.server.views import show_instant
from rota.wire import api

PAGE = 1_000


class Group:
    """Failures of one signature; *first* is the row of the one that ended first."""

    def __init__(self, signature: Signature, row: Mapping[str, Any]) -> None:
        self.signature = signature
        self.first = row
        self.tasks = IndexSet([])
        self.nodes: Counter[str] = Counter()

    def add(self, row: Mapping[str, Any]) -> None:
        self.tasks.add_range(row["task"], row["task"])
        self.nodes[row["node"] or "no node"] += 1
        if _ended(row) < _ended(self.first):
            self.first = row


async def list_errors(parts: Parts, call: Call) -> api.ErrorsView:
    """Group the failed tasks of a job by what they have in common."""
    job = await job_row(parts, call.path["id"], user=call.user)
    check_read(parts.mind.memory.rules, call.user, job, what="output")
    groups = await groups_of(parts, job["id"])
    is_array = job["spec"].array is not None
    shown = [
        _shown(group, number, is_array=is_array)
        for number, group in enumerate(groups, start=1)
    ]
    shown.sort(key=lambda group: (-group.count, group.number))
    return api.ErrorsView(
        id=job["id"], failed=sum(group.count for group in shown), groups=shown
    )


async def tasks_of_kind(parts: Parts, job: int, wanted: str) -> IndexSet:
    """Return the failed tasks of *job* whose kind has the number or signature *wanted*.

    Raises:
        Malformed: there is no such kind; it says which there are.
    """
    groups = await groups_of(parts, job)
    for number, group in enumerate(groups, start=1):
        if wanted in (str(number), group.signature.key):
            return group.tasks
    known = ", ".join(str(number) for number in range(1, len(groups) + 1))
    there = f"it has {known}; rota errors {job} shows them" if known else "nothing failed"
    problem = f"job {job} has no kind of failure {wanted[:40]!r}"
    raise Malformed(complaints=[Complaint("signature", problem, there)])


async def groups_of(parts: Parts, job: int) -> list[Group]:
    """Return the groups, the kind that was seen first first."""
    groups: dict[str, Group] = {}
    async for row in _failed(parts, job):
        found = signature_of(row["reason"], exit_code=row["exit_code"])
        group = groups.setdefault(found.key, Group(found, row))
        group.add(row)
    return sorted(groups.values(), key=lambda group: _ended(group.first))


async def _failed(parts: Parts, job: int) -> AsyncIterator[Mapping[str, Any]]:
    after = -1
    while True:
        rows = await parts.read(
            parts.store.tasks, job, states=["failed"], after=after, limit=PAGE
        )
        for row in rows:
            yield row
        if len(rows) < PAGE:
            return
        after = rows[-1]["task"]


def _ended(row: Mapping[str, Any]) -> tuple[int, int]:
    return row["ended_at"] or 0, row["task"]


def _shown(group: Group, number: int, *, is_array: bool) -> api.ErrorGroup:
    first, why = group.first, group.first["reason"]
    return api.ErrorGroup(
        number=number,
        signature=group.signature.key,
        code=group.signature.code,
        text=group.signature.text,
        count=len(group.tasks),
        tasks=str(group.tasks),
        nodes=dict(group.nodes.most_common()),
        first=api.FirstFailure(
            task=first["task"] if is_array else None,
            attempt=first["attempt"],
            node=first["node"],
            at=None if first["ended_at"] is None else show_instant(first["ended_at"]),
            exit_code=first["exit_code"],
            signal=first["signal"],
            text=why.text if why else "",
            said=str(why.evidence.get("said") or "") if why else "",
        ),
    )

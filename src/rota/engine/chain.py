"""Who waits for whom: from a job that waits down to what its wait comes from.

    9 ──ok──→ 7 ──ok──→ 5 ──any──→ 2 runs          depth 1, 2, 3: the way down comes first,
      └─ok──→ 8 runs                               then what else each of them waits for

What is reached twice is followed once.  Width and length are bounded: ``Link.more`` says
how many are not told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from rota.core.job import show_name
from rota.engine.gate import WORDS
from rota.engine.live import Job
from rota.engine.state import Memory

WIDTH_MAX = 3
"""So many of those that one job waits for are told."""

LINKS_MAX = 100
"""So many links are told in all."""


@dataclass(frozen=True, slots=True)
class Link:
    """One that is waited for, by whoever stands above it with a depth less by one.

    Args:
        depth:  1: the job that was asked about waits for it
        task:   of an array waited for task by task; None: all of it
        wanted: what it must do: "to succeed"
        state:  where it is; "": it ended, the working memory knows no more of it
        reason: why that job is held; "": it is not
        more:   how many others it waits for that are not told
    """

    depth: int
    job: int
    task: int | None
    wanted: str
    name: str = ""
    state: str = ""
    reason: str = ""
    more: int = 0


@dataclass(frozen=True, slots=True)
class Chain:
    """All links, each right below what waits for it; *more*: others not told at the top."""

    links: tuple[Link, ...] = ()
    more: int = 0


def chain(memory: Memory, job_id: int, index: int | None) -> Chain:
    """Return what live job *job_id*, or a task of it, waits for, and these in turn."""
    job = memory.jobs.get(job_id)
    if job is None:
        return Chain()
    first, over = _below(job, index, depth=1)
    links: list[Link] = []
    seen: set[tuple[int, int | None]] = set()
    stack = first[::-1]
    while stack and len(links) < LINKS_MAX:
        link = _known(memory, stack.pop())
        below: list[Link] = []
        other = memory.jobs.get(link.job)
        if other is not None and (link.job, link.task) not in seen:
            below, more = _below(other, link.task, depth=link.depth + 1)
            link = replace(link, more=more)
        seen.add((link.job, link.task))
        stack += below[::-1]
        links.append(link)
    return _cut(links, stack, over)


def _cut(links: list[Link], left: list[Link], more: int) -> Chain:
    """Say of what was not followed, for lack of room, whose it is."""
    owners = {0: -1}
    for place, link in enumerate(links):
        owners[link.depth] = place
    for link in left:
        place = owners[link.depth - 1]
        if place < 0:
            more += 1
        else:
            links[place] = replace(links[place], more=links[place].more + 1)
    return Chain(tuple(links), more)


def _below(job: Job, index: int | None, *, depth: int) -> tuple[list[Link], int]:
    """Return the first few that *job* waits for, and how many others there are."""
    pairs = [
        pair for pair in job.pairs
        if (index in pair.left if index is not None else pair.left)
    ]  # fmt: skip
    total = len(job.deps_failed) + len(job.deps_left) + len(pairs)
    first = list(islice(_all_below(job, index, depth=depth), WIDTH_MAX))
    return first, total - len(first)


def _all_below(job: Job, index: int | None, *, depth: int) -> Iterator[Link]:
    """Yield what failed first: nothing else has to be waited for."""
    asked = {after.job: after.kind for after in islice(job.spec.after, LINKS_MAX)}
    for id, state in job.deps_failed.items():
        yield Link(depth, id, None, WORDS[asked.get(id, "ok")], state=state)
    for id, kinds in job.deps_left.items():
        yield Link(depth, id, None, " and ".join(WORDS[kind] for kind in kinds))
    for pair in job.pairs:
        if index in pair.left if index is not None else pair.left:
            yield Link(depth, pair.after.job, index, WORDS[pair.after.kind])


def _known(memory: Memory, link: Link) -> Link:
    """Return *link* with what is known of its job now."""
    job = memory.jobs.get(link.job)
    if job is None:
        return link
    state = str(memory.state_of(job)) if link.task is None else _state(job, link.task)
    reason = job.reason.text if job.reason is not None else ""
    return replace(link, name=show_name(job.spec), state=link.state or state, reason=reason)


def _state(job: Job, index: int) -> str:
    if index in job.blocked:
        return "held"
    if index in job.waiting:
        return str(job.gate)
    task = job.tasks.get(index)
    if task is not None:
        return str(task.state)
    return next((str(state) for state, some in job.ends.items() if index in some), "")

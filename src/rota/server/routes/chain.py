"""Who waits for whom, as it is answered: the links of the engine, ends from the store."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace

from rota.core.account import User
from rota.core.indexes import IndexSet
from rota.engine.chain import LINKS_MAX, Link, chain
from rota.engine.records import TaskEnds
from rota.server.parts import Parts
from rota.server.sight import Sight
from rota.wire import api

UNKNOWN = "unknown"
"""The state of what one may not see, or what was cleaned away."""


async def chain_view(
    parts: Parts, user: User, *, job: int, task: int | None = None
) -> api.ChainView | None:
    """Return what *job*, or a task of it, waits for, and these in turn; None: for none.

    Of a job that *user* does not see there is its number alone, and nothing below it.
    """
    found = chain(parts.mind.memory, job, task)
    if not found.links:
        return None
    listed, _ = await Sight(parts, user).of(link.job for link in found.links)
    links = await _ended(parts, _shown(found.links, listed))
    return api.ChainView(
        links=[api.LinkView(**asdict(link)) for link in links], more=found.more
    )


def _shown(links: Iterable[Link], listed: frozenset[int]) -> list[Link]:
    """Return *links* as one who sees only the jobs *listed* may have them."""
    told: list[Link] = []
    depth = LINKS_MAX
    for link in links:
        if link.depth > depth:
            continue
        depth = LINKS_MAX
        if link.job not in listed:
            depth = link.depth
            link = Link(link.depth, link.job, link.task, link.wanted, state=UNKNOWN)
        told.append(link)
    return told


async def _ended(parts: Parts, links: list[Link]) -> list[Link]:
    """Say of those that the mind knows no more how they ended."""
    gone = {link.job for link in links if not link.state}
    if not gone:
        return links
    states = await parts.read(parts.store.ended, sorted(gone))
    each = {link.job for link in links if not link.state and link.task is not None}
    ends = await parts.read(parts.store.task_ends, sorted(each)) if each else {}
    told = []
    for link in links:
        if not link.state and link.task is None:
            link = replace(link, state=states.get(link.job, UNKNOWN))
        elif not link.state:
            link = replace(link, state=_fate(ends.get(link.job), link.task))
        told.append(link)
    return told


def _fate(ends: TaskEnds | None, index: int | None) -> str:
    if ends is None or index is None:
        return UNKNOWN
    found = (how for how, some in ends.ends.items() if index in IndexSet(some))
    return next(found, UNKNOWN)

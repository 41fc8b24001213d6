"""Users and accounts: shares, usage, the factor that comes of it, and their limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from rota.engine.events import LimitAsked
from rota.formats.limits import read_limit
from rota.sched.rules import show_limit
from rota.sched.shares import Standing
from rota.server.loop import log
from rota.server.parts import Parts
from rota.server.route import Call
from rota.server.sight import seen_users
from rota.wire import api


async def list_accounts(parts: Parts, call: Call) -> api.AccountsPage:
    """List the accounts: shares, usage, factor, what they hold, limits."""
    memory, at = parts.mind.memory, parts.clock.now()
    held = _held(parts)
    rows = memory.rules.tree.standings(memory.tally.used(at))
    return api.AccountsPage(
        accounts=[_view(parts, row, held=_below(parts, row, held)) for row in rows]
    )


async def list_users(parts: Parts, call: Call) -> api.UsersPage:
    """List the users by account: shares, usage, factor, what they hold, limits."""
    memory, at = parts.mind.memory, parts.clock.now()
    held = _held(parts)
    rows = memory.rules.tree.leaves(memory.tally.used(at))
    views = [
        _view(parts, row, held=[held.get((row.account, row.name), Counter())], kind="user")
        for row in rows
        if seen_users(memory.rules, call.user, [row.name])
    ]
    return api.UsersPage(users=sorted(views, key=lambda view: (view.name, view.account)))


async def set_limit(parts: Parts, call: Call) -> api.LimitsView:
    """Set limits live, or remove what was set; the operator's file stays as it is."""
    body: api.LimitBody = call.body
    said = None if body.set is None else read_limit(body.set, kind=body.kind)
    await parts.loop.ask(
        lambda ticket: LimitAsked(
            parts.clock.now(), call.user, body.kind, body.name, said, ticket
        )
    )
    did = "removed" if said is None else f"set {said}"
    log.info("%s %s the limits of %s %s", call.user.name, did, body.kind, body.name)
    return api.LimitsView(
        kind=body.kind, name=body.name, limits=_limits(parts, body.kind, body.name)
    )


def _held(parts: Parts) -> dict[tuple[str, str], Counter[str]]:
    """Return {(account, user): tasks and cores held now}."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for alloc in parts.mind.memory.allocs.values():
        user = alloc.job.user.name
        account = "" if alloc.job.account == user else alloc.job.account
        held = found.setdefault((account, user), Counter())
        held["running"] += 1
        held["cores"] += alloc.cores
    return found


def _below(
    parts: Parts, row: Standing, held: dict[tuple[str, str], Counter[str]]
) -> list[Counter[str]]:
    names = parts.mind.memory.rules.tree.within(row.name)
    return [count for (account, _), count in held.items() if account in names]


def _view(
    parts: Parts, row: Standing, *, held: Iterable[Counter[str]], kind: str = "account"
) -> api.StandingView:
    total: Counter[str] = sum(held, Counter())
    return api.StandingView(
        name=row.name,
        account=row.account,
        shares=row.shares,
        entitled=row.entitled,
        used_core_s=row.used / 1000.0,
        effective=row.effective,
        factor=row.factor,
        running=total["running"],
        cores=total["cores"],
        limits=_limits(parts, kind, row.name),
    )


def _limits(parts: Parts, kind: str, name: str) -> list[dict[str, Any]]:
    limits = parts.mind.memory.rules.limits
    return [show_limit(limit) for limit in limits if limit.binds(kind, name)]

"""Pools: what there is, how it stands, what is asked; scripts and logs of launches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rota.core.errors import Malformed, Missing
from rota.core.pool import Pool, pool_of
from rota.core.units import show_size
from rota.engine.events import PoolAsked
from rota.engine.pilots import Pilot, PoolState
from rota.engine.pools import is_busy, is_up
from rota.formats.pools import POOL_NAME, merged_pool, read_pool
from rota.server.parts import Parts
from rota.server.route import Call
from rota.server.views import instant, reason_view
from rota.wire import api


async def list_pools(parts: Parts, call: Call) -> api.PoolsPage:
    """List the pools, their pilots, and what keeps them from starting more."""
    pools = parts.mind.memory.pools
    return api.PoolsPage(pools=[_view(parts, pools[name]) for name in sorted(pools)])


async def add_pool(parts: Parts, call: Call) -> api.PoolAsked:
    """Add a pool: from now on pilots are started where it helps what waits."""
    body: api.PoolBody = call.body
    return await _ask(parts, call, verb="add", pool=_described(parts, body))


async def set_pool(parts: Parts, call: Call) -> api.PoolAsked:
    """Change some keys of a pool; pilots that are there stay as they are."""
    body: api.PoolBody = call.body
    return await _ask(parts, call, verb="set", pool=_described(parts, body))


async def remove_pool(parts: Parts, call: Call) -> api.PoolAsked:
    """Remove a pool: its pilots are cancelled, what ran there is tried again."""
    return await _ask(parts, call, verb="remove")


async def drain_pool(parts: Parts, call: Call) -> api.PoolAsked:
    """Drain a pool: nothing new is started, pilots go when they have nothing to do."""
    return await _ask(parts, call, verb="drain")


async def undrain_pool(parts: Parts, call: Call) -> api.PoolAsked:
    """Open a drained pool again."""
    return await _ask(parts, call, verb="undrain")


async def show_script(parts: Parts, call: Call) -> api.PoolScript:
    """Show the exact script and command of a pool's next pilot; nothing is started."""
    body: api.PoolBody = call.body
    pool = _described(parts, body)
    script, command = await parts.pools.script(pool)
    return api.PoolScript(script=_without_secrets(script), command=command)


async def show_pool_log(parts: Parts, call: Call) -> api.PoolLog:
    """Show the commands that were run for a pool, or what one of its pilots wrote."""
    asked: api.PoolLogQuery = call.query
    _needed(parts, asked.name)
    if asked.pilot is None:
        lines = await parts.read(parts.pools.lines, asked.name)
        return api.PoolLog(lines=[{**line, "at": instant(line["at"])} for line in lines])
    text = await parts.read(parts.pools.said_by, asked.name, asked.pilot)
    return api.PoolLog(lines=[], text=text)


def _described(parts: Parts, body: api.PoolBody) -> Pool:
    """Return the pool that *body* describes, with what is in force where it is silent."""
    state = parts.mind.memory.pools.get(body.name)
    if not POOL_NAME.fits(body.name):
        raise Malformed(f"{body.name!r} is not {POOL_NAME.says}")
    if state is None:
        return pool_of(body.name, read_pool(body.set))
    return pool_of(body.name, merged_pool(state.pool.said, body.set))


def _needed(parts: Parts, name: str) -> PoolState:
    pools = parts.mind.memory.pools
    if name not in pools:
        known = ", ".join(sorted(pools)) or "none"
        raise Missing(f"there is no pool {name}; pools are: {known}")
    return pools[name]


async def _ask(
    parts: Parts, call: Call, *, verb: str, pool: Pool | None = None
) -> api.PoolAsked:
    name = call.body.name
    if verb == "set":
        _needed(parts, name)
    told = await parts.loop.ask(
        lambda ticket: PoolAsked(parts.clock.now(), call.user, verb, name, pool, ticket)
    )
    return api.PoolAsked(pool=told["pool"], verb=told["verb"])


def _without_secrets(script: str) -> str:
    """Return *script* with the token it would carry left out: it is for eyes (G31)."""
    if "END_OF_TOKEN" not in script:
        return script
    head, _, rest = script.partition("<<'END_OF_TOKEN'\n")
    _, _, tail = rest.partition("\nEND_OF_TOKEN")
    return f"{head}<<'END_OF_TOKEN'\n(the agents' token)\nEND_OF_TOKEN{tail}"


def _view(parts: Parts, state: PoolState) -> api.PoolView:
    pool, memory = state.pool, parts.mind.memory
    doing = "removing" if state.removed else "drained" if pool.drained else "open"
    return api.PoolView(
        name=pool.name,
        kind=pool.kind,
        state=doing,
        source=state.source or "added",
        min=pool.least,
        max=pool.most,
        up=is_up(memory, state),
        starting=state.starting,
        busy=sum(is_busy(memory, state, p) for p in state.pilots.values()),
        reason=reason_view(state.why_not(parts.clock.now()) or state.deaf),
        keys=shown_keys(pool.said),
        pilots=[_pilot(memory, state, p) for p in (*state.recent, *state.pilots.values())],
    )


def _pilot(memory: Any, state: PoolState, pilot: Pilot) -> api.PilotView:
    return api.PilotView(
        n=pilot.n,
        id=pilot.id,
        state=pilot.state,
        word=pilot.word,
        nodes=[name for name in state.nodes(pilot.n) if name in memory.nodes],
        asked_at=instant(pilot.asked_at),
        up_at=instant(pilot.up_at),
        ends_at=instant(pilot.ends_at),
        ended_at=instant(pilot.ended_at),
    )


def shown_keys(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of a pool as people see them: durations in seconds, sizes as text."""
    shown: dict[str, Any] = {}
    for key, value in said.items():
        if key in ("time", "idle", "poll"):
            shown[f"{key}_s"] = value / 1000
        elif key == "memory":
            shown[key] = show_size(value)
        else:
            shown[key] = list(value) if isinstance(value, tuple) else value
    return shown

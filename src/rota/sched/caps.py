"""Limits that were set live, and what is in force with them.

    config.yaml   limits: [{user: "*", cores: 100}, …]      the operator's truth
         ╰─ an administrator's override: ann 200             replaces it for ann, key by key
              ╰─ ann's own: 50                               only ever tightens

An override that is removed leaves what the file says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rota.sched.limits import MINUTE_MS, Limit

FIELDS = (
    "jobs", "cores", "memory", "gpus", "licences", "starts_per_minute", "queued", "blocks",
    "block_time",
)  # fmt: skip
_HELD_AS = {"starts_per_minute": "starts", "block_time": "block_time_ms"}
"""{key: what a Limit calls it}, where it calls it otherwise."""


@dataclass(frozen=True, slots=True)
class Cap:
    """What somebody set live for a user, an account or a queue.

    Shapes:
        name: or "*": each
        said: {key of FIELDS: value; None: as much as anybody likes}
        own:  who it is for set it; it tightens what there is, and replaces nothing
    """

    kind: str
    name: str
    set_by: str
    at: int
    own: bool = False
    said: Mapping[str, Any] = field(default_factory=dict)


def limit_of(kind: str, name: str, said: Mapping[str, Any], **more: Any) -> Limit:
    """Return the limit that *said*, {key of FIELDS: value}, stands for."""
    rate = said.get("starts_per_minute")
    return Limit(
        kind,
        name,
        jobs=said.get("jobs"),
        cores=said.get("cores"),
        memory=said.get("memory"),
        gpus=said.get("gpus"),
        licences=tuple(sorted((said.get("licences") or {}).items())),
        starts=None if rate is None else (rate, MINUTE_MS),
        queued=said.get("queued"),
        blocks=said.get("blocks"),
        block_time_ms=said.get("block_time"),
        **more,
    )


def in_force(limits: Sequence[Limit], caps: Iterable[Cap]) -> tuple[Limit, ...]:
    """Return what bounds people: *limits* of the file, with *caps* put over them."""
    caps = list(caps)
    over = [cap for cap in caps if not cap.own]
    found = [part for limit in limits for part in _under(limit, over)]
    for cap in over:
        here = [c for c in over if c.name != "*"] if cap.name == "*" else []
        limit = limit_of(cap.kind, cap.name, cap.said, set_by=cap.set_by, live=True)
        found.extend(_under(limit, here))
    found.extend(
        limit_of(cap.kind, cap.name, cap.said, set_by=cap.set_by, live=True)
        for cap in caps if cap.own
    )  # fmt: skip
    return tuple(limit for limit in found if says_anything(limit))


def _under(limit: Limit, caps: Iterable[Cap]) -> Iterator[Limit]:
    """Yield what *caps* leave of *limit*: of all, and of those whom they do not name."""
    for cap in caps:
        if cap.kind != limit.kind:
            continue
        rest, taken = _split(limit, cap.said)
        if cap.name == limit.name:
            limit = rest
        elif limit.name == "*" and says_anything(taken):
            yield from _under(
                replace(taken, but_not=taken.but_not | {cap.name}),
                [c for c in caps if c is not cap],
            )
            limit = rest
    yield limit


def _split(limit: Limit, said: Mapping[str, Any]) -> tuple[Limit, Limit]:
    """Return *limit* without the keys of *said*, and with those alone."""
    names = {_HELD_AS.get(key, key) for key in said}
    every = [_HELD_AS.get(key, key) for key in FIELDS]
    nothing: dict[str, Any] = {**dict.fromkeys(every), "licences": ()}
    without = {name: nothing[name] for name in every if name in names}
    alone = {name: nothing[name] for name in every if name not in names}
    return replace(limit, **without), replace(limit, **alone)


def says_anything(limit: Limit) -> bool:
    """Whether *limit* bounds anything at all."""
    return bool(limit.licences) or any(
        value is not None
        for value in (
            limit.jobs, limit.cores, limit.memory, limit.gpus, limit.starts, limit.queued,
            limit.blocks, limit.block_time_ms,
        )
    )  # fmt: skip


def looser(limits: Iterable[Limit], cap: Cap) -> Iterator[tuple[str, Limit]]:
    """Yield (key, the limit in force) where what *cap* says would bound nothing more."""
    wanted = limit_of(cap.kind, cap.name, cap.said)
    for limit in limits:
        if not limit.binds(cap.kind, cap.name):
            continue
        for key in FIELDS:
            if key in ("licences", "starts_per_minute"):
                continue
            held = _HELD_AS.get(key, key)
            most, asked = getattr(limit, held), getattr(wanted, held)
            if most is not None and asked is not None and asked > most:
                yield key, limit
        if limit.starts and wanted.starts and wanted.starts[0] > limit.starts[0]:
            yield "starts_per_minute", limit
        given = dict(limit.licences)
        for name, asked in wanted.licences:
            if asked > given.get(name, asked):
                yield f"licence {name}", limit

"""What ``rota spread`` and the server say to each other, and how its ranks are numbered.

    spread ── GET /api/v1/spread, Upgrade: websocket, Authorization: Bearer TOKEN ──▶ server
           ── begin [ranks] ──▶ ◀── placed, wrote, ended ──     signal ──▶
           ── begin again ────▶      after a line that was lost: go on from there

A rank on a node other than the first is to that node's agent an attempt as any other, but
of the job STEPS + the number of the job it belongs to: the mind of the server never hears
of it.  Its task is its id, so that no agent starts it twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from rota.wire.kinds import (
    FLAG,
    INTEGER,
    TEXT,
    TEXT_BY_NAME,
    TEXTS,
    WHOLE,
    WORD,
    Kind,
    or_none,
)

PATH = "/api/v1/spread"

STEPS = 1 << 50
"""Above all numbers of jobs; a double of JavaScript still holds it."""

IDS_FROM = 1 << 40
"""Ids of ranks are above all numbers of allocations, and below STEPS."""

_Row = tuple[Mapping[str, Kind], Mapping[str, Kind]]


def is_step(job: int) -> bool:
    """Is *job*, as an agent names it, a rank that ``rota spread`` started?"""
    return job >= STEPS


def _ranks(value: Any) -> bool:
    return type(value) is list and all(
        type(row) is list
        and len(row) == 7
        and WORD.holds(row[1])
        and TEXT_BY_NAME.holds(row[3])
        and FLAG.holds(row[4])
        and all(map(WHOLE.holds, (row[0], row[2], *row[5:])))
        for row in value
    )


RANKS = Kind(
    "a list of [rank, node, id, {variable: value}, is placed, bytes heard of stdout, …]",
    _ranks,
)

FROM_SPREAD: Mapping[str, _Row] = {
    "begin": (
        {"ranks": RANKS, "argv": TEXTS, "env": TEXT_BY_NAME},
        {"cwd": or_none(TEXT)},
    ),
    "signal": ({"signal": WORD}, {}),
}
"""What the server reads."""

TO_SPREAD: Mapping[str, _Row] = {
    "placed": ({"rank": WHOLE}, {}),
    "wrote": ({"rank": WHOLE, "err": FLAG, "b64": TEXT}, {}),
    "ended": (
        {"rank": WHOLE},
        {"exit": or_none(INTEGER), "sig": or_none(WHOLE), "why": TEXT},
    ),
    "refused": ({"why": TEXT}, {}),
}
"""What ``rota spread`` reads; exit and sig null: it never ran, *why* says it."""


class RankAsked(NamedTuple):
    """A rank that ``rota spread`` waits for.

    Shapes:
        id:        drawn by chance: asked for twice, it is started once
        env:       variables that only this rank has
        is_placed: the server has said once that it is ordered
        out, err:  bytes of its output that were heard: more is told from there
    """

    rank: int
    node: str
    id: int
    env: Mapping[str, str]
    is_placed: bool
    out: int
    err: int


def begin(
    ranks: Sequence[RankAsked], *, argv: Sequence[str], env: Mapping[str, str],
    cwd: str | None,
) -> dict[str, Any]:  # fmt: skip
    """Return the wish to have *argv* started once for each of *ranks*, or to hear on."""
    rows = [list(row) for row in ranks]
    return {"t": "begin", "ranks": rows, "argv": list(argv), "env": dict(env), "cwd": cwd}


def signal(name: str) -> dict[str, Any]:
    """Return the wish that all ranks get the signal called *name*."""
    return {"t": "signal", "signal": name}


def placed(rank: int) -> dict[str, Any]:
    """Return the word that *rank* is ordered from its node."""
    return {"t": "placed", "rank": rank}


def wrote(rank: int, *, err: bool, b64: str) -> dict[str, Any]:
    """Return a piece of what *rank* wrote, in order."""
    return {"t": "wrote", "rank": rank, "err": err, "b64": b64}


def ended(rank: int, *, exit: int | None, sig: int | None, why: str) -> dict[str, Any]:
    """Return the word that *rank* is over, and that all it wrote has been told."""
    return {"t": "ended", "rank": rank, "exit": exit, "sig": sig, "why": why}


def refused(why: str) -> dict[str, Any]:
    """Return the word that nothing is started."""
    return {"t": "refused", "why": why}

"""Which jobs: a ``JobQuery`` → the ids of one page, newest first.

    ids given         those                         by the key of the table
    tags or names     those that carry them         the newest jobs first, then by indexes
    failed            those with failures           by the index of failures
    users, states     one look for each pair        by the indexes that end in the id
    nothing           all                           by the key, downwards

Every way is bounded by the page's length, or by an index that is as long as the answer;
only a glob that begins with a wildcard reads all names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

from rota.core.lifecycle import FINAL, State
from rota.store.contract import JobQuery
from rota.store.database import Database, Glob
from rota.store.statements import portions

Clause = tuple[str, list[Any]]

LOOKS_MAX = 200
"""Pairs of user and state looked up one by one; a query with more is filtered."""

NEAR = 5000
"""So many of the newest jobs are looked through before an index of tags or names is."""

UNINDEXED = " || ''"

_STATES = tuple(state.value for state in State)
_OPEN = tuple(state.value for state in State if state not in FINAL)


def job_ids(db: Database, query: JobQuery) -> list[int]:
    """Return the ids that *query* asks for, newest first, at most ``query.limit``."""
    bounds = _bounds(db, query)
    rest = [*bounds, *_filters(query), *_owner_and_state(query, UNINDEXED)]
    if query.ids is not None:
        looks = [[among("id", some)] for _, some in portions(sorted(set(query.ids)))]
        return _merged(db, looks, filters=rest, limit=query.limit)
    if query.tags or query.names:
        return _near(db, query, bounds=bounds) or _merged(
            db, [[]], filters=rest, limit=query.limit
        )
    looks = list(_looks(query))
    if query.failed or len(looks) > LOOKS_MAX:
        return _merged(db, [[]], filters=rest, limit=query.limit)
    return _merged(db, looks, filters=[*bounds, *_filters(query)], limit=query.limit)


def job_ranges(db: Database, query: JobQuery) -> list[tuple[int, int]]:
    """Return the ids that *query* asks for as ranges (first, last), downwards."""
    found: list[tuple[int, int]] = []
    first = last = None
    for number in job_ids(db, query):
        if last is not None and number == last - 1:
            last = number
            continue
        if first is not None and last is not None:
            found.append((first, last))
        first = last = number
    if first is not None and last is not None:
        found.append((first, last))
    return found


def job_groups(db: Database, query: JobQuery, *, by: str) -> dict[str, dict[str, int]]:
    """Return {value of *by*: {state: jobs}} of what *query* asks for, largest first."""
    column = {"user": "owner"}.get(by, by)
    clauses = [*_bounds(db, query), *_filters(query), *_owner_and_state(query)]
    if query.ids is not None:
        clauses.append(among("id", sorted(set(query.ids))))
    where = " AND ".join(clause for clause, _ in clauses) or "1 = 1"
    values = [value for _, some in clauses for value in some]
    rows = db.execute(
        f"SELECT {column}, state, count(*) FROM job WHERE {where} GROUP BY 1, 2", values
    )
    groups: dict[str, dict[str, int]] = {}
    for value, state, count in rows:
        groups.setdefault(value, {})[state] = count
    ranked = sorted(groups.items(), key=lambda item: (-sum(item[1].values()), item[0]))
    return dict(ranked[: query.limit])


def _near(db: Database, query: JobQuery, *, bounds: list[Clause]) -> list[int]:
    """Return the page if all of it is among the newest jobs, where most pages are."""
    newest = query.before or (db.execute("SELECT max(id) FROM job").fetchone()[0] or 0) + 1
    look: list[Clause] = [("id >= ?", [newest - NEAR])]
    filters = [
        *bounds,
        *_filters(query, row_by_row=True),
        *_owner_and_state(query, UNINDEXED),
    ]
    found = _merged(db, [look], filters=filters, limit=query.limit)
    return found if len(found) == query.limit else []


def _looks(query: JobQuery) -> Iterator[list[Clause]]:
    """Yield conditions, each of which one index answers in the order of ids."""
    states = _states(query)
    if query.users:
        for user, state in product(set(query.users), _STATES if states is None else states):
            yield [("owner = ?", [user]), ("state = ?", [state])]
    elif states is not None:
        for state in states:
            yield [("state = ?", [state])]
    else:
        yield []


def _merged(
    db: Database,
    looks: Sequence[list[Clause]],
    *,
    filters: list[Clause],
    limit: int,
) -> list[int]:
    found: list[int] = []
    for look in looks:
        clauses = [*look, *filters]
        where = " AND ".join(clause for clause, _ in clauses) or "1 = 1"
        values = [value for _, some in clauses for value in some]
        sql = f"SELECT id FROM job WHERE {where} ORDER BY id DESC LIMIT ?"
        found += [row[0] for row in db.execute(sql, (*values, limit))]
    found.sort(reverse=True)
    return found[:limit]


def _filters(query: JobQuery, *, row_by_row: bool = False) -> list[Clause]:
    tagged = "id IN (SELECT job FROM tag WHERE tag = ?)"
    if row_by_row:
        tagged = "EXISTS (SELECT 1 FROM tag WHERE tag = ? AND tag.job = job.id)"
    clauses: list[Clause] = [(tagged, [tag]) for tag in set(query.tags)]
    if query.names:
        named, values = zip(*map(_named, query.names), strict=True)
        any_name = f"({' OR '.join(named)})"
        if not row_by_row:
            any_name = f"id IN (SELECT id FROM job WHERE {any_name})"
        clauses.append((any_name, [value for some in values for value in some]))
    if query.there_since is not None:
        clauses.append(("(ended_at IS NULL OR ended_at >= ?)", [query.there_since]))
    if query.failed:
        clauses.append(("failed > 0", []))
    if query.queues:
        clauses.append(among("queue", query.queues))
    return clauses


def _named(name: str) -> Clause:
    """Match a shell glob; what stands before its first wildcard narrows the index."""
    wild = min((name.find(c) for c in "*?[" if c in name), default=-1)
    if wild < 0:
        return "(name = ?)", [name]
    glob = name.replace("[!", "[^")
    if not wild:
        return "(name GLOB ?)", [Glob(glob)]
    start = name[:wild]
    return "(name >= ? AND name < ? AND name GLOB ?)", [
        start,
        start + "\U0010ffff",
        Glob(glob),
    ]


def _owner_and_state(query: JobQuery, joined: str = "") -> list[Clause]:
    # Joined to nothing, a column tempts no planner to an index worse than the one meant.
    clauses = []
    if query.users:
        clauses.append(among(f"owner{joined}", query.users))
    states = _states(query)
    if states is not None:
        clauses.append(among(f"state{joined}", states))
    return clauses


def _states(query: JobQuery) -> tuple[str, ...] | None:
    """Return the states asked for, or None for any."""
    if not query.states and not query.live:
        return None
    asked = query.states or _STATES
    return tuple(s for s in _STATES if s in asked and (not query.live or s in _OPEN))


def _bounds(db: Database, query: JobQuery) -> list[Clause]:
    bounds: list[Clause] = []
    if query.before is not None:
        bounds.append(("id < ?", [query.before]))
    if query.since is not None:
        bounds.append(("id >= ?", [_first_since(db, query.since)]))
    return bounds


def _first_since(db: Database, at: int) -> int:
    """Return the smallest id that no job before *at* has.

    The server's clock never steps back, so ids and times of submission grow together, and
    halving the ids finds the place without an index on the time.
    """
    low, high = 1, (db.execute("SELECT max(id) FROM job").fetchone()[0] or 0) + 1
    while low < high:
        middle = (low + high) // 2
        row = db.execute(
            "SELECT id, submitted_at FROM job WHERE id >= ? ORDER BY id LIMIT 1", (middle,)
        ).fetchone()
        if row[1] < at:
            low = row[0] + 1
        else:
            high = middle
    return low


def among(column: str, values: Sequence[Any]) -> Clause:
    """Return the condition that *column* is one of *values*."""
    if not values:
        return "1 = 0", []
    holes = ", ".join("?" * len(values))
    return f"{column} IN ({holes})", list(values)

"""Records → rows: what ``statements`` writes for a batch of ``engine.records``.

    JobAdded + JobChanged ──→ one row of job, its tags, and what it shares with others
    JobChanged alone      ──→ an update of that row
    TaskSaved, AttemptSaved, NodeSaved, Happened ──→ a row each

Values come out flat, row after row, as ``statements.write`` takes them.  ``images`` is the
way back.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from rota.core.job import JobSpec, show_name
from rota.core.lifecycle import Move, State
from rota.core.plain import spec_to_plain
from rota.core.reasons import Reason
from rota.engine.records import (
    AttemptSaved,
    Audited,
    CapSaved,
    Happened,
    JobAdded,
    JobChanged,
    LearnedSaved,
    NodeGone,
    NodeSaved,
    PilotSaved,
    PoolSaved,
    Record,
    TaskSaved,
    UsageSaved,
    WindowSaved,
)
from rota.store import statements as sql

Flat = list[Any]

_json = msgspec.json.Encoder().encode
_sorted_json = msgspec.json.Encoder(order="sorted").encode

# The driver takes a str as it is, but asks its adapters about every enum.
_NAMES: Mapping[str, str] = {str(w): w.value for words in (State, Move) for w in words}


@dataclass(slots=True)
class Rows:
    """What a batch writes.

    Shapes:
        writes:  (which kind, its values flat), in the order they have to be written
        changed: how many jobs must be there to be changed;  edited: their ids
        seq:     the last history number when the batch is in
        alloc:   the largest allocation in it, 0 when it has none
        tags, contents: rows of those tables, flat
        shared:  digests of contents that are in the store when the batch is
    """

    writes: list[tuple[sql.Writing, Flat]] = field(default_factory=list)
    edited: list[int] = field(default_factory=list)
    changed: int = 0
    seq: int = 0
    alloc: int = 0
    tags: Flat = field(default_factory=list)
    contents: Flat = field(default_factory=list)
    shared: set[bytes] = field(default_factory=set)


class Encoder:
    """Turns batches into rows; it remembers which contents the store has already."""

    KNOWN_MAX = 100_000

    def __init__(self) -> None:
        self._known: set[bytes] = set()
        self._env: Mapping[str, str] = {}
        self._env_digest: bytes | None = None
        self._spec: JobSpec | None = None
        self._row: tuple[Any, ...] = ()

    def rows_of(self, batch: Sequence[Record], *, after: int) -> Rows:
        """Return the rows of *batch*, its history numbered from *after* + 1."""
        by_kind: dict[type, list[Any]] = {}
        for record in batch:
            by_kind.setdefault(type(record), []).append(record)
        rows = Rows(seq=after)
        self._jobs(rows, by_kind)
        for kind, writing, encode in _PLAIN:
            records = by_kind.get(kind)
            if records:
                rows.writes.append((writing, encode(records)))
        happened = by_kind.get(Happened)
        if happened:
            rows.writes.append((sql.EVENT, _events(happened, after + 1)))
            rows.seq += len(happened)
        rows.alloc = _largest_alloc(rows)
        return rows

    def written(self, rows: Rows) -> None:
        """Take notice that *rows* are in the store."""
        if len(self._known) > self.KNOWN_MAX:
            self._known.clear()
        self._known |= rows.shared

    # ── jobs ──────────────────────────────────────────────────────────────────────────

    def _jobs(self, rows: Rows, by_kind: Mapping[type, Sequence[Any]]) -> None:
        became = {row.id: row for row in by_kind.get(JobChanged, ())}
        jobs: Flat = []
        for job in by_kind.get(JobAdded, ()):
            now = became.pop(job.id)
            spec = now.spec or job.spec
            jobs += (
                job.id, job.user, job.uid, show_name(spec), spec.queue, spec.key,
                job.submitted_at, int(spec.array is not None),
            )  # fmt: skip
            jobs += self._said(spec, rows)
            jobs += _became(now)
            for tag in spec.tags:
                rows.tags += (tag, job.id)
        updates: Flat = []
        for now in became.values():
            updates.append(now.id)
            updates += _became(now)
        edits = self._edits(rows, became.values())
        rows.changed = len(became)
        rows.writes += [
            (sql.CONTENT, rows.contents), (sql.JOB, jobs), (sql.JOB_BECAME, updates),
            (sql.JOB_SAID, edits), (sql.TAG, rows.tags),
        ]  # fmt: skip

    def _edits(self, rows: Rows, changed: Iterable[JobChanged]) -> Flat:
        edits: Flat = []
        for now in changed:
            spec = now.spec
            if spec is None:
                continue
            rows.edited.append(now.id)
            edits += (now.id, show_name(spec), spec.queue)
            edits += self._said(spec, rows)
            for tag in spec.tags:
                rows.tags += (tag, now.id)
        return edits

    def _said(self, spec: JobSpec, rows: Rows) -> tuple[Any, ...]:
        """Return request, spec, env, array_values, script as the row has them."""
        # Jobs that say the same are mostly one object, and come one after another.
        if spec is not self._spec or not self._has(self._row[2:], rows):
            self._spec, self._row = spec, self._written(spec, rows)
        return self._row

    def _has(self, digests: Sequence[bytes | None], rows: Rows) -> bool:
        """Whether all of *digests* are in the store, or will be with *rows*."""
        return all(
            digest is None or digest in self._known or digest in rows.shared
            for digest in digests
        )

    def _written(self, spec: JobSpec, rows: Rows) -> tuple[Any, ...]:
        plain = spec_to_plain(spec)
        request = plain.pop("request", None)
        plain.pop("env", None)
        script = plain.pop("script", None)
        array = plain.get("array")
        values = array.pop("values", None) if array else None
        env = self._env_of(spec.env, rows) if spec.env else None
        return (
            _json(request).decode() if request else "{}", _json(plain).decode(), env,
            self._shared(_json(values), rows) if values else None,
            self._shared(_json(script), rows) if script is not None else None,
        )  # fmt: skip

    def _env_of(self, env: Mapping[str, str], rows: Rows) -> bytes:
        # Jobs that come together mostly share one environment: compare before digesting.
        if env is not self._env and env != self._env:
            self._env, self._env_digest = env, None
        digest = self._env_digest
        if digest is None or not (digest in self._known or digest in rows.shared):
            digest = self._env_digest = self._shared(_sorted_json(env), rows)
        return digest

    def _shared(self, body: bytes, rows: Rows) -> bytes:
        digest = hashlib.blake2b(body, digest_size=16).digest()
        if digest not in self._known and digest not in rows.shared:
            rows.shared.add(digest)
            rows.contents += (digest, body.decode())
        return digest


def _became(job: JobChanged) -> tuple[Any, ...]:
    counts = job.counts
    return (
        _NAMES.get(job.state, job.state), _json(counts).decode(), counts.get("failed", 0),
        _json(job.waiting).decode(), job.started_at, job.ended_at, _reason(job.reason),
    )  # fmt: skip


def _reason(reason: Reason | None) -> str | None:
    return None if reason is None else _json(reason).decode()


def _mapping(values: Mapping[str, Any]) -> str:
    return _json(values).decode() if values else "{}"


def _tasks(records: Sequence[TaskSaved]) -> Flat:
    flat: Flat = []
    for row in records:
        (job, task, state, attempt, reason, failures, troubles, not_before,
         started_at, ended_at, exit_code, signal) = row  # fmt: skip
        flat += (
            job, task, _NAMES.get(state, state), attempt, _reason(reason),
            _mapping(failures), troubles, not_before, started_at, ended_at, exit_code,
            signal,
        )  # fmt: skip
    return flat


def _attempts(records: Sequence[AttemptSaved]) -> Flat:
    flat: Flat = []
    for row in records:
        (job, task, n, node, alloc, grants, placed_at, started_at, ended_at, exit_code,
         signal, reason, usage, killing) = row  # fmt: skip
        flat += (
            job, task, n, node, alloc, _json(grants).decode(), placed_at, started_at,
            ended_at, exit_code, signal, _reason(reason), _mapping(usage),
            _reason(killing),
        )  # fmt: skip
    return flat


def _nodes(records: Sequence[NodeSaved]) -> Flat:
    flat: Flat = []
    for row in records:
        flat += (
            row.name, row.boot, _json(row.cores).decode(), row.memory,
            _json(row.gpus).decode(), _mapping(row.resources), _json(row.labels).decode(),
            row.seen_at, _reason(row.drained), _json(row.requires).decode(), row.serves,
        )  # fmt: skip
    return flat


def _flat(records: Iterable[NodeGone | UsageSaved | PilotSaved | Audited]) -> Flat:
    return [value for row in records for value in row]


def _audits(records: Sequence[Audited]) -> Flat:
    # A statement may not write a row twice: the last word on each is what counts.
    return _flat({row.id: row for row in records}.values())


def _pools(records: Sequence[PoolSaved]) -> Flat:
    flat: Flat = []
    for row in records:
        flat += (
            row.name, _mapping(row.said), row.source, row.drained, int(row.removed),
            row.next_n, int(row.gone),
        )  # fmt: skip
    return flat


def _caps(records: Sequence[CapSaved]) -> Flat:
    flat: Flat = []
    for row in records:
        said = _mapping(row.said)
        flat += (row.kind, row.name, int(row.own), said, row.set_by, row.at, int(row.gone))
    return flat


def _bookings(records: Sequence[WindowSaved]) -> Flat:
    flat: Flat = []
    for row in records:
        said = _mapping(row.said)
        flat += (row.name, row.set_at, said, row.set_by, row.removed_at, row.removed_by)
    return flat


def _learned(records: Sequence[LearnedSaved]) -> Flat:
    flat: Flat = []
    for row in records:
        flat += (row.name, json.dumps(row.said), row.at)
    return flat


def _events(records: Sequence[Happened], first: int) -> Flat:
    flat: Flat = []
    names = _NAMES
    for seq, row in enumerate(records, first):
        at, job, task, attempt, move, before, after, reason, source = row
        flat += (
            seq, at, job, task, attempt, names.get(move, move),
            None if before is None else names.get(before, before),
            names.get(after, after), _reason(reason), source,
        )  # fmt: skip
    return flat


_PLAIN = (
    (TaskSaved, sql.TASK, _tasks),
    (AttemptSaved, sql.ATTEMPT, _attempts),
    (NodeSaved, sql.NODE, _nodes),
    (NodeGone, sql.NODE_GONE, _flat),
    (UsageSaved, sql.USAGE, _flat),
    (PoolSaved, sql.POOL, _pools),
    (PilotSaved, sql.PILOT, _flat),
    (CapSaved, sql.CAP, _caps),
    (WindowSaved, sql.BOOKING, _bookings),
    (LearnedSaved, sql.LEARNED, _learned),
    (Audited, sql.AUDIT, _audits),
)


def _largest_alloc(rows: Rows) -> int:
    start, width = sql.ATTEMPT.columns.index("alloc"), len(sql.ATTEMPT.columns)
    flats = (values for kind, values in rows.writes if kind is sql.ATTEMPT)
    return max((max(flat[start::width]) for flat in flats), default=0)

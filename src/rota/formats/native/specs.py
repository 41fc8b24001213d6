"""A document becomes a JobSpec, or a Malformed with everything that is wrong with it.

doc ──check (the table)──→ values ──rules of the whole job──→ JobSpec
              ╰──────────── complaints, all of them ────────→ Malformed
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from rota.core.errors import Complaint, Malformed
from rota.core.fields import FIELDS, NAMES, Notes, check
from rota.core.job import Checkpoint, JobSpec
from rota.formats.native import rules
from rota.formats.native.batch import check_order, names_in
from rota.formats.native.layers import merged
from rota.formats.native.many import array_of
from rota.formats.native.retries import retries_of
from rota.formats.native.when import after_of, begin_of, check_deadline
from rota.formats.native.where import request_of

COMPLAINTS_MAX = 100
"""No more are listed: whoever has a thousand has one, a thousand times."""

_AS_READ = {
    row.name: row.attr
    for row in FIELDS.values()
    if row.attr not in ("array", "after", "begin_at", "deadline_at", "retries", "cwd")
    and not row.attr.startswith("request.")
    and row.name != "env_policy"
}
"""{key: attribute} of those that need no more than the table's reading."""

_REQUEST = frozenset(r.name for r in FIELDS.values() if r.attr.startswith("request."))
_ARRAY = frozenset(r.name for r in FIELDS.values() if r.attr == "array")
_OWN = _ARRAY | {
    "name", "command", "argv", "script", "setup", "env", "stdin", "output", "error",
    "begin", "deadline", "every", "overlap", "after", "key", "info", "tags", "share",
}  # fmt: skip
_SHAPE = frozenset(spelling for spelling, key in NAMES.items() if key not in _OWN)
"""Keys that many jobs say alike, with their other spellings."""


ALIKE_MAX = 100
"""So many documents of a batch are remembered: who hands in thousands repeats a few."""

WRITTEN_MAX = 10_000
"""Longer documents are read each time: they would be kept as texts meanwhile."""


class Circumstances(NamedTuple):
    """What a document alone cannot know.

    Shapes:
        at:            now, milliseconds since the epoch, for ``begin: now+2h``
        utc_offset_ms: of the zone of begin times that name none; None refuses those
        names:         {name of a job of the batch: −1 for the first …}; see ``after_of``
    """

    at: int | None = None
    utc_offset_ms: int | None = None
    names: Mapping[str, int] = {}


def build(
    doc: Mapping[str, Any],
    *,
    defaults: Mapping[str, Any] = {},
    sources: Mapping[str, str] = {},
    at: int | None = None,
    utc_offset_ms: int | None = None,
) -> JobSpec:
    """Return the job that *doc* describes; arguments as of ``build_many``.

    Raises:
        Malformed: its complaints list all that is wrong.
    """
    specs = build_many(
        [doc], defaults=defaults, sources=[sources], at=at, utc_offset_ms=utc_offset_ms
    )
    return specs[0]


def build_many(
    docs: Sequence[Mapping[str, Any]],
    *,
    defaults: Mapping[str, Any] = {},
    sources: Sequence[Mapping[str, str]] = (),
    at: int | None = None,
    utc_offset_ms: int | None = None,
) -> list[JobSpec]:
    """Return the jobs that *docs* describe, all or none.

    A job may name another of *docs* in ``after``: such an ``After.job`` is negative, −1
    for the first of the batch, −2 for the second …; whoever gives ids puts them in.

    Args:
        defaults: keys for each job that does not say them (of its queue).
        sources: for each job {key: where it was given}, for the complaints.
        at, utc_offset_ms: see ``Circumstances``.

    Raises:
        Malformed: its complaints list all that is wrong, ``jobs[3].memory`` and so on.
    """
    if defaults:
        docs = [merged(defaults, doc) for doc in docs]
    circumstances = Circumstances(at, utc_offset_ms, names_in(docs))
    wrong: list[Complaint] = []
    specs: list[JobSpec] = []
    shapes: dict[tuple[Any, ...], dict[str, Any]] = {}
    alike: dict[str, JobSpec] = {}
    for position, doc in enumerate(docs):
        # As written: 1 and True are equal, and only one of them is a number of cores.
        written = repr(doc) if len(docs) > 1 else ""
        if (known := alike.get(written)) is not None:
            specs.append(known)
            continue
        notes = Notes(sources[position] if position < len(sources) else {})
        specs.append(_spec(doc, notes, circumstances=circumstances, shapes=shapes))
        if notes.complaints:
            label = f"jobs[{position}]" if len(docs) > 1 else ""
            wrong.extend(_labelled(each, label) for each in in_order(notes, doc))
            if len(wrong) > COMPLAINTS_MAX:
                break
        elif len(alike) < ALIKE_MAX and len(written) < WRITTEN_MAX:
            alike[written] = specs[-1]
    wrong = wrong or check_order(specs)
    if wrong:
        raise Malformed(complaints=first_of(wrong))
    return specs


def values_of(
    found: Mapping[str, Any], notes: Notes, circumstances: Circumstances
) -> dict[str, Any]:
    """Return {attribute of JobSpec: value} for those of *found* that stand alone."""
    values = {_AS_READ[key]: held for key, held in found.items() if key in _AS_READ}
    for key in ("begin", "deadline"):
        if key in found:
            values[f"{key}_at"] = begin_of(
                found[key],
                key=key,
                at=circumstances.at,
                utc_offset_ms=circumstances.utc_offset_ms,
                notes=notes,
            )
    if "after" in found:
        values["after"] = after_of(found["after"], names=circumstances.names, notes=notes)
    if "retries" in found:
        values["retries"], values["remedies"] = retries_of(found["retries"])
    if found.get("outputs") == ("none",):
        values["outputs"] = ()
    if "checkpoint" in found:
        held = found["checkpoint"]
        wait_ms = held.get("wait", Checkpoint().wait_ms)
        values["checkpoint"] = Checkpoint(held.get("signal", Checkpoint().signal), wait_ms)
    if "licences" in found:
        asked = found["licences"].items()
        values["formulas"] = {name: held for name, held in asked if isinstance(held, str)}
    if "cwd" in found:
        values["cwd"] = None if found["cwd"] == "fresh" else found["cwd"]
    return values


def first_of(wrong: list[Complaint]) -> list[Complaint]:
    """Return the first of *wrong*, and a line that says so when there are more."""
    if len(wrong) <= COMPLAINTS_MAX:
        return wrong
    rest = Complaint("", f"more is wrong; these are the first {COMPLAINTS_MAX}")
    return [*wrong[:COMPLAINTS_MAX], rest]


def in_order(notes: Notes, doc: Mapping[str, Any]) -> list[Complaint]:
    """Return the complaints of *notes* in the order of the keys of *doc*."""
    places = {key: at for at, key in enumerate(doc)}

    def place(complaint: Complaint) -> int:
        key = complaint.field.split(".")[0].split("[")[0]
        return places.get(key, len(places))

    return sorted(notes.complaints, key=place)


def _spec(
    doc: Mapping[str, Any],
    notes: Notes,
    *,
    circumstances: Circumstances,
    shapes: dict[tuple[Any, ...], dict[str, Any]],
) -> JobSpec:
    """Return the job of *doc*; what is alike in many jobs is read once, into *shapes*."""
    shape = tuple([item for item in doc.items() if item[0] in _SHAPE])
    # Only of texts and whole numbers does equal mean alike: 1 == 1.0 == True.
    known = {type(value) for _, value in shape} <= {str, int}
    values = shapes.get(shape) if known else None
    if values is None:
        values = _shape(dict(shape), notes, circumstances)
        if known and not notes.complaints:
            shapes[shape] = values
    found = check({key: doc[key] for key in doc if key not in _SHAPE}, notes)
    rules.one_runs(notes)
    rules.runnable(found, notes)
    rules.streams(doc, notes)
    values = {**values, **values_of(found, notes, circumstances)}
    if not _ARRAY.isdisjoint(notes.given) and notes.given.keys() & _ARRAY <= found.keys():
        values["array"] = array_of(found, notes)
    if "every" in found:
        # It knows time zones and cron lines: most jobs have no use for them.
        from rota.formats.every import check_every

        check_every(found, notes)
    spec = JobSpec() if notes.complaints else JobSpec(**values)
    if spec.deadline_at is not None:
        check_deadline(spec, at=circumstances.at, notes=notes)
    return JobSpec() if notes.complaints else spec


def _shape(
    doc: Mapping[str, Any], notes: Notes, circumstances: Circumstances
) -> dict[str, Any]:
    """Return {attribute: value} of the keys that many jobs say alike."""
    found = check(doc, notes)
    rules.surroundings(found, notes)
    rules.pattern(found, notes)
    rules.files(found, notes)
    rules.patterns(found, notes)
    values = values_of(found, notes, circumstances)
    # A rule judges keys together, so it keeps silent when one of them is wrong by itself.
    if notes.given.keys() & _REQUEST <= found.keys():
        rules.bounds(found, notes)
        values["request"] = request_of(found, notes)
    return values


def _labelled(complaint: Complaint, label: str) -> Complaint:
    field = f"{label}.{complaint.field}" if label and complaint.field else label
    return complaint._replace(field=field or complaint.field)

"""Who has the last word: option > #ROTA line > file > queue default > built-in.

merge([("queue long", {…}), ("job.yaml", {…}), ("option", {…})])  →  one document,
                                                   and for each key where it is from
explain(spec, sources)   →   rows of key, value, where from: what --dry-run shows
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from rota.core.fields import FIELDS, NAMES, Field
from rota.core.units import show_duration, show_size
from rota.formats.native.retries import show_retries

if TYPE_CHECKING:
    from rota.core.job import Checkpoint, JobSpec

RIVALS: Sequence[frozenset[str]] = (
    frozenset(("command", "argv", "script")),
    frozenset(("memory", "memory_per_core")),
    frozenset(("items", "lines")),
)
"""A key of a later layer puts out its rivals of earlier ones."""

BUILT_IN = "built-in"


class Row(NamedTuple):
    """One line of ``--dry-run``."""

    key: str
    value: str
    where: str


def merge(
    layers: Sequence[tuple[str | Mapping[str, str], Mapping[str, Any]]],
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the document that *layers* make together, and {key: where it is from}.

    Args:
        layers: (where, document), the last has the last word; where is one text for all
            its keys, or {key: text}.  Variables of ``env`` are merged one by one.
    """
    doc: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for where, layer in layers:
        below = set(doc)
        for spelling, value in layer.items():
            key = _first_name(spelling, layer)
            _put_out(key, below, doc=doc, sources=sources)
            if key == "env" and isinstance(doc.get(key), dict) and isinstance(value, dict):
                value = {**doc[key], **value}
            doc[key] = value
            sources[key] = where if isinstance(where, str) else where.get(spelling, "")
    return doc, sources


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return *above* with what it lacks from *below*."""
    return merge([("", below), ("", above)])[0]


def explain(spec: JobSpec, sources: Mapping[str, str]) -> list[Row]:
    """Return a row for each key that was given or that matters always, in table order."""
    rows = []
    for row in FIELDS.values():
        where = sources.get(row.name) or sources.get(_MADE_OF.get(row.name, ""))
        if where is None and row.name not in _ALWAYS:
            continue
        rows.append(Row(row.name, _shown(row, spec), where or BUILT_IN))
    return rows


_MADE_OF = {"memory": "memory_per_core"}
"""{key: the key it may have been worked out from}."""

_ALWAYS = frozenset(
    (
        "name",
        "cwd",
        "cores",
        "memory",
        "time",
        "queue",
        "priority",
        "retries",
        "restartable",
    )
)


def instant(at: int) -> str:
    """Return *at*, milliseconds since the epoch, as ISO 8601 in UTC."""
    from datetime import UTC, datetime, timedelta

    # Not fromtimestamp: it reads platform limits, and floats are not exact.
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at)
    whole = "seconds" if at % 1000 == 0 else "milliseconds"
    return moment.isoformat(timespec=whole).replace("+00:00", "Z")


def _first_name(spelling: Any, layer: Mapping[str, Any]) -> Any:
    """Return the key for *spelling*; two spellings of one key in a layer stay apart."""
    key = NAMES.get(spelling, spelling) if isinstance(spelling, str) else spelling
    return spelling if key != spelling and key in layer else key


def _put_out(
    key: Any, below: set[Any], *, doc: dict[str, Any], sources: dict[str, str]
) -> None:
    for rivals in RIVALS:
        if key in rivals:
            for rival in (rivals - {key}) & below:
                doc.pop(rival, None)
                sources.pop(rival, None)


def _shown(row: Field, spec: JobSpec) -> str:
    special = _SHOWN.get(row.name)
    if special:
        return special(spec)
    held: Any = spec
    for part in row.attr.split("."):
        held = getattr(held, part)
    return row.default if held in (None, "", (), {}) else row.kind.show(held)


def _array(spec: JobSpec) -> str:
    if spec.array is None:
        return ""
    limit = f", {spec.array.limit} at a time" if spec.array.limit else ""
    return f"{len(spec.array.indexes)} tasks: {str(spec.array.indexes)[:60]}{limit}"


def _values(spec: JobSpec) -> str:
    if spec.array is None:
        return ""
    rows = spec.array.values.items()
    return "; ".join(f"{name}: {_first_of(row)}" for name, row in rows)


def _checkpoint(point: Checkpoint | None) -> str:
    if point is None:
        return ""
    return f"signal={point.signal}, wait={show_duration(point.wait_ms)}"


def _first_of(values: Sequence[str]) -> str:
    """Return the first of *values*, and dots when there are more."""
    told = ", ".join(values[:3])[:60]
    return f"{told} …" if len(values) > 3 or len(told) == 60 else told


_SHOWN: Mapping[str, Callable[[JobSpec], str]] = {
    "env": lambda spec: f"{len(spec.env)} variables",
    "cwd": lambda spec: spec.cwd or "fresh",
    "array": _array,
    "items": _values,
    "lines": _values,
    "vectors": _values,
    "memory": lambda spec: (
        show_size(spec.request.memory) if spec.request.memory else "none"
    ),
    "memory_per_core": lambda spec: (
        show_size(spec.request.memory // spec.request.cores) + " for each core"
    ),
    "after": lambda spec: ", ".join(map(str, spec.after)),
    "begin": lambda spec: "at once" if spec.begin_at is None else instant(spec.begin_at),
    "retries": lambda spec: show_retries(spec.retries, spec.remedies),
    "script": lambda spec: f"{(spec.script or '').count(chr(10)) + 1} lines",
    "checkpoint": lambda spec: _checkpoint(spec.checkpoint),
    "grace": lambda spec: show_duration(spec.grace_ms),
}

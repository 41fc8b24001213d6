"""Many tasks in one job: array, items, lines and vectors become one Array.

array: 0-3%2                      indexes 0 1 2 3, two at a time
items: [a, b]                     indexes 0 1, {item} is a, b
vectors: {x: {start: 1, step: 1, factor: 2}, y: [p, q, r]}
                                  indexes 0 1 2, {x} is 1, 3, 7 and {y} is p, q, r
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from rota.core.fields import Notes
from rota.core.fields.forms import ITEMS_MAX
from rota.core.indexes import IndexSet, parse_indexes
from rota.core.job import Array

_VALUE_MAX = Decimal(10) ** 18


def array_of(found: Mapping[str, Any], notes: Notes) -> Array | None:
    """Return the array that the keys of *found* describe together, or None."""
    if "lines" in found:
        notes.about("lines", "the file was not read", "give its lines as items")
    indexes, limit = _indexes(found.get("array"), notes)
    vectors = dict(found.get("vectors", {}))
    if "items" in found:
        vectors["item"] = found["items"]
    if indexes is None and not vectors:
        if limit is not None:
            notes.about("array", "limits tasks but there is only one", "say which: 0-9%2")
        return None
    count = _count(indexes, vectors, notes)
    if count is None:
        return None
    values = {
        name: _written(name, held, count=count, notes=notes)
        for name, held in vectors.items()
    }
    return Array(indexes or IndexSet([(0, count - 1)]), limit, values)


def _indexes(text: str | None, notes: Notes) -> tuple[IndexSet | None, int | None]:
    if text is None:
        return None, None
    if text.startswith("%"):
        return None, int(text[1:])
    try:
        return parse_indexes(text)
    except ValueError as error:
        notes.about("array", str(error))
        return None, None


def _count(
    indexes: IndexSet | None, vectors: Mapping[str, Any], notes: Notes
) -> int | None:
    """Return how many tasks there are; all who say it must agree."""
    counts = {name: _length(held) for name, held in vectors.items()}
    if indexes is not None:
        counts["array"] = len(indexes)
    known = {name: count for name, count in counts.items() if count is not None}
    if not known:
        notes.about(
            "vectors", "nobody says how many values there are", "give count or array"
        )
        return None
    if len(set(known.values())) > 1:
        told = ", ".join(f"{name} has {count}" for name, count in known.items())
        key = "array" if "array" in known else "vectors"
        notes.about(key, f"different length: {told}", "all must have as many")
        return None
    count = next(iter(known.values()))
    if vectors and count > ITEMS_MAX:
        notes.about(
            "array", f"has {count} tasks with values, at most {ITEMS_MAX} can have them"
        )
        return None
    return count


def _length(held: Any) -> int | None:
    return held.get("count") if isinstance(held, Mapping) else len(held)


def _written(name: str, held: Any, *, count: int, notes: Notes) -> tuple[str, ...]:
    """Return a vector's values as text: v[0] = start, v[i] = v[i−1] × factor + step."""
    if not isinstance(held, Mapping):
        return tuple(held)
    # Decimal, so that steps of 0.1 give 0.3 and not 0.30000000000000004.
    value, step, factor = (
        Decimal(str(held.get(key, default)))
        for key, default in (("start", 0), ("step", 0), ("factor", 1))
    )
    values: list[str] = []
    for position in range(count):
        if abs(value) > _VALUE_MAX:
            problem = f"value {position} is more than 10^18"
            notes.about("vectors", problem, "take a smaller factor or step", at=f".{name}")
            break
        values.append(_shown(value))
        value = value * factor + step
    return tuple(values)


def _shown(value: Decimal) -> str:
    if value == value.to_integral_value():
        return str(int(value))
    return format(value.normalize(), "f")

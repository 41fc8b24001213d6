"""``rota edit``: a job's spec with some keys said anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rota.core.errors import Malformed
from rota.core.fields import Notes, check
from rota.core.job import JobSpec
from rota.formats.native import rules
from rota.formats.native.specs import Circumstances, first_of, in_order, values_of
from rota.formats.native.where import keys_of, request_of

_FIXED = {
    "key": "it names the job for ever",
    "held": "use rota hold and rota release",
    "container": "hand it in anew",
    "items": "the tasks of a job stay as they are",
    "lines": "the tasks of a job stay as they are",
    "vectors": "the tasks of a job stay as they are",
}
_PLACE = frozenset(("mode", "host", "n", "cores", "cores_per_node"))


def amend(
    spec: JobSpec,
    doc: Mapping[str, Any],
    *,
    sources: Mapping[str, str] = {},
    at: int | None = None,
    utc_offset_ms: int | None = None,
) -> JobSpec:
    """Return *spec* with what the keys of *doc* say instead.

    Args:
        sources, at, utc_offset_ms: as of ``build``.

    Raises:
        Malformed: its complaints list all that is wrong; *spec* is as it was.
    """
    notes = Notes(sources)
    found = check(doc, notes)
    _check_fixed(found, spec, notes)
    runs = notes.given.keys() & set(rules.RUNS)
    if runs:
        rules.one_runs(notes)
    elif spec.argv is not None:
        notes.given["argv"] = ""  # for ``setup``, which an argv cannot have
    rules.runnable(found, notes)
    rules.surroundings(found, notes)
    rules.pattern(found, notes)
    rules.patterns(found, notes)
    values = values_of(found, notes, Circumstances(at, utc_offset_ms))
    if "env" in values:
        values["env"] = {**spec.env, **values["env"]}
    if not notes.complaints:
        values["request"] = request_of({**_kept(spec, found), **found}, notes)
        limit = values["request"].time_ms
        rules.bounds({"time": limit, "warn": values.get("warn_ms", spec.warn_ms)}, notes)
    if notes.complaints:
        raise Malformed(complaints=first_of(in_order(notes, doc)))
    if runs:
        values = {**dict.fromkeys(rules.RUNS), **values}
    if spec.array is not None and "array" in found:
        values["array"] = replace(spec.array, limit=int(found["array"][1:]))
    return replace(spec, **values)


def _kept(spec: JobSpec, found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of the old request that *found* does not put out."""
    kept = keys_of(spec.request)
    moved = found.get("mode", kept["mode"]) != kept["mode"]
    if moved or "host" in found:
        # Another mode counts otherwise: its cores, n and host begin afresh.
        kept = {key: held for key, held in kept.items() if key not in _PLACE}
    if "cores" in found or "n" in found:
        kept = {key: held for key, held in kept.items() if key not in ("cores", "n")}
    if "memory_per_core" in found:
        kept.pop("memory", None)
    # More cores need more tokens: the formula is worked out again.
    kept["licences"] = {**kept["licences"], **spec.formulas}
    return kept


def _check_fixed(found: Mapping[str, Any], spec: JobSpec, notes: Notes) -> None:
    for key in found:
        if key in _FIXED:
            notes.about(key, "cannot be changed", _FIXED[key])
    array = found.get("array")
    if array is not None and not (spec.array and array.startswith("%")):
        remedy = "write %20 for at most 20 at a time" if spec.array else ""
        notes.about("array", "the tasks of a job stay as they are", remedy)

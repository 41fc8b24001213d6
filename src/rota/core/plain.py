"""JobSpec ↔ plain data, as it is stored and shown: keys at their default are left out.

    {"argv": ["true"], "request": {"cores": 2}, "array": {"indexes": [[0, 9]]}}

This is not the job file (that is ``formats.native``): units are already bytes and
milliseconds here, and nothing is checked but what would not fit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from rota.core.indexes import IndexSet
from rota.core.job import After, Array, Checkpoint, JobSpec
from rota.core.remedy import NOTHING, Remedy
from rota.core.resources import Mode, Request

_SPEC_DEFAULT = JobSpec()
_REQUEST_DEFAULT = Request()
_SPEC_NAMES = tuple(f.name for f in fields(JobSpec))
_REQUEST_NAMES = tuple(f.name for f in fields(Request))
_TUPLES = frozenset(
    (
        "argv",
        "args",
        "container_args",
        "success_codes",
        "monitor",
        "fail_if",
        "pass_if",
        "requeue_codes",
        "tags",
        "share",
        "group",
        "not_group",
        "require",
        "inputs",
        "outputs",
        "expect",
    )
)


def spec_to_plain(spec: JobSpec) -> dict[str, Any]:
    """Return *spec* as JSON-able data; ``spec_from_plain`` is its inverse."""
    plain = _changed(spec, _SPEC_DEFAULT, _SPEC_NAMES)
    if "request" in plain:
        plain["request"] = request_to_plain(spec.request)
    if spec.after:
        plain["after"] = [_after_to_plain(a) for a in spec.after]
    if spec.array is not None:
        plain["array"] = _array_to_plain(spec.array)
    if spec.remedies:
        plain["remedies"] = {
            cause: _changed(remedy, NOTHING, Remedy._fields)
            for cause, remedy in spec.remedies.items()
        }
    return plain


def spec_from_plain(plain: Mapping[str, Any]) -> JobSpec:
    """Return the JobSpec that ``spec_to_plain`` made *plain* from."""
    values = dict(_tupled(plain))
    if "request" in values:
        values["request"] = request_from_plain(values["request"])
    if "after" in values:
        values["after"] = tuple(After(*row) for row in values["after"])
    if "array" in values:
        values["array"] = _array_from_plain(values["array"])
    if values.get("checkpoint") is not None:
        values["checkpoint"] = Checkpoint(*values["checkpoint"])
    if "remedies" in values:
        remedies = values["remedies"]
        values["remedies"] = {cause: Remedy(**held) for cause, held in remedies.items()}
    return JobSpec(**values)


def _after_to_plain(after: After) -> list[Any]:
    plain = [after.kind, after.job, after.elementwise]
    return plain if after.task is None else [*plain, after.task]


def request_to_plain(request: Request) -> dict[str, Any]:
    """Return *request* as JSON-able data."""
    plain = _changed(request, _REQUEST_DEFAULT, _REQUEST_NAMES)
    for name in ("resources", "licences"):
        if name in plain:
            plain[name] = dict(plain[name])
    if "mode" in plain:
        plain["mode"] = str(request.mode)
    return plain


def request_from_plain(plain: Mapping[str, Any]) -> Request:
    """Return the Request that ``request_to_plain`` made *plain* from."""
    values = dict(_tupled(plain))
    for name in ("resources", "licences"):
        if name in values:
            values[name] = tuple(sorted(values[name].items()))
    if "mode" in values:
        values["mode"] = Mode(values["mode"])
    return Request(**values)


def _changed(value: Any, default: Any, names: tuple[str, ...]) -> dict[str, Any]:
    plain = {}
    for name in names:
        held = getattr(value, name)
        if held != getattr(default, name):
            plain[name] = list(held) if isinstance(held, tuple) else held
    return plain


def _tupled(plain: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [
        (k, tuple(v) if k in _TUPLES and v is not None else v) for k, v in plain.items()
    ]


def _array_to_plain(array: Array) -> dict[str, Any]:
    plain: dict[str, Any] = {"indexes": array.indexes.ranges()}
    if array.limit is not None:
        plain["limit"] = array.limit
    if array.values:
        plain["values"] = {name: list(row) for name, row in array.values.items()}
    return plain


def _array_from_plain(plain: Mapping[str, Any]) -> Array:
    values = {name: tuple(row) for name, row in plain.get("values", {}).items()}
    return Array(IndexSet(plain["indexes"]), plain.get("limit"), values)

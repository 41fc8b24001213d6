"""From documents to jobs, as requests carry them: submit, dry run, edit; no I/O.

{"jobs": [doc, …], "defaults": {…}} ──▶ formats.native ──▶ [JobSpec, …] or every complaint
JobSpec + {"memory": "4GB"}         ──▶ JobSpec with that much changed
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from rota.core.errors import Complaint, Malformed
from rota.core.fields import FIELDS, NAMES
from rota.core.job import After, JobSpec, show_name
from rota.formats.native import build_many, explain
from rota.formats.native.layers import merged
from rota.sched.rules import USUAL, Rules
from rota.wire import api

FIXED = frozenset(("key", "inputs", "freeze", "tree"))
NONE = Rules()
WHAT_RUNS = ("argv", "command", "script")


def built(body: api.SubmitBody, *, at: int, rules: Rules = NONE) -> list[JobSpec]:
    """Return the jobs that *body* describes, with what their queues say below it.

    Raises:
        Malformed: with everything that is wrong with them.
    """
    docs: Sequence[Mapping[str, Any]] = body.jobs
    defaults = body.defaults
    if any(queue.defaults for queue in rules.queues.values()):
        docs = [
            merged(_queue_defaults(doc, body, rules), merged(defaults, doc)) for doc in docs
        ]
        defaults = {}
    return build_many(docs, defaults=defaults, sources=body.sources, at=at)


def resolved(
    body: api.SubmitBody, specs: Sequence[JobSpec], *, rules: Rules = NONE
) -> list[api.DryJob]:
    """Return what each job would be: every key, its value, and where that is from."""
    return [
        _resolved(spec, _sources(body, position, rules), among=specs)
        for position, spec in enumerate(specs)
    ]


def edited(spec: JobSpec, changes: Mapping[str, Any], *, at: int) -> JobSpec:
    """Return *spec* with *changes*, keys of a job file, applied.

    Raises:
        Malformed: with everything that is wrong with them.
    """
    names = {NAMES.get(key, key) for key in changes}
    fixed = sorted(names & FIXED)
    if fixed or not changes:
        problem = "cannot be changed" if fixed else "says nothing to change"
        raise Malformed(complaints=[Complaint(fixed[0] if fixed else "set", problem)])
    if spec.tree is not None and changes.get("cwd", "fresh") != "fresh":
        problem = "its files are laid into a fresh folder, so it must stay fresh"
        raise Malformed(complaints=[Complaint("cwd", problem)])
    # The rules are for whole jobs: what is not changed stands in as it is.
    doc = {**_stand_ins(spec, names), **changes}
    fresh = build_many([doc], at=at)[0]
    request = spec.request
    for name in names:
        spec, request = _copied(name, fresh, spec=spec, request=request)
    return replace(spec, request=request)


def bounded(spec: JobSpec, *, output: int | None) -> JobSpec:
    """Return *spec*, which writes no more than *output* bytes, if that is not None."""
    if output is None or (spec.output_max is not None and spec.output_max <= output):
        return spec
    return replace(spec, output_max=output)


def _resolved(
    spec: JobSpec, sources: Mapping[str, str], *, among: Sequence[JobSpec]
) -> api.DryJob:
    rows = explain(spec, sources)
    said = {row.key: row.value for row in rows}
    if "after" in said:
        said["after"] = ", ".join(_by_name(after, among) for after in spec.after)
    return api.DryJob(
        name=show_name(spec),
        tasks=len(spec.array.indexes) if spec.array else 1,
        resolved=said,
        sources={row.key: row.where for row in rows},
    )


def _by_name(after: After, among: Sequence[JobSpec]) -> str:
    """Jobs of one submission have no numbers yet: they are told by their names."""
    if after.job > 0:
        return str(after)
    return str(after).replace(str(after.job), show_name(among[-after.job - 1]))


def _queue_defaults(
    doc: Mapping[str, Any], body: api.SubmitBody, rules: Rules
) -> Mapping[str, Any]:
    queue = doc.get("queue", body.defaults.get("queue", USUAL))
    return rules.defaults_of(queue) if isinstance(queue, str) else {}


def _sources(body: api.SubmitBody, position: int, rules: Rules) -> dict[str, str]:
    told = body.sources[position] if position < len(body.sources) else {}
    below = _queue_defaults(body.jobs[position], body, rules)
    found = {NAMES.get(key, key): "queue default" for key in below}
    found |= {NAMES.get(key, key): "defaults" for key in body.defaults}
    for key in body.jobs[position]:
        found[NAMES.get(key, key)] = told.get(key, "request")
    return found


def _stand_ins(spec: JobSpec, names: set[str]) -> dict[str, Any]:
    doc: dict[str, Any] = {}
    if not names & set(WHAT_RUNS):
        doc["argv"] = ["true"]
    if "cores" not in names and "memory_per_core" in names:
        doc["cores"] = spec.request.cores
    if "warn" in names and "time" not in names and spec.request.time_ms is not None:
        doc["time"] = f"{spec.request.time_ms}ms"
    return doc


def _copied(
    name: str, fresh: JobSpec, *, spec: JobSpec, request: Any
) -> tuple[JobSpec, Any]:
    if name in WHAT_RUNS:
        return replace(spec, **{what: getattr(fresh, what) for what in WHAT_RUNS}), request
    attr = FIELDS[name].attr
    if attr.startswith("request."):
        part = attr.removeprefix("request.")
        return spec, replace(request, **{part: getattr(fresh.request, part)})
    if name == "env":
        return replace(spec, env={**spec.env, **fresh.env}), request
    return replace(spec, **{attr: getattr(fresh, attr)}), request

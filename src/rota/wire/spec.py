"""What a ``run`` message says of its job: its keys, what they hold, and who knows them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from rota.wire.kinds import FLAG, INTEGER, TEXT, TEXT_BY_NAME, TEXTS, WHOLE, Kind, or_none

SPECS_KEPT = 1024
"""How many jobs' specs an agent remembers on one connection; a server relies on fewer."""

SPEC: Mapping[str, Kind] = {
    "argv": or_none(TEXTS),
    "args": or_none(TEXTS),
    "command": or_none(TEXT),
    "script": or_none(TEXT),
    "name": or_none(TEXT),
    "cwd": or_none(TEXT),
    "env": or_none(TEXT_BY_NAME),
    "setup": or_none(TEXT),
    "shell": or_none(TEXT),
    "stdin": or_none(TEXT),
    "output": or_none(TEXT),
    "error": or_none(TEXT),
    "output_mode": or_none(TEXT),
    "origin": or_none(TEXT_BY_NAME),
    "grace_ms": or_none(WHOLE),
    "warn_ms": or_none(WHOLE),
    "warn_signal": or_none(TEXT),
    "time_ms": or_none(WHOLE),
    "memory": or_none(WHOLE),
    "cores": or_none(WHOLE),
    "gpus": or_none(WHOLE),
    "progress": or_none(TEXT),
    "lease_ms": or_none(WHOLE),
    "user": or_none(TEXT),
    "uid": or_none(INTEGER),
    "array": or_none(FLAG),
    "tree": or_none(TEXT),
    "outputs": or_none(TEXTS),
    "expect": or_none(TEXTS),
}
"""Every key may be absent, but for one of argv, command and script."""


def spec_complaint(spec: Mapping[str, Any]) -> str | None:
    """Return what is wrong with *spec*, as a sentence, or None: it can be run."""
    for name, kind in SPEC.items():
        if not kind.holds(spec.get(name)):
            return f"its {name} must be {kind.says}, not {str(spec[name])[:60]!r}"
    if all(spec.get(name) is None for name in ("argv", "command", "script")):
        return "it says neither argv nor command nor script"
    return None


class Specs:
    """The specs an agent remembers on one connection, so that a strip need not bring one.

    A server leaves the spec out of a ``run`` when it sent the same ``spec_version`` of
    that job before on this connection and no more than SPECS_KEPT other jobs since.
    Only arrays are remembered: a job of one task is rarely told of twice.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[int, tuple[int, dict[str, Any]]] = OrderedDict()

    def of(self, run: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the spec of *run*: its own, or the one sent before; None: unknown."""
        job, version = run["job"], run["spec_version"]
        spec: dict[str, Any] | None = run.get("spec")
        known = self._known.get(job)
        if spec is None and known is not None and known[0] == version:
            spec = known[1]
        if spec is not None and spec.get("array"):
            self._known[job] = (version, spec)
            self._known.move_to_end(job)
            if len(self._known) > SPECS_KEPT:
                self._known.popitem(last=False)
        return spec

"""What a ``run`` message says of its job: which keys there are, and what they hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rota.wire.kinds import FLAG, INTEGER, TEXT, TEXT_BY_NAME, TEXTS, WHOLE, Kind, or_none

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

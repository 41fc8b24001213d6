"""The key ``retries``: budgets by cause, and what changes before the next attempt.

2                                  ─▶ {"any": 2}, {}
{oom: {times: 2, memory: x2}}      ─▶ {"oom": 2}, {"oom": Remedy(memory=200)}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rota.core.fields.forms import CAUSES_AKIN
from rota.core.remedy import NOTHING, WHOLE, Remedy, percent
from rota.core.units import show_duration, show_size


def retries_of(held: Any) -> tuple[dict[str, int], dict[str, Remedy]]:
    """Return {cause: how often}, {cause: what changes} of the key's value as it was read.

    A value that was complained about is left out: nobody will use it.
    """
    if not isinstance(held, Mapping):
        return ({"any": held} if held else {}), {}
    times: dict[str, int] = {}
    remedies: dict[str, Remedy] = {}
    for name, said in held.items():
        cause = CAUSES_AKIN.get(name, name)
        if not isinstance(said, Mapping):
            times[cause] = said
            continue
        times[cause] = said.get("times", 0)
        remedy = _remedy(said)
        if remedy != NOTHING:
            remedies[cause] = remedy
    return times, remedies


def show_retries(times: Mapping[str, int], remedies: Mapping[str, Remedy]) -> str:
    """Return "oom=2 (memory x2, at most 64 GiB), any=1", or "0"."""
    shown = []
    for cause, count in times.items():
        told = ", ".join(_told(remedies.get(cause, NOTHING)))
        shown.append(f"{cause}={count} ({told})" if told else f"{cause}={count}")
    return ", ".join(shown) or "0"


def _remedy(said: Mapping[str, Any]) -> Remedy:
    return Remedy(
        memory=percent(said.get("memory")),
        memory_max=said.get("cap"),
        time=percent(said.get("time")),
        time_max_ms=said.get("time_cap"),
        elsewhere=said.get("elsewhere", False),
        delay_ms=said.get("delay"),
    )


def _told(remedy: Remedy) -> list[str]:
    told = []
    if remedy.memory != WHOLE:
        told.append(f"memory x{remedy.memory / WHOLE:g}")
    if remedy.memory_max is not None:
        told.append(f"at most {show_size(remedy.memory_max)}")
    if remedy.time != WHOLE:
        told.append(f"time x{remedy.time / WHOLE:g}")
    if remedy.time_max_ms is not None:
        told.append(f"at most {show_duration(remedy.time_max_ms)}")
    if remedy.elsewhere:
        told.append("elsewhere")
    if remedy.delay_ms is not None:
        told.append(f"after {show_duration(remedy.delay_ms)}")
    return told

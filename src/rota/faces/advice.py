"""What was asked for and what was used: advice, when much of it lay idle.

    advice: asked for 64 GiB, used at most 2.8 GiB: memory 3584MiB would do
    memory of 400 tasks: half of them 1.1 GiB, 95 % of them 2.4 GiB, at most 2.8 GiB

Only what ended well is judged: a failure may have come before the work did.
"""

from __future__ import annotations

from math import ceil

from rota.core.units import show_duration, show_size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

SPARE = 1.25
"""What is advised is so much more than what was used."""

WASTED = 2.0
"""There is advice only where so many times what would do was asked for."""

MIB = 1 << 20
MEMORY_LEAST = 64 * MIB
TIME_LEAST_S = 60.0
CPU_LEAST_S = 10.0
"""Of less cpu than this the number of cores says nothing."""


def advice(request: Mapping[str, Any], usages: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a line for each thing of which much less than *request* would do.

    Shapes:
        request: as a job view has it: memory in bytes, time in seconds, cores
        usages:  of attempts that ended well: max_rss, cpu_s, wall_s
    """
    return [*_memory(request, usages), *_time(request, usages), *_cores(request, usages)]


def spread(usages: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return what tasks of an array used, as pairs for people: half, 95 %, at most."""
    rows = []
    for name, key in (("memory", "max_rss"), ("time", "wall_s"), ("cpu", "cpu_s")):
        held = sorted(used[key] for used in usages if used.get(key) is not None)
        if len(held) > 1:
            parts = (percentile(held, 0.5), percentile(held, 0.95), held[-1])
            half, most, top = (_shown(key, part) for part in parts)
            told = f"half {half}, 95 % {most}, at most {top}"
            rows.append((f"{name} of {len(held)} tasks", told))
    return rows


def _shown(key: str, held: float) -> str:
    return show_size(int(held)) if key == "max_rss" else show_duration(round(held * 1000))


def percentile(held: Sequence[float], part: float) -> float:
    """Return the least of *held*, which is sorted, that *part* of them do not exceed."""
    return held[max(0, ceil(part * len(held)) - 1)]


def _memory(
    request: Mapping[str, Any], usages: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    asked, used = request.get("memory") or 0, _most(usages, "max_rss")
    if not asked or not used:
        return
    enough = max(MEMORY_LEAST, ceil(used * SPARE / (64 * MIB)) * 64 * MIB)
    if asked >= WASTED * enough:
        yield (
            f"asked for {show_size(int(asked))}, used at most {show_size(int(used))}: "
            f"--memory {enough // MIB}MiB would do"
        )


def _time(request: Mapping[str, Any], usages: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    asked, used = request.get("time") or 0, _most(usages, "wall_s")
    if not asked or not used:
        return
    enough = ceil(max(TIME_LEAST_S, used * SPARE) / 60) * 60
    if asked >= WASTED * enough:
        yield (
            f"asked for {show_duration(round(asked * 1000))}, took at most "
            f"{show_duration(round(used * 1000))}: --time {enough // 60}m would do, and a "
            "shorter job starts sooner"
        )


def _cores(
    request: Mapping[str, Any], usages: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    asked = request.get("cores") or 1
    busy = [
        used["cpu_s"] / used["wall_s"]
        for used in usages
        if used.get("wall_s") and (used.get("cpu_s") or 0) >= CPU_LEAST_S
    ]
    if not busy:
        return
    enough = max(1, ceil(max(busy) - 0.1))
    if asked >= WASTED * enough:
        yield (
            f"asked for {asked} cores, kept at most {max(busy):.1f} busy: "
            f"--cores {enough} would do"
        )


def _most(usages: Sequence[Mapping[str, Any]], key: str) -> float:
    return max((used.get(key) or 0 for used in usages), default=0)

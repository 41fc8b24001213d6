"""Placement and amounts: the keys that end in a Request, and what contradicts what.

mode      takes                              says nothing there
bycore    cores (or n), threads              host
bycore1   cores (or n), threads              host
byhost    cores (or n), host
bynode    n nodes, cores_per_node            cores
bygroup   group                              cores, n
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from rota.core.fields import Notes
from rota.core.formula import amount
from rota.core.labels import parse
from rota.core.resources import Mode, Request
from rota.core.units import DISK, SIZE_MAX

_ATTRS = {
    "memory": "memory",
    "gpus": "gpus",
    "time": "time_ms",
    "threads": "threads",
    "cores_per_node": "cores_per_node",
    "group": "group",
    "not_group": "not_group",
    "require": "require",
    "host": "host",
    "pool": "pool",
    "min_cores": "min_cores",
    "min_memory": "min_memory",
    "exclusive": "exclusive",
    "reservation": "reservation",
}
"""{key: attribute of Request} of those that need no more than the table's reading."""

_AMOUNTS = ("resources", "licences")
_WHOLE = (Mode.BY_NODE, Mode.BY_GROUP)


def request_of(found: Mapping[str, Any], notes: Notes) -> Request:
    """Return what the placement and amount keys of *found* ask for together."""
    asked = {_ATTRS[key]: held for key, held in found.items() if key in _ATTRS}
    for name in _AMOUNTS:
        if name in found:
            asked[name] = tuple(sorted(_amounts(name, found, notes).items()))
    if DISK in found.get("resources", ()):
        notes.about(f"resources.{DISK}", "is a key of its own", "write disk: 20GB")
    if "disk" in found:
        held = {**dict(asked.get("resources", ())), DISK: found["disk"]}
        asked["resources"] = tuple(sorted(held.items()))
    mode = Mode(found.get("mode") or ("byhost" if "host" in found else "bycore1"))
    if mode is not Mode.BY_CORE_1:
        asked["mode"] = mode
    _count(asked, found, mode=mode, notes=notes)
    if "memory_per_core" in found:
        _memory(asked, found, mode=mode, notes=notes)
    if "container" in found:
        needed = _runtime(found["container"])
        asked["require"] = tuple(dict.fromkeys((*asked.get("require", ()), needed)))
    if not _PLACING.isdisjoint(found):
        _contradictions(found, mode, notes)
    return _one(tuple(asked.items()))


def _runtime(image: str) -> str:
    """Return which labels a node offers that can run *image*: podman reads no files."""
    if image.startswith(("/", "./", "../")) or image.endswith(".sif"):
        return "container:apptainer | container:singularity"
    return "container"


def _amounts(name: str, found: Mapping[str, Any], notes: Notes) -> dict[str, int]:
    """Return the amounts of *name*, formulas worked out for its cores and gpus."""
    said: Mapping[str, Any] = found[name]
    if not any(isinstance(held, str) for held in said.values()):
        return dict(said)
    cores, gpus = found.get("cores") or found.get("n") or 1, found.get("gpus", 0)
    values = {"cores": cores, "gpus": gpus, "n": cores + gpus}
    amounts: dict[str, int] = {}
    for key, held in said.items():
        try:
            amounts[key] = held if isinstance(held, int) else amount(held, values)
        except ValueError as error:
            notes.about(f"{name}.{key}", str(error), "write for example int(5*n**0.422)")
    return amounts


def keys_of(request: Request) -> dict[str, Any]:
    """Return the keys that *request* was made from, for ``request_of`` to read again."""
    found = {key: getattr(request, attr) for key, attr in _ATTRS.items()}
    found = {key: held for key, held in found.items() if held not in (None, (), 0)}
    found.update({name: dict(getattr(request, name)) for name in _AMOUNTS})
    if DISK in found["resources"]:
        found["disk"] = found["resources"].pop(DISK)
    found["mode"] = str(request.mode)
    if request.mode is Mode.BY_NODE:
        found["n"] = request.n
    elif request.mode is not Mode.BY_GROUP:
        found["cores"] = request.cores
    return found


@lru_cache(maxsize=4096)
def _one(asked: tuple[tuple[str, Any], ...]) -> Request:
    """Return the Request of *asked*; a million jobs of one shape share one object."""
    return Request(**dict(asked))


def _count(
    asked: dict[str, Any], found: Mapping[str, Any], *, mode: Mode, notes: Notes
) -> None:
    cores, n = found.get("cores"), found.get("n")
    if mode is Mode.BY_NODE:
        if cores is not None:
            remedy = "write cores_per_node for a part of each, or leave it out"
            notes.about("cores", "bynode takes n nodes, not cores", remedy)
        asked["n"] = n or 1
        return
    if "cores_per_node" in found:
        notes.about("cores_per_node", f"is for bynode, not for {mode}", "leave it out")
    if mode is Mode.BY_GROUP:
        for key in ("cores", "n"):
            if key in found:
                notes.about(key, "bygroup takes all nodes of its group", "leave it out")
        return
    if cores is not None and n is not None and cores != n:
        problem = f"is {n}, but cores is {cores}, and with {mode} they mean the same"
        notes.about("n", problem, "give one of the two")
    asked["cores"] = cores or n or 1


def _memory(
    asked: dict[str, Any], found: Mapping[str, Any], *, mode: Mode, notes: Notes
) -> None:
    each = found["memory_per_core"]
    if "memory" in found:
        notes.about("memory_per_core", "memory is given too", "give one of the two")
    elif mode in _WHOLE:
        problem = f"with {mode} the number of cores is not known before"
        notes.about("memory_per_core", problem, "write min_memory or memory")
    elif each * asked["cores"] > SIZE_MAX:
        notes.about("memory_per_core", f"times {asked['cores']} cores is too much")
    else:
        asked["memory"] = each * asked["cores"]


_PLACING = frozenset(("mode", "host", "group", "not_group", "require", "threads"))


def _contradictions(found: Mapping[str, Any], mode: Mode, notes: Notes) -> None:
    if mode is Mode.BY_HOST and "host" not in found:
        notes.about("mode", "byhost needs a host", "give host too")
    if mode is not Mode.BY_HOST and "host" in found:
        notes.about("host", f"is for byhost, not for {mode}", "leave one of the two out")
    if mode is Mode.BY_GROUP and "group" not in found:
        notes.about("mode", "bygroup needs a group", "give group too")
    cores, threads = found.get("cores") or found.get("n") or 1, found.get("threads", 1)
    if mode not in _WHOLE and cores % threads:
        remedy = f"ask for {cores - cores % threads + threads} cores"
        notes.about("threads", f"is {threads}, which does not divide {cores} cores", remedy)
    for text in found.get("require", ()):
        _check_labels(text, notes)
    banned = set(found.get("not_group", ()))
    groups, needed = set(found.get("group", ())), set(found.get("require", ()))
    if groups and groups <= banned:
        _never(groups, "group", notes)
    if needed & banned:
        _never(needed & banned, "require", notes)


def _check_labels(text: str, notes: Notes) -> None:
    try:
        parse(text)
    except ValueError as error:
        notes.about("require", str(error), "write for example gpu & (gen4 | gen5)")


def _never(labels: set[str], key: str, notes: Notes) -> None:
    problem = f"excludes {', '.join(sorted(labels))}, which {key} asks for"
    notes.about("not_group", problem, "no node can satisfy both")

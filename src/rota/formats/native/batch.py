"""Jobs that are submitted together and name each other: who is who, and no circles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rota.core.errors import Complaint
from rota.core.fields.telling import harmless
from rota.core.job import JobSpec


def names_in(docs: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Return {name: −1 for the first of *docs*, −2 for the second …; 0 if shared}."""
    names: dict[str, int] = {}
    for position, doc in enumerate(docs):
        name = doc.get("name", doc.get("job_name"))
        if type(name) is str:
            names[name] = 0 if name in names else -position - 1
    return names


def check_order(specs: Sequence[JobSpec]) -> list[Complaint]:
    """Return the complaint about a circle of jobs that wait for each other, if any does."""
    waits = {
        at: [-after.job - 1 for after in spec.after if after.job < 0]
        for at, spec in enumerate(specs)
        if spec.after
    }
    circle = _circle({at: jobs for at, jobs in waits.items() if jobs})
    if not circle:
        return []
    names = [harmless(specs[at].name) for at in circle]
    label = f"jobs[{circle[0]}].after" if len(specs) > 1 else "after"
    if len(circle) == 1:
        return [Complaint(label, f"{names[0]!r} waits for itself", "it would never start")]
    told = " → ".join([*names, names[0]])
    return [Complaint(label, f"these wait for each other: {told}", "none would ever start")]


def _circle(waits: Mapping[int, Iterable[int]]) -> list[int]:
    """Return the jobs of one circle in *waits*, in order, or nothing.

    Depth first without recursion: a chain may be as long as the batch.
    """
    done: set[int] = set()
    for start in waits:
        path: dict[int, Any] = {start: iter(waits[start])} if start not in done else {}
        while path:
            at, rest = next(reversed(path.items()))
            following = next(rest, None)
            if following is None:
                path.popitem()
                done.add(at)
            elif following in path:
                circle = list(path)
                return circle[circle.index(following) :]
            elif following not in done and following in waits:
                path[following] = iter(waits[following])
    return []

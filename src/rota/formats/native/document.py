"""A document: what a text says about one job, and where each key stands in it.

    {"cores": 4}, {"cores": "jobs.yaml:3:5"}

A file is one job, several, or {jobs: […], defaults: {…}}; whichever syntax it is in, the
readers make a tree of it, and ``split`` makes documents of the tree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from rota.core.errors import Complaint, Malformed
from rota.core.fields import FIELDS, NAMES, Kind
from rota.core.fields.telling import plain, quoted, suggest
from rota.formats.native.layers import merge
from rota.formats.spots import Spot, place

DEPTH_MAX = 50
"""Lists and mappings within each other; the deepest key of a job needs four."""

JOBS_MAX = 1_000_000

Spots = Callable[[tuple[str | int, ...]], Spot | None]
"""Where the key or entry at a path of the tree stands, if that is known."""


class Document(NamedTuple):
    """What a text says about one job; ``sources``: {key: "file:line:column"}."""

    data: dict[str, Any]
    sources: dict[str, str]


def split(tree: Any, *, where: str, spots: Spots) -> list[Document]:
    """Return the documents of *tree*: of one job, of a list, or of jobs and defaults.

    Raises:
        Malformed: it is none of these.
    """
    wrong: list[Complaint] = []
    found: list[Document] = []
    below = Document({}, {})
    jobs: Any = tree
    path: tuple[str | int, ...] = ()
    if isinstance(tree, dict) and "jobs" in tree:
        wrong.extend(_strange(tree, where=where, spots=spots))
        jobs = tree["jobs"]
        path = ("jobs",)
        if "defaults" in tree:
            below = _document(
                tree["defaults"], ("defaults",), where=where, spots=spots, wrong=wrong
            )
    for at, job in _numbered(jobs, path):
        doc = _document(job, at, where=where, spots=spots, wrong=wrong)
        found.append(_over(below, doc))
    if not found and not wrong:
        wrong.append(Complaint("", "has no job in it", "", where))
    if wrong:
        raise Malformed(complaints=wrong)
    return found


def kind_at(path: tuple[str | int, ...]) -> Kind | None:
    """Return the kind of value that stands at *path* of a file's tree, if it is known.

    The keys of a job are reached through [0], jobs[0] and defaults as well.
    """
    steps = [step for step in path if isinstance(step, str)]
    if steps and steps[0] in ("jobs", "defaults"):
        steps = steps[1:]
    name = NAMES.get(steps[0]) if steps else None
    if name is None:
        return None
    kind = FIELDS[name].kind
    rest = list(path[path.index(steps[0]) + 1 :])
    for step in rest:
        kind = kind.inner("list") if isinstance(step, int) else kind.inner("mapping", step)
    return kind


def is_located(path: tuple[str | int, ...]) -> bool:
    """Return whether complaints want the place of *path*: a job's, or one of its keys'."""
    if not path or isinstance(path[-1], int):
        return path[:-1] in ((), ("jobs",))
    return len(path) <= 3


def _numbered(
    jobs: Any, path: tuple[str | int, ...]
) -> list[tuple[tuple[str | int, ...], Any]]:
    if isinstance(jobs, list):
        return [((*path, at), job) for at, job in enumerate(jobs)]
    return [(path, jobs)]


def _document(
    tree: Any,
    path: tuple[str | int, ...],
    *,
    where: str,
    spots: Spots,
    wrong: list[Complaint],
) -> Document:
    if not isinstance(tree, dict):
        problem = f"must be a job, a mapping of keys to values, not {quoted(tree)}"
        field = "".join(f"[{step}]" if isinstance(step, int) else step for step in path)
        wrong.append(Complaint(field, problem, "", place(where, spots(path))))
        return Document({}, {})
    sources = {key: place(where, spots((*path, key))) for key in tree}
    return Document(tree, sources)


def _over(below: Document, above: Document) -> Document:
    if not below.data:
        return above
    return Document(*merge([(below.sources, below.data), (above.sources, above.data)]))


def _strange(tree: Mapping[Any, Any], *, where: str, spots: Spots) -> list[Complaint]:
    """Complain about what stands beside ``jobs`` and is not ``defaults``."""
    found = []
    for key in tree:
        if key not in ("jobs", "defaults"):
            remedy = suggest(key, ("jobs", "defaults")) or "put it under defaults"
            problem = "does not belong beside jobs"
            found.append(
                Complaint(plain(key), problem, remedy, place(where, spots((key,))))
            )
    return found

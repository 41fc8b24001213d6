"""Whether a node is of the right sort for a request, whatever is free on it."""

from __future__ import annotations

from rota.core.pool import pool_label
from rota.core.resources import Asker, Node, Request
from rota.sched.labels import holds, named


def sort_of(request: Request) -> tuple[object, ...]:
    """Return all of *request* that ``eligible`` looks at, to know requests alike by it."""
    return (
        request.group, request.not_group, request.require,
        request.min_cores, request.min_memory, request.pool, request.asker,
    )  # fmt: skip


def eligible(node: Node, request: Request) -> bool:
    """Say whether *node* is of the sort that *request* wants, and wants such requests."""
    labels = node.labels
    if not serves(node, request.asker):
        return False
    if len(node.cores) < request.min_cores or node.memory < request.min_memory:
        return False
    if request.pool and pool_label(request.pool) not in labels:
        return False
    if request.group and not any(name in labels for name in request.group):
        return False
    if any(name in labels for name in request.not_group):
        return False
    if not all(holds(text, labels) for text in request.require):
        return False
    return not node.requires or _asked(request).issuperset(node.requires)


def _asked(request: Request) -> set[str]:
    """Return the labels that *request* asks for by name: what lets it into such nodes."""
    return set(request.group).union(*(named(text) for text in request.require))


def serves(node: Node, asker: Asker | None) -> bool:
    """Say whether *node* runs jobs of *asker*; None: of whoever it might run jobs of."""
    if asker is None:
        return True
    if node.serves is not None:
        return asker.name == node.serves
    return None in (node.uid, asker.uid) or asker.uid == node.uid

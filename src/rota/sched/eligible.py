"""Whether a node is of the right sort for a request, whatever is free on it."""

from __future__ import annotations

from rota.core.pool import pool_label
from rota.core.resources import Node, Request
from rota.sched.labels import holds, named


def sort_of(request: Request) -> tuple[object, ...]:
    """Return all of *request* that ``eligible`` looks at, to know requests alike by it."""
    return (
        request.group, request.not_group, request.require,
        request.min_cores, request.min_memory, request.pool,
    )  # fmt: skip


def eligible(node: Node, request: Request) -> bool:
    """Say whether *node* is of the sort that *request* wants, and wants such requests."""
    labels = node.labels
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

"""Clusters as pictures, in the notation that ``rota stat`` prints: * used, . free.

[*...] astro01 gen4         a node of four cores, one in use, label gen4
[....] astro02 gen4,slow x  the same with two labels; x: it takes nothing
"""

from __future__ import annotations

from rota.core.reasons import reason
from rota.core.resources import Grant, Node
from rota.sched.mirror import Mirror
from rota.sched.problem import NodeView
from rota.sched.space import Space, Take, space_of

GB = 1 << 30


def draw(picture: str, *, memory: int = 64 * GB) -> list[NodeView]:
    """Return the nodes that *picture* shows; each has *memory* bytes, all of it free."""
    views = []
    for line in picture.split("\n"):
        words = line.split()
        if not words:
            continue
        bar, name = words[0].strip("[]"), words[1]
        labels = tuple(words[2].split(",")) if len(words) > 2 and words[2] != "x" else ()
        node = Node(name, tuple(range(len(bar))), memory, labels=labels)
        free = tuple(core for core, sign in enumerate(bar) if sign == ".")
        closed = reason("drained", who="ann", why="a test") if words[-1] == "x" else None
        views.append(NodeView(node, free, memory, (), {}, closed))
    return views


class Shown:
    """A node that is as it was last drawn, for a ``Mirror`` to follow."""

    def __init__(self, view: NodeView) -> None:
        self.drawn = view

    def view(self) -> NodeView:
        """Return the node as it was last drawn."""
        return self.drawn


def mirrored(picture: str) -> Mirror:
    """Return the nodes that *picture* shows as a server keeps them from round to round."""
    nodes = {view.node.name: Shown(view) for view in draw(picture)}
    return Mirror().follow(nodes, {}, {*nodes})


def space(picture: str, *, memory: int = 64 * GB) -> Space:
    """Return the space of the cluster that *picture* shows."""
    return space_of(draw(picture, memory=memory))


def shown(takes: list[Take] | None, where: Space) -> dict[str, int] | None:
    """Return {node: cores} of a placement."""
    if takes is None:
        return None
    return {where.nodes[take.spot].name: take.cores for take in takes}


def cores_of(grants: tuple[Grant, ...]) -> dict[str, tuple[int, ...]]:
    """Return {node: core ids} of what was granted."""
    return {grant.node: grant.cores for grant in grants}

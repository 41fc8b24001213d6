"""From counts to names: which cores and devices a placement gets.

The lowest free ids are given first, so that neighbours in number stay neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence

from rota.core.resources import Grant
from rota.sched.problem import NodeView
from rota.sched.space import Take


class Ids:
    """The free core and gpu ids of the nodes of a snapshot, as a round hands them out."""

    def __init__(self, views: Sequence[NodeView]) -> None:
        self._views = views
        self._free: dict[int, tuple[str, list[int], list[int]]] = {}

    def name(self, takes: Sequence[Take]) -> tuple[Grant, ...]:
        """Return the grants that *takes* become; their ids are free no more."""
        return tuple(self._grant(take) for take in takes)

    def _grant(self, take: Take) -> Grant:
        free = self._free.get(take.spot)
        if free is None:
            view = self._views[take.spot]
            free = (view.node.name, sorted(view.cores), sorted(view.gpus))
            self._free[take.spot] = free
        name, cores, gpus = free
        grant = Grant(
            node=name,
            cores=tuple(cores[: take.cores]),
            memory=take.memory,
            gpus=tuple(gpus[: take.gpus]),
            resources=take.resources,
        )
        del cores[: take.cores]
        if take.gpus:
            del gpus[: take.gpus]
        return grant

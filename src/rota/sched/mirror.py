"""The nodes as views, followed from round to round: only those that changed are looked at.

    views of this round   a  b' c  d'        a view stays the same object as long as
    views of the last     a  b  c  d         nothing of its node changes
                             ╰─────┴──→ put right in the space

Whoever holds the truth about nodes (the engine) need not tell what changed: it hands in
its views, and comparing them costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import overload

from rota.sched.problem import NodeView
from rota.sched.space import Space, Take, space_of


class Mirror(Sequence[NodeView]):
    """See the head of the file.

    Attributes:
        space: what is free, as counts; a round searches in it and leaves its starts there
        cores: how many there are on all nodes
    """

    def __init__(self) -> None:
        self.space = Space()
        self.cores = 0
        self._views: Sequence[NodeView] = ()
        self._taken: set[int] = set()
        self._changes = 0

    def __len__(self) -> int:
        return len(self._views)

    @overload
    def __getitem__(self, at: int) -> NodeView: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[NodeView]: ...
    def __getitem__(self, at: int | slice) -> NodeView | Sequence[NodeView]:
        return self._views[at]

    def follow(self, views: Sequence[NodeView], licences: Mapping[str, int]) -> Mirror:
        """Show *views*, and so many free *licences*; return the mirror."""
        before, self._views = self._views, views
        changed = self._taken
        self._taken = set()
        changed |= {
            at
            for at, (old, new) in enumerate(zip(before, views, strict=False))
            if old is not new
        }
        alike = len(before) == len(views) and all(
            before[at].node is views[at].node or before[at].node == views[at].node
            for at in changed
        )
        self._changes += len(changed)
        # What moved leaves marks behind in the index: now and then it is made anew.
        if not alike or self._changes > 8 * len(views) + 1000:
            self.space = space_of(views)
            self.cores = sum(len(view.node.cores) for view in views)
            self._changes = 0
        else:
            for at in changed:
                self.space.show(at, views[at])
        self.space.licences = dict(licences)
        return self

    def took(self, takes: Iterable[Take]) -> None:
        """Take note of what a round took: it is looked at again the next time."""
        self._taken.update(take.spot for take in takes)

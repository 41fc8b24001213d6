"""What is to be staged for an attempt, and how that went: plain values.

Plan ──bring_in, take_out──▶ Staged(why, again, facts)
"""

from __future__ import annotations

from typing import Any, List, Mapping, NamedTuple, Optional, Tuple

Why = Mapping[str, Any]


class Server(NamedTuple):
    """Where files come from and go to."""

    url: str
    token_file: Optional[str]


class Plan(NamedTuple):
    """What has to be staged for one attempt; plain, so that a journal can hold it.

    Shapes:
        tree:     digest of the tree its folder begins with; None: none
        outputs:  rules of what is taken out; None: all that is new, if there was a tree
        expect:   rules that must find something that is not empty
        cwd:      the folder; *is_fresh*: its own, made before and removed after
        log:      path of the log of stages
        stamp:    of what was laid; 0: nothing
    """

    ref: Tuple[int, int, int]
    tree: Optional[str]
    outputs: Optional[List[str]]
    expect: List[str]
    cwd: str
    is_fresh: bool
    log: str
    stamp: int = 0

    @property
    def stores(self) -> bool:
        """Is anything of its folder to be stored when it has ended?"""
        return bool(self.outputs) or (self.tree is not None and self.outputs is None)

    @property
    def has_after(self) -> bool:
        """Is there anything to do when it has ended?"""
        return self.stores or bool(self.expect)


class Staged(NamedTuple):
    """How a stage went.

    Shapes:
        why:   None: well; else a Reason as a dict
        again: the fault is nobody's in particular: it may go well elsewhere, or later
        facts: what to tell of it
        stamp: see ``Plan``
    """

    why: Optional[Why]
    again: bool = False
    facts: Mapping[str, Any] = {}
    stamp: int = 0


class Failed(Exception):
    """A stage cannot be done: why, and whether it may go well elsewhere or later."""

    def __init__(self, why: Why, *, again: bool = False) -> None:
        super().__init__(str(why.get("text")))
        self.why = why
        self.again = again

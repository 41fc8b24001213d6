"""What a reader of another system's job made of it: a document of ours, and notices.

text ──read──▶ Reading(doc, sources, notices)     doc has the keys of a job file
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Reading:
    """See the head of the file.

    Shapes:
        doc:     {key of a job file: value}
        sources: {key: where it was said}, "job.sh:3 --mem" and the like
        notices: [(where, what was said, what became of it)]: ignored, or not quite the same
    """

    __slots__ = ("doc", "notices", "sources")

    def __init__(self) -> None:
        self.doc: dict[str, Any] = {}
        self.sources: dict[str, str] = {}
        self.notices: list[tuple[str, str, str]] = []

    def say(self, key: str, value: Any, where: str) -> None:
        """Put *value* under *key*, said at *where*."""
        self.doc[key] = value
        self.sources[key] = where

    def note(self, where: str, what: str, fate: str) -> None:
        """Remember that *what* was not carried over as it was said."""
        self.notices.append((where, what, fate))

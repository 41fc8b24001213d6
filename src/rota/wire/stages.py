"""What an agent says of the stages around a job's own: where it is, what was staged.

    phase       an attempt's inputs come, it is at work, its outputs go
    staged      the answer to ``put``, ``snap`` and ``input``

Their rows stand in the table of ``wire.agent``.
"""

from __future__ import annotations

from typing import Any, Dict, Optional, Sequence

Message = Dict[str, Any]


def phase(a: Sequence[int], *, phase: str) -> Message:
    """Return the word that attempt *a* is in another stage; one of kinds.STAGES."""
    return {"t": "phase", "a": list(a), "phase": phase}


def staged(
    request: int,
    *,
    tree: Optional[str] = None,
    files: int = 0,
    bytes: int = 0,
    error: Optional[str] = None,
) -> Message:
    """Return the answer to the ``put`` or ``snap`` with id *request*.

    Shapes:
        tree: digest of what was stored; None: nothing there is meant, or it was a ``put``
    """
    return {
        "t": "staged", "id": request, "tree": tree, "files": files, "bytes": bytes,
        "error": error,
    }  # fmt: skip


def fed(request: int, *, at: int = 0, error: Optional[str] = None) -> Message:
    """Return the answer to the ``feed`` with id *request*.

    Shapes:
        at: so many bytes of its sender the attempt has now, read or not
    """
    return {"t": "fed", "id": request, "at": at, "error": error}

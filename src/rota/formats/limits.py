"""The keys of a limit, in the operator's file and in `rota user limit`: one table.

{user: ann, cores: 64}        of ann            {account: physics, memory: 2TB}
{user: "*", jobs: 100}        of each user      {queue: night, queued: 10000}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rota.core.errors import Complaint, Malformed
from rota.core.fields import Kind, forms
from rota.core.fields.groups import MapOf
from rota.core.fields.kinds import Duration, Note, Size, Whole
from rota.core.fields.telling import plain, suggest

COUNT = Whole(0, forms.AMOUNT_MAX)
NONE = "none"
"""The word for: of this as much as anybody likes."""

LIMIT_KEYS: Mapping[str, tuple[Kind, str]] = {
    "jobs": (COUNT, "tasks that run at a time"),
    "cores": (COUNT, "cores held at a time"),
    "memory": (Size(), "memory held at a time"),
    "gpus": (COUNT, "gpus held at a time"),
    "licences": (MapOf(forms.RESOURCE, COUNT, most=1000), "licences held at a time"),
    "starts_per_minute": (Whole(1, 10**9), "starts in any minute, of users"),
    "blocks": (COUNT, "waiting jobs of priority block that come before everybody [1]"),
    "block_time": (Duration(), "for so long after submission they do so"),
    "queued": (COUNT, "tasks that wait at a time: a submit beyond it is refused"),
}
"""{key: (its kind, what it bounds)}."""


def read_limit(said: Mapping[str, Any], *, kind: str) -> dict[str, Any]:
    """Return what *said* of a limit of *kind*: {key: value, None where it is none}.

    Raises:
        Malformed: its complaints name each key that is wrong.
    """
    wrong: list[Complaint] = []
    read: dict[str, Any] = {}
    for key, value in said.items():
        if key not in LIMIT_KEYS:
            remedy = suggest(key, LIMIT_KEYS) or f"keys are {', '.join(LIMIT_KEYS)}"
            wrong.append(Complaint(plain(key), "unknown key", remedy))
            continue

        note = _noting(wrong, key)
        if key == "starts_per_minute" and kind != "user":
            note("only users start so many a minute", "say it of a user")
        read[key] = None if value in (None, NONE) else LIMIT_KEYS[key][0].read(value, note)
    if not said:
        wrong.append(Complaint("", "limits nothing", f"keys are {', '.join(LIMIT_KEYS)}"))
    if wrong:
        raise Malformed(complaints=wrong)
    return read


def _noting(wrong: list[Complaint], key: str) -> Note:
    def note(problem: str, remedy: str = "", at: str = "") -> None:
        wrong.append(Complaint(f"{key}{at}", problem, remedy))

    return note

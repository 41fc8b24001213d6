"""Names that are not keys of a job: groups of keys, and keys that are still to come."""

from __future__ import annotations

from typing import Dict

GROUPS: Dict[str, str] = {
    "run": "What to run",
    "files": "Its files",
    "needs": "What it needs",
    "where": "Where it may run",
    "when": "When it may start",
    "many": "Many tasks at once",
    "failure": "When it fails or is stopped",
    "people": "For people",
}
"""{group: its heading}, in the order people read them."""

PLANNED = frozenset(
    (
        "alternatives", "hostfile",
    )
)  # fmt: skip
"""Keys of the plan that do not work yet: refused, so that nobody relies on them."""

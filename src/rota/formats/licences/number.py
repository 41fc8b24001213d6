"""Any command or address that prints one number: how many are free, used, or there."""

from __future__ import annotations

import re

from rota.core.licences import Reading

GIVES = ("free", "used", "total")
_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.0+)?")


def read(text: str, *, gives: str) -> Reading:
    """Return the reading that *text*, one number and nothing else, is.

    Args:
        gives: what is counted: free, used or total
    """
    said = text.strip()
    if not _NUMBER.fullmatch(said):
        return Reading(error=f"printed {said[:40]!r}, not a number")
    number = int(float(said))
    return Reading(
        total=number if gives == "total" else None,
        used=number if gives == "used" else None,
        free=number if gives == "free" else None,
    )

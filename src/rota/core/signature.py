"""What failures have in common: the cause, and the last words without what only varies.

exit_code 1   /data/run17/in.dat:3: bad value 0.71 at 0x7f3a
exit_code 1   /data/run18/in.dat:9: bad value 12.5 at 0x55d0
     ╰──▶     exit_code 1   PATH:N: bad value N at ADDRESS          one signature
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from zlib import crc32

from rota.core.reasons import Reason

TEXT_MAX = 200

_VARYING = (
    (re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", re.I), "ID"),
    (re.compile(r"\b0x[0-9a-f]+\b", re.I), "ADDRESS"),
    (re.compile(r"(?:\.{0,2}/[^\s/:;,'\"()<>\[\]]+)+/?"), "PATH"),
    (re.compile(r"\b[0-9a-f]{12,64}\b", re.I), "ID"),
    (re.compile(r"[-+]?(?<![A-Za-z])\d+(?:[.,:]\d+)*(?:e[-+]?\d+)?", re.I), "N"),
)
"""In this order: an address is not to be taken for a number, nor a path for a few."""


class Signature(NamedTuple):
    """A kind of failure.

    Shapes:
        key:  eight hexadecimal digits, the same for the same kind always and everywhere
        text: what its failures have in common
    """

    key: str
    code: str
    text: str


def signature_of(why: Reason | None, *, exit_code: int | None = None) -> Signature:
    """Return the kind of failure that *why* tells of."""
    code = why.code if why is not None else "unknown"
    evidence: Mapping[str, Any] = why.evidence if why is not None else {}
    said = str(evidence.get("said") or "")
    shown = blanked(said)
    if code in ("exit_code", "pattern"):
        shown = f"exit code {exit_code}: {shown}" if shown else f"exit code {exit_code}"
    elif code == "signal":
        told = f"signal {evidence.get('signal')}"
        shown = f"{told}: {shown}" if shown else told
    elif not shown and why is not None:
        shown = blanked(why.text)
    return Signature(f"{crc32(f'{code} {shown}'.encode()):08x}", code, shown)


def blanked(text: str) -> str:
    """Return *text* with numbers, addresses, ids and paths taken out, and no longer than
    TEXT_MAX."""
    shown = text[: 4 * TEXT_MAX]
    for pattern, word in _VARYING:
        shown = pattern.sub(word, shown)
    return " ".join(shown.split())[:TEXT_MAX]

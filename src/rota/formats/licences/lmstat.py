"""FlexNet: what ``lmutil lmstat -a`` prints.

Users of abaqus:  (Total of 50 licenses issued;  Total of 19 licenses in use)
  "abaqus" v62.2, vendor: ABAQUSLM
    ann n1 /dev/tty (v62.2) (lic/27000 301), start Thu 10/29 8:09, 12 licenses
    bob desk7 desk7:0 (v62.2) (lic/27000 302), start Thu 10/29 8:10
    6 RESERVATIONS for GROUP staff (lic/27000)
"""

from __future__ import annotations

import re

from rota.core.licences import Checkout, Reading

_FEATURE = re.compile(
    r"\s*Users of (\S+):\s+\(Total of (\d+) licenses? issued;"
    r"\s+Total of (\d+) licenses? in use\)"
)
_OTHER = re.compile(r"\s*Users of (\S+):\s+\((.*)\)")
_CHECKOUT = re.compile(
    r"\s+(\S+) (\S+) .*\([^()\s]+/\d+ \d+\), start [^,]+(?:, (\d+) licenses?)?"
)
_RESERVED = re.compile(r"\s+(\d+) RESERVATIONS? for (\S+) (\S+)")


def read(text: str) -> dict[str, Reading]:
    """Return {feature: what is said of it} of *text*.

    A feature that is counted several times, by several servers, is their sum.
    """
    found: dict[str, Reading] = {}
    feature = ""
    for line in text.splitlines():
        if match := _FEATURE.match(line):
            feature = match[1]
            found[feature] = _more(found.get(feature), int(match[2]), int(match[3]))
        elif match := _OTHER.match(line):
            # "(Uncounted, node-locked)", "(Error: 5 licenses, unsupported by …)"
            feature = match[1]
            found.setdefault(feature, Reading(error=f"lmstat says: {match[2]}"))
        elif feature and (out := _checkout(line)):
            before = found[feature]
            found[feature] = before._replace(checkouts=(*before.checkouts, out))
    return found


def _more(before: Reading | None, total: int, used: int) -> Reading:
    if before is None or before.total is None or before.used is None:
        return Reading(total=total, used=used)
    return before._replace(total=before.total + total, used=before.used + used)


def _checkout(line: str) -> Checkout | None:
    if match := _RESERVED.match(line):
        return Checkout(f"{match[2]} {match[3]}", "", int(match[1]))
    match = _CHECKOUT.match(line)
    return Checkout(match[1], match[2], int(match[3] or 1)) if match else None

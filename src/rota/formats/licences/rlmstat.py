"""Reprise: what ``rlmutil rlmstat -a`` prints.

    csci license pool status on lic (port 63133)
        converge_super v3.0
            count: 1000, # reservations: 0, inuse: 93, exp: 31-jan-2022
    csci license usage status on lic (port 63133)
        converge_super v3.0: ann@n1 29/0 at 11/01 09:01  (handle: 15a)

A product may be in several pools, by version: together they are the licence.
"""

from __future__ import annotations

import re

from rota.core.licences import Checkout, Reading

_PRODUCT = re.compile(r"\s*(\S+) v\S+(?:, pool: \d+)?\s*$")
_COUNT = re.compile(r"\s*count: (\d+), .*\binuse: (\d+)")
_CHECKOUT = re.compile(r"\s*(\S+) v\S+: ([^@\s]+)@(\S+) (\d+)/\d+ at ")


def read(text: str) -> dict[str, Reading]:
    """Return {product: what is said of it} of *text*."""
    found: dict[str, Reading] = {}
    product = ""
    for line in text.splitlines():
        if match := _CHECKOUT.match(line):
            before = found.get(match[1], Reading())
            out = Checkout(match[2], match[3], int(match[4]))
            found[match[1]] = before._replace(checkouts=(*before.checkouts, out))
        elif match := _PRODUCT.match(line):
            product = match[1]
        elif product and (match := _COUNT.match(line)):
            before = found.get(product, Reading())
            total, used = (before.total or 0), (before.used or 0)
            found[product] = before._replace(
                total=total + int(match[1]), used=used + int(match[2])
            )
    return found

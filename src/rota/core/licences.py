"""What a licence server said: how many there are, how many are out, and to whom."""

from __future__ import annotations

from typing import NamedTuple


class Checkout(NamedTuple):
    """So many *tokens* that *user* has out on *host*."""

    user: str
    host: str
    tokens: int


class Reading(NamedTuple):
    """One look at one licence.

    Shapes:
        asked_at:  when it was asked for, milliseconds since the epoch
        total:     how many there are; None: not said
        used:      how many are out; None: not said
        free:      how many are left; None: not said
        checkouts: to whom, as far as it was said
        error:     why nothing is known; "" when something is
    """

    asked_at: int = 0
    total: int | None = None
    used: int | None = None
    free: int | None = None
    checkouts: tuple[Checkout, ...] = ()
    error: str = ""

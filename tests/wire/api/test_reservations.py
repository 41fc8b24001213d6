"""The shapes of reservations: what a body may leave out, and what it may not say."""

from __future__ import annotations

import msgspec
import pytest

from rota.wire import api


def test_a_body_needs_a_name_and_nothing_else() -> None:
    """What is left out is not said."""
    body = msgspec.json.decode(b'{"name": "course"}', type=api.ReservationBody)
    assert (body.start, body.users, body.maintenance) == (None, None, False)


def test_unknown_keys_are_refused() -> None:
    """A slip of the pen reserves nothing."""
    with pytest.raises(msgspec.ValidationError, match="user"):
        msgspec.json.decode(b'{"name": "x", "user": "ann"}', type=api.ReservationBody)

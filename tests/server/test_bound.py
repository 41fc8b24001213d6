"""Jobs that end when nobody listens for them any more."""

from __future__ import annotations

from rota.server.bound import FIRST_S, overdue, since
from tests.server.running import Server


def test_it_ends_when_its_last_listener_has_hung_up(shared: Server) -> None:
    """Not when one of two has."""
    kept, lone = shared.submit(), shared.submit()
    first, second = (shared.events(f"jobs={kept}&bind=1") for _ in "ab")
    other = shared.events(f"jobs={lone}&bind=1&level=job")
    ends = shared.events(f"jobs={lone}&level=job")
    first.close()
    other.close()
    assert any(row["data"]["state"] == "cancelled" for row in ends)
    assert shared.good("GET", f"/jobs/{kept}")["state"] == "queued"
    ends.close()
    second.close()


def test_who_never_listened_has_a_minute() -> None:
    """From when it was first seen that nobody does; who came back starts anew."""
    known = since({}, [12, 13], now=10.0)
    known = since(known, [12], now=50.0)
    known = since(known, [12, 13], now=60.0)
    assert overdue(known, now=10.0 + FIRST_S) == [12] and known[13] == 60.0

"""One leader at a time: by the lock, the pulse, and the epoch that decides (G26)."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

pytest.importorskip("psycopg")

from rota.core.errors import Conflict
from rota.store import leading
from rota.store.contract import Deposed
from rota.store.leading import Seat
from rota.store.line import Line
from rota.store.postgres import PostgresStore
from tests.real import postgres
from tests.store.making import submitted

pytestmark = pytest.mark.real


@pytest.fixture
def url() -> Iterator[str]:
    """The address of a database that nobody leads."""
    with postgres.running().lent() as url:
        PostgresStore(url).close()
        yield url


def test_a_second_server_is_told_who_leads(url: str) -> None:
    """And does not open what it may not write."""
    first = PostgresStore(url)

    with pytest.raises(Conflict, match=r"another server leads .* \(pid \d+ on .*standby"):
        PostgresStore(url)
    first.close()
    PostgresStore(url).close()


def test_g26_epochs_only_grow(url: str) -> None:
    """Each leader has one of its own."""
    epochs = []
    for _ in range(3):
        store = PostgresStore(url)
        epochs.append(store.seat.epoch)
        store.close()

    assert epochs[0] < epochs[1] < epochs[2]


def test_g26_who_waits_leads_when_the_leader_is_gone(url: str) -> None:
    """At once: the lock goes with the leader's connection."""
    first, waiting = PostgresStore(url), Seat(Line(url), who="second")
    waiter = threading.Thread(target=waiting.wait, args=(threading.Event(),))
    waiter.start()
    first.close()
    waiter.join(timeout=20)

    assert waiting.epoch > first.seat.epoch
    second = PostgresStore(url, seat=waiting)
    second.commit(submitted(1))
    second.close()


def test_g26_a_leader_without_pulse_is_taken_for_hung(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds the lock still; when it wakes it can write nothing, and says why."""
    monkeypatch.setattr(leading, "HUNG_S", 0.6)
    hung = PostgresStore(url)
    hung.commit(submitted(1))
    hung.seat.stop_pulse()
    waiting = Seat(Line(url), who="second")
    assert waiting.wait(threading.Event())
    second = PostgresStore(url, seat=waiting)
    second.commit(submitted(2))

    for wake in (
        lambda: hung.commit(submitted(3)),
        lambda: hung.save_samples([(1, 0, 1, 1, 1, 1, 1, 1, 1)]),
        lambda: hung.drop_token("x"),
        hung.seat.beat,
    ):
        with pytest.raises(Deposed, match="another server leads"):
            _until_answered(wake)
    assert [job.added.id for job in second.load().jobs] == [1, 2]
    hung.close()
    second.close()


def _until_answered(act: object) -> None:
    """Act again when all that happened is that the connection was found dead."""
    from rota.store.contract import StoreAway

    assert callable(act)
    try:
        act()
    except StoreAway:
        act()


def test_waiting_can_be_given_up(url: str) -> None:
    """A standby that is told to stop stops."""
    first, stop = PostgresStore(url), threading.Event()
    stop.set()

    assert not Seat(Line(url), who="second").wait(stop)
    first.close()


def test_cards_are_exchanged(url: str) -> None:
    """Each server reads what all have left, its own too."""
    read: list[list[str]] = []
    first, second = Seat(Line(url), who="first"), Seat(Line(url), who="second")
    first.card, second.card = ("a", "card of a"), ("b", "card of b")
    for seat in (first, second):
        seat.on_cards = read.append
        seat.exchange_cards()
        seat.exchange_cards()
        seat.leave()

    assert read == [["card of a"], ["card of a", "card of b"]]


def test_G26_a_leader_is_sure_only_while_its_pulse_is_felt(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Longer, and somebody may have taken it for hung."""
    store = PostgresStore(url)
    assert store.is_sure()
    store.seat.stop_pulse()
    monkeypatch.setattr(leading, "SURE_S", 0.0)

    assert not store.is_sure()
    store.close()

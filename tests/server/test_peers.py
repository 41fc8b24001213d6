"""Cards of servers: who is told which addresses."""

from __future__ import annotations

import json
from pathlib import Path

from rota.server.home import Home
from rota.server.peers import Card, Peers, card_of, forget


def peers_of(home: Path, *cards: Card) -> Peers:
    """Return what a server of *home* knows that has read *cards*."""
    home.mkdir(exist_ok=True)
    found = Peers(card_of(Home(home), "127.0.0.1:7001", None), Home(home))
    texts = [Peers(card, Home(home)).entry[1] for card in cards]
    found.read([found.entry[1], *texts])
    return found


def test_addresses_of_a_machine_are_for_that_machine_alone(tmp_path: Path) -> None:
    """Elsewhere they would lead to whoever listens there."""
    mine = peers_of(tmp_path / "a").card
    near = Card(mine.host, "/b", ["unix:/b/rota.sock"], [])
    far = Card("far", "/c", ["http://127.0.0.1:7000"], ["https://10.0.0.3:7000#sha256=x"])
    found = peers_of(tmp_path / "a", near, far)

    assert found.urls(is_here=False) == ["https://10.0.0.3:7000#sha256=x"]
    assert found.urls(is_here=True) == [
        f"unix:{tmp_path}/a/rota.sock", "http://127.0.0.1:7001",
        "unix:/b/rota.sock", "https://10.0.0.3:7000#sha256=x",
    ]  # fmt: skip


def test_clients_of_the_home_are_told_of_the_others(tmp_path: Path) -> None:
    """In a file that stays when the server is gone; a home without peers has none."""
    far = Card("far", "/c", [], ["https://10.0.0.3:7000"])
    peers_of(tmp_path / "a", far)
    file = tmp_path / "a" / "servers.json"

    assert json.loads(file.read_text()) == {"urls": ["https://10.0.0.3:7000"]}
    forget(tmp_path / "a")
    assert not file.exists()


def test_a_port_that_any_free_one_will_be_is_told_to_nobody(tmp_path: Path) -> None:
    """Who waits does not know it yet."""
    card = card_of(Home(tmp_path), "127.0.0.1:0", None)

    assert (card.here, card.urls) == ([f"unix:{tmp_path}/rota.sock"], [])

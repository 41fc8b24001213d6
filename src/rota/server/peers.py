"""Where the servers of one database can be reached, for those who follow the leader.

    each server ──its card──▶ table peer ──all cards──▶ each server
                                                           ├─ welcome of agents
                                                           └─ HOME/servers.json: clients

A card has addresses for other machines, and some that only its own machine can use: those
are told to nobody else.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from rota.core.pin import with_pin
from rota.server.home import Home, write_whole
from rota.server.listen import EVERY, is_loopback, own_addresses, parse_address

if TYPE_CHECKING:
    from rota.server.tls import Certificate

FILE = "servers.json"


class Card(msgspec.Struct):
    """Where one server is, or will be once it leads.

    Shapes:
        host: the name of its machine;  home: tells the servers of one machine apart
        here: addresses on that machine;  urls: addresses for all
    """

    host: str
    home: str
    here: list[str]
    urls: list[str]


class Peers:
    """The cards there are, as they were last read."""

    def __init__(self, card: Card, home: Home) -> None:
        self.card, self._home = card, home
        self._cards: list[Card] = []

    @property
    def entry(self) -> tuple[str, str]:
        """Our card as a row: (our name, what it says)."""
        name = f"{self.card.home} on {self.card.host}"
        return name, msgspec.json.encode(self.card).decode()

    def read(self, texts: Iterable[str]) -> None:
        """Take in all cards; what has changed is written for the clients of our home."""
        cards = [msgspec.json.decode(text, type=Card) for text in texts]
        if cards == self._cards:
            return
        self._cards = cards
        others = [card for card in cards if card != self.card]
        urls = [url for card in others for url in self._of(card, is_here=True)]
        write_whole(self._home.path / FILE, json.dumps({"urls": urls}) + "\n")

    def urls(self, *, is_here: bool) -> list[str]:
        """Return all addresses, ours too, for an agent; *is_here*: on this machine."""
        found = [url for card in self._cards for url in self._of(card, is_here=is_here)]
        return list(dict.fromkeys(found))

    def _of(self, card: Card, *, is_here: bool) -> list[str]:
        near = card.here if is_here and card.host == self.card.host else []
        return [*near, *card.urls]


def card_of(home: Home, listen: str | None, certificate: Certificate | None) -> Card:
    """Return the card of the server of *home*: known before it listens at all."""
    here, urls = [f"unix:{home.sock}"], []
    host, port = parse_address(listen) if listen else ("", 0)
    if listen and port:
        if certificate is None or is_loopback(listen):
            here.append(_url("http" if certificate is None else "https", host, port))
        else:
            hosts = own_addresses() if host in EVERY else [host]
            pin = certificate.pin
            urls = [with_pin(_url("https", name, port), pin) for name in hosts]
    return Card(socket.gethostname(), str(home.path), here, urls)


def forget(home: Path) -> None:
    """Let clients of *home* know of no other server: its queue is its own."""
    (home / FILE).unlink(missing_ok=True)


def _url(scheme: str, host: str, port: int) -> str:
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"

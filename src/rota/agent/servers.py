"""Which servers an agent may turn to, which is next, and whose time is over.

    --server A,B ──▶ A  B  + those that a server told of     HOME/servers.json
                     ▲  ╰── nobody there, or of an older epoch: the next one
                     ╰─────── and round again

An epoch is the time of one leader; epochs only grow.  Who has spoken with a leader listens
to none of an older epoch any more: it may have slept while another took over (G26).
"""

from __future__ import annotations

import json
import os
from typing import Any, List, Sequence

from rota.agent.dial import check

FILE = "servers.json"
TOLD_MAX = 32


class Servers:
    """See the head of the file."""

    def __init__(self, home: str, given: Sequence[str]) -> None:
        """Begin with the addresses *given*, and with what is remembered in *home*."""
        self._path = os.path.join(home, FILE)
        self._given = list(given)
        kept = _kept(self._path)
        self._told = _addresses(kept.get("urls"))
        epoch = kept.get("epoch")
        self.epoch = epoch if type(epoch) is int else 0
        self._at = 0

    @property
    def all(self) -> List[str]:
        """All addresses, those that were given first."""
        return [*self._given, *(url for url in self._told if url not in self._given)]

    @property
    def current(self) -> str:
        """The address to turn to now."""
        return self.all[self._at % len(self.all)]

    def next(self) -> bool:
        """Turn to the next one; return whether all have been tried since the first."""
        self._at = (self._at + 1) % len(self.all)
        return self._at == 0

    def is_old(self, epoch: int) -> bool:
        """Whether a leader of *epoch* has been followed by another that we know."""
        return epoch < self.epoch

    def learn(self, epoch: int, urls: Any) -> None:
        """Remember what a leader said of itself and of who may follow it."""
        told = self._told if urls is None else _addresses(urls)
        if (epoch, told) == (self.epoch, self._told):
            return
        here = self.current
        self.epoch, self._told = epoch, told
        self._at = self.all.index(here) if here in self.all else 0
        fresh = f"{self._path}.{os.getpid()}"
        with open(fresh, "w", encoding="utf-8") as file:
            json.dump({"epoch": epoch, "urls": told}, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, self._path)


def _kept(path: str) -> Any:
    try:
        with open(path, encoding="utf-8") as file:
            kept = json.load(file)
    except (OSError, ValueError):
        return {}  # written whole or not at all: what cannot be read is not ours
    return kept if isinstance(kept, dict) else {}


def _addresses(urls: Any) -> List[str]:
    """Return those of *urls* that are addresses."""
    found = []
    for url in urls[:TOLD_MAX] if isinstance(urls, list) else []:
        try:
            found.append(check(url))
        except (ValueError, AttributeError):
            continue
    return found

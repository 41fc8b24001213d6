"""Which agents were started by ssh, and where: kept in the home, for whoever ends them.

HOME/ssh-nodes.json   [{"host": …, "name": …, "place": …, "python": …, "ssh": […]}]
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from rota.formats.cluster import SshNode
from rota.launch.ssh import Settled

FILE = "ssh-nodes.json"


class Kept(NamedTuple):
    """One agent: its node, where it lives there, and how ssh is called."""

    node: SshNode
    at: Settled
    ssh: tuple[str, ...]


def write_kept(home: Path, rows: Iterable[Kept]) -> None:
    """Keep *rows*, whole or not at all."""
    told = [
        {"host": one.node.host, "name": one.node.name, "ssh": one.ssh, **one.at._asdict()}
        for one in rows
    ]
    fresh = home / f".{FILE}.new"
    fresh.write_text(json.dumps(told, indent=1), "utf-8")
    fresh.replace(home / FILE)


def read_kept(home: Path) -> list[Kept]:
    """Return what is kept; nothing where nothing was ever started."""
    try:
        told = json.loads((home / FILE).read_text("utf-8"))
    except FileNotFoundError:
        return []
    return [
        Kept(
            SshNode(row["host"], row["name"]),
            Settled(row["place"], row["python"]),
            tuple(row["ssh"]),
        )
        for row in told
    ]

"""``rota migrate-store``: a queue moved to another database, while its jobs run on.

    rota down ▶ rota migrate-store --to postgresql://… ▶ rota up --database postgresql://…
                  holds both places, so that no server opens one meanwhile

A place is the folder of a home, for SQLite, or an address of PostgreSQL.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from rota.core.errors import Refused, RotaError
from rota.server.__main__ import default_home
from rota.server.home import Home
from rota.server.leader import SCHEMES, no_driver

if TYPE_CHECKING:
    from rota.store.moving import Sum
    from rota.store.places import Place

SHOWN_EVERY = 100_000


def main(words: Sequence[str] | None = None) -> int:
    """Move as *words* say; return the exit code."""
    asked = parser().parse_args(words)
    os.umask(0o077)
    try:
        found = moved(asked.source or str(asked.home), asked.target or str(asked.home))
    except RotaError as error:
        print(f"rota: {error.sentence}", file=sys.stderr)
        return error.exit_code
    _show(found, as_json=asked.json)
    return 0


def parser() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    found = argparse.ArgumentParser("rota migrate-store", description=__doc__)
    add = found.add_argument
    add("--home", type=Path, default=default_home(), help="the home, if one is not named")
    add("--from", dest="source", metavar="PLACE", help="where the queue is [the home]")
    add("--to", dest="target", metavar="PLACE", help="where it goes [the home]")
    add("--json", action="store_true", help="what was moved, as JSON")
    return found


def moved(source: str, target: str) -> dict[str, Sum]:
    """Move the queue at *source* to *target*; return what it is by table.

    Raises:
        Refused: a place is none, is used, or holds another queue;  Broken, Unreachable
    """
    if source == target:
        raise Refused(f"{source} is where the queue is; say --to or --from another place")
    try:
        from rota.store.places import move
    except ImportError as error:
        raise no_driver(error) from None
    with ExitStack() as stack:
        return move(_held(source, stack), _held(target, stack), told=_tell)


def _held(name: str, stack: ExitStack) -> Place:
    if name.partition(":")[0] in SCHEMES:
        return _held_server(name, stack)
    from rota.store.places import FilePlace

    if "://" in name:
        raise Refused(f"{name} is no place for a queue; give postgresql://… or a home")
    home = Home(Path(name).expanduser())
    home.make()
    home.lock()
    return FilePlace(home.path)


def _held_server(url: str, stack: ExitStack) -> Place:
    from rota.store.places import ServerPlace
    from rota.store.postgres import seat_at

    place = ServerPlace(seat_at(url))
    stack.callback(place.close)
    return place


def _tell(table: str, rows: int) -> None:
    if rows % SHOWN_EVERY == 0 or sys.stderr.isatty():
        print(f"{table}: {rows} rows", file=sys.stderr)


def _show(found: dict[str, Sum], *, as_json: bool) -> None:
    rows = sum(table.rows for table in found.values())
    if as_json:
        tables = {name: table._asdict() for name, table in found.items()}
        told = {"schema": "rota.migrate-store/1", "rows": rows, "tables": tables}
        print(json.dumps(told))
        return
    for name, table in found.items():
        if table.rows:
            print(f"{name:<8} {table.rows:>10} rows  {table.digest}")
    print(f"moved: {rows} rows, equal in number and digest at both places")


if __name__ == "__main__":
    sys.exit(main())

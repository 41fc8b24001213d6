"""Which store a server keeps its queue in, and the wait until it may.

    no --database               SQLite in the home: the home's lock says who may
    --database postgresql://…   nobody leads: we do;  somebody does: wait as a standby

A server that was deposed, as it hung or had lost the database, stops: nothing it decided
since can be written, and so nothing of it is told (G26).
"""

from __future__ import annotations

import asyncio
import logging
import threading

from rota.core.errors import Refused
from rota.server.home import Home
from rota.server.loop import Clock, Loop
from rota.server.peers import Peers, forget
from rota.store.contract import Store

log = logging.getLogger("rota.server")

SCHEMES = ("postgresql", "postgres")


async def lead(
    database: str | None, stop: asyncio.Event, *, home: Home, peers: Peers
) -> Store | None:
    """Return the store, once we may write to it; None when *stop* was set before.

    *peers* has our card, which others of the same database are to read, and reads theirs.

    Raises:
        Refused: there is no store for such a URL;  Broken: what lies there is damaged;
        Unreachable: the database does not answer.
    """
    if database is None:
        from rota.store.sqlite import SqliteStore

        forget(home.path)
        store = SqliteStore(home.path / "rota.db")
        store.begin_epoch(Clock().now() // 1000)
        return store
    scheme = database.partition(":")[0]
    if scheme not in SCHEMES:
        raise Refused(
            f"there is no store for {scheme}: in this version; give "
            "postgresql://USER@HOST/NAME, or leave --database out for SQLite in the home"
        )
    return await _lead_there(database, stop, home=home, peers=peers)


async def _lead_there(
    url: str, stop: asyncio.Event, *, home: Home, peers: Peers
) -> Store | None:
    try:
        from rota.store.postgres import PostgresStore, seat_at
    except ImportError as error:
        raise no_driver(error) from None
    seat = await asyncio.to_thread(seat_at, url)
    seat.card, seat.on_cards = peers.entry, peers.read
    if not await asyncio.to_thread(seat.take):
        log.info("standing by: %s leads", await asyncio.to_thread(seat.holder))
        for digest, token in home.own_tokens(at=Clock().now()):
            await asyncio.to_thread(seat.add_token, digest, token)
        halt = threading.Event()
        waiting = asyncio.create_task(asyncio.to_thread(seat.wait, halt))
        told = asyncio.create_task(stop.wait())
        await asyncio.wait({waiting, told}, return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        halt.set()
        if not await waiting:
            seat.leave()
            return None
    log.info("leading, epoch %d", seat.epoch)
    return await asyncio.to_thread(PostgresStore, url, seat=seat)


def no_driver(error: ImportError) -> Refused:
    """Return the refusal for a machine without the driver."""
    return Refused(
        f"PostgreSQL needs a driver that is not installed ({error.name}): "
        "pip install 'rota[postgresql]'"
    )


def heed(store: Store, loop: Loop) -> None:
    """Have *loop* stop at once should another server lead *store*."""
    seat = getattr(store, "seat", None)
    if seat is not None:
        running = asyncio.get_running_loop()
        seat.on_deposed = lambda: running.call_soon_threadsafe(loop.fail, seat.deposed())


def kind_of(store: Store) -> str:
    """Return what the server's view calls its store."""
    return "sqlite" if getattr(store, "seat", None) is None else "postgresql"

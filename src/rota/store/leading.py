"""Who leads: one server at a time, by a lock, an epoch and a pulse (G26).

    waits ──lock is free──────────────────────▶ leads, epoch + 1 ──▶ pulse every second
      ▲   ──lock is held, no pulse for 5 s──▶ ends the other's connections, leads
      └── the lock is held and the pulse goes on

Each of them leaves a card with the addresses it has or will have, and reads the others'.

The lock tells at once that a leader has died; the pulse, that it hangs or has lost the
database.  Neither is trusted: what keeps an old leader from acting is the epoch, which
every transaction of ``postgres`` names and which only grows.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg

from rota.store import arrays
from rota.store.contract import Deposed, StoreAway, Token
from rota.store.line import Connection, Line
from rota.store.statements import TOKEN, row_of_token

log = logging.getLogger("rota.store.leading")

LOCK_KEY = 1919906914
POLL_S = 0.2
PULSE_S = 1.0
HUNG_S = 5.0
"""So long without a pulse, and a leader is taken for hung."""

SURE_S = 4.0
"""So long after a pulse nobody else can have taken a leader for hung."""

CARD_S = 5.0
CARD_KEPT_S = 86_400
"""Cards are left so often, and read when they are not older than this."""

RETURN_S = 2.0
"""A leader that lost the database with everybody else gets so long to come back."""

_TRY = "SELECT pg_try_advisory_lock(%s, hashtext(current_schema()))"
_MARK = "SELECT epoch, beats, who FROM leader"
_CARD = (
    "INSERT INTO peer (name, urls, seen_at) VALUES (%s, %s, extract(epoch from now())) "
    "ON CONFLICT (name) DO UPDATE SET urls = excluded.urls, seen_at = excluded.seen_at"
)
_CARDS = (
    "SELECT urls FROM peer WHERE seen_at > extract(epoch from now()) - %s ORDER BY name"
)
_BEAT = "UPDATE leader SET beats = beats + 1 WHERE epoch = %s"
_END = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid() "
    "AND application_name LIKE %s"
)


class Seat:
    """The place of the leader: to wait for, to hold, to be driven from.

    Shapes:
        who:   what others read about the one that leads
        epoch: of our leadership; 0 before
        card:  (our name, our addresses), words of ``server.peers``; None: we have none
    """

    def __init__(self, line: Line, *, who: str) -> None:
        self.line, self.who, self.epoch = line, who, 0
        self.name = "rota leader"
        self.card: tuple[str, str] | None = None
        self.on_deposed: Callable[[], None] = lambda: None
        self.on_cards: Callable[[list[str]], None] = lambda _cards: None
        self._carded_at = -2 * CARD_S
        self._felt_at = -2 * SURE_S
        self._db: Connection | None = None
        self._left = threading.Event()
        self._keeper: threading.Thread | None = None

    # ── to sit down ───────────────────────────────────────────────────────────────────

    def take(self) -> bool:
        """Lead if nobody does; return whether we lead now."""
        with self.line.told_apart():
            row = self._connection().execute(_TRY, (LOCK_KEY,)).fetchone()
            if row is None or not row[0]:
                return False
            self._begin(self._connection())
        return True

    def wait(self, stop: threading.Event) -> bool:
        """Wait until we lead; return False when *stop* was set before."""
        watch = _Watch()
        while not stop.is_set():
            try:
                if watch.may_take() and self.take():
                    return True
                self.exchange_cards()
                if watch.is_hung(self._mark()):
                    log.warning("the leader has no pulse for %.0f s: taking over", HUNG_S)
                    self._end_others()
            except StoreAway as away:
                watch.lost()
                log.info("waiting: %s", away)
                self._drop()
            stop.wait(POLL_S)
        return False

    def exchange_cards(self) -> None:
        """Leave ours now and then, and tell ``on_cards`` of all that lie there."""
        if self.card is None or time.monotonic() - self._carded_at < CARD_S:
            return
        self._carded_at = time.monotonic()
        with self.line.told_apart():
            db = self._connection()
            db.execute(_CARD, self.card)
            cards = [str(row[0]) for row in db.execute(_CARDS, (CARD_KEPT_S,))]
        self.on_cards(cards)

    def add_token(self, digest: str, token: Token) -> None:
        """Let a token of a server that waits be known to the one that leads."""
        with self.line.told_apart():
            db = self._connection()
            kinds, row = arrays.kinds(db), row_of_token(digest, token)
            arrays.write(db, TOKEN, values=row, kinds=kinds)

    def holder(self) -> str:
        """Return who leads, as they said."""
        return str(self._mark()[2])

    def _begin(self, db: Connection) -> None:
        """Raise the epoch, once nothing of an older one can be under way."""
        self._end_others()
        with db.transaction():
            row = db.execute(
                # A database put back from a backup must not begin an epoch anew.
                "UPDATE meta SET epoch = greatest(epoch + 1, extract(epoch from now())) "
                "RETURNING epoch, server_id"
            ).fetchone()
            assert row is not None, "the row that names the database is missing"
            self.epoch = int(row[0])
            self.name = f"rota leader {row[1]} {self.epoch}"
            new = "UPDATE leader SET epoch = %s, beats = 0, who = %s"
            db.execute(new, (self.epoch, self.who))

    def _end_others(self) -> None:
        """End all connections that older leaders of this database still have."""
        db = self._connection()
        with self.line.told_apart():
            row = db.execute("SELECT server_id FROM meta").fetchone()
            db.execute(_END, (f"rota leader {row[0] if row else ''} %",)).fetchall()

    def _mark(self) -> Any:
        with self.line.told_apart():
            return self._connection().execute(_MARK).fetchone()

    def _connection(self) -> Connection:
        if self._db is None or self._db.closed:
            self._db = self.line.writer(self.name)
        return self._db

    def _drop(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None

    # ── to stay ───────────────────────────────────────────────────────────────────────

    def keep(self) -> None:
        """Begin to show a pulse, until ``leave``."""
        self._drop_waiting_name()
        self.beat()
        self._keeper = threading.Thread(target=self._keep, name="rota-pulse", daemon=True)
        self._keeper.start()

    def _drop_waiting_name(self) -> None:
        with self.line.told_apart():
            db = self._connection()
            db.execute("SELECT set_config('application_name', %s, false)", (self.name,))

    def _keep(self) -> None:
        while not self._left.wait(PULSE_S):
            try:
                self.beat()
                self.exchange_cards()
            except StoreAway as away:
                log.warning("no pulse: %s", away)
                self._drop()
            except Deposed:
                self.on_deposed()
                return

    def beat(self) -> None:
        """Show that we live, and hold the lock again should it have been lost.

        Raises:
            Deposed: another leads by now.
        """
        began = _boot_s()
        with self.line.told_apart():
            db = self._connection()
            if not db.execute(_BEAT, (self.epoch,)).rowcount:
                raise self.deposed()
            if db.pgconn.transaction_status == psycopg.pq.TransactionStatus.IDLE:
                # Free for a moment when the connection broke; a second hold is no harm.
                db.execute(_TRY, (LOCK_KEY,))
        self._felt_at = began

    def is_sure(self) -> bool:
        """Whether nobody can lead but us: our pulse was felt a moment ago."""
        return _boot_s() - self._felt_at < SURE_S

    def deposed(self) -> Deposed:
        """Return the error that says who leads now."""
        return Deposed(
            f"another server leads the database {self.line.shown} now; this one, of "
            f"epoch {self.epoch}, may write nothing any more. Start it again to wait as "
            "a standby"
        )

    def stop_pulse(self) -> None:
        """Show no pulse any more; what is held stays held."""
        self._left.set()
        if self._keeper is not None and self._keeper is not threading.current_thread():
            self._keeper.join()

    def leave(self) -> None:
        """Let the next one lead."""
        self.stop_pulse()
        self._drop()


def _boot_s() -> float:
    """Return seconds that go on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class _Watch:
    """Tells a leader that hangs from a watcher that was away itself."""

    def __init__(self) -> None:
        self._seen: Any = None
        self._since = self._last = time.monotonic()
        self._not_before = 0.0

    def may_take(self) -> bool:
        """Whether a free lock may be taken: not just after all lost the database."""
        return time.monotonic() >= self._not_before

    def is_hung(self, mark: Any) -> bool:
        """Whether *mark* has stood still for so long, under our eyes all the time."""
        now = time.monotonic()
        was_away = now - self._last > HUNG_S / 2
        self._last = now
        if mark != self._seen or was_away:
            self._seen, self._since = mark, now
        return now - self._since > HUNG_S

    def lost(self) -> None:
        """Begin anew: the database was away."""
        self._seen = None
        self._not_before = time.monotonic() + RETURN_S

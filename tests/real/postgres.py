"""A PostgreSQL of our own: a cluster in a temporary folder, reached by a socket in it.

    initdb ──▶ pg_ctl start ──▶ schemas, lent one by one, emptied in between ──▶ stop

It is never run by root: root lends it a user that the machine has.  ``fsync`` is off, for
what tests kill are programs, not machines.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

from tests.server.running import until

START_S = 30
PR_SET_PDEATHSIG = 1

STARTED: list[Postgres] = []
"""Ended by the hook in conftest: workers of pytest-xdist leave without ``atexit``."""


def program(name: str) -> str | None:
    """Return the path of one of PostgreSQL's own programs; Debian keeps them off PATH."""
    found = shutil.which(name)
    if found:
        return found
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(places[-1]) if places else None


class Postgres:
    """See the head of the file; started when made."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._user = _other_user() if os.geteuid() == 0 else None
        if self._user:
            os.chown(folder, self._user.pw_uid, self._user.pw_gid)
        self._run("initdb", "-A", "trust", "-U", "rota", "-E", "UTF8", "--locale=C", "-N")
        with (self.folder / "data" / "postgresql.conf").open("a") as conf:
            conf.write(
                f"listen_addresses = ''\nunix_socket_directories = '{folder}'\n"
                "fsync = off\nmax_connections = 60\nshared_buffers = 32MB\n"
            )
        self.start()
        self._free: list[str] = []
        self._count = 0

    def start(self) -> None:
        """Start it, and wait until it answers; should these tests be killed, it ends."""
        path = program("postgres")
        assert path is not None
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [path, "-D", self.folder / "data"], preexec_fn=_die_with_us,
                user=self._user.pw_uid if self._user else None,
                group=self._user.pw_gid if self._user else None,
                extra_groups=[] if self._user else None,
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        until(self._answers, timeout=START_S)

    def _answers(self) -> bool:
        import psycopg

        try:
            psycopg.connect(self.url()).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self, how: str = "fast") -> None:
        """Stop it: ``fast``, or ``immediate``, as when it is killed."""
        self._run("pg_ctl", "-m", how, "-w", "stop")
        self._process.wait(timeout=START_S)

    def url(self, schema: str = "public") -> str:
        """Return the address by which a store finds *schema*."""
        where = str(self.folder).replace("/", "%2F")
        return f"postgresql://rota@{where}/postgres?options=-csearch_path%3D{schema}"

    @contextmanager
    def lent(self) -> Iterator[str]:
        """Lend the address of an empty schema."""
        import psycopg

        if not self._free:
            self._count += 1
            self._free.append(f"s{self._count}")
            with psycopg.connect(self.url(), autocommit=True) as db:
                db.execute(f"CREATE SCHEMA {self._free[-1]}".encode())
        schema = self._free.pop()
        try:
            yield self.url(schema)
        finally:
            self._empty(schema)
            self._free.append(schema)

    def _empty(self, schema: str) -> None:
        import psycopg

        with psycopg.connect(self.url(schema)) as db:
            query = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
            tables = {row[0] for row in db.execute(query)}
            for table in tables - {"meta", "leader", "alembic_version"}:
                db.execute(f"DELETE FROM {table}".encode())
            if "meta" in tables:
                db.execute(
                    "UPDATE meta SET server_id = md5(random()::text), next_alloc = 1, "
                    "epoch = 0, commits = 0, moved = ''"
                )
                db.execute("UPDATE leader SET epoch = 0, who = ''")

    def _run(self, name: str, *words: str) -> None:
        path = program(name)
        assert path is not None, name
        done = subprocess.run(
            [path, "-D", self.folder / "data", *words],
            user=self._user.pw_uid if self._user else None,
            group=self._user.pw_gid if self._user else None,
            extra_groups=[] if self._user else None,
            cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True, timeout=START_S, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{name}: {done.stderr}"


def _die_with_us() -> None:
    immediately = signal.SIGQUIT
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, immediately)


def _other_user() -> pwd.struct_passwd:
    names = {user.pw_name: user for user in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


@cache
def running() -> Postgres:
    """Return the one of this test session, started when first asked for; or skip."""
    if program("initdb") is None:
        pytest.skip("there is no PostgreSQL here: apt-get install postgresql")
    pytest.importorskip("psycopg", reason="pip install 'rota[postgresql]'")
    folder = Path(tempfile.mkdtemp(prefix="rp", dir="/tmp"))
    found = Postgres(folder)
    STARTED.append(found)
    return found


def end_all() -> None:
    """End what was started, and leave nothing of it."""
    while STARTED:
        found = STARTED.pop()
        found.stop("immediate")
        shutil.rmtree(found.folder)

"""The tables, once, for every database: what migrations lead to.

    job ──┬── task ──┬── attempt ── sample        content   what many jobs say alike:
          ├── tag    │                                      environments, array values,
          └── event ─┘  (append-only)                       scripts, by their digest
    node    usage    token    audit    peer    meta, leader (one row each)

A running server does not import this file, SQLAlchemy costs it 23 MB and 0.13 s: it runs
the SQL of ``statements`` and ``queries``, and tests hold them and ``schema.sql`` to what is
written here (docs/adr/0004-sqlalchemy-core-and-alembic.md).

Times are milliseconds since the epoch, sizes bytes, what has a shape of its own is JSON
text.  Rows of the hot path have no foreign keys: one writer, one mind that checks.
"""

from __future__ import annotations

import sys

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import CreateIndex, CreateTable

metadata = MetaData()

# SQLite knows one kind of integer, and calls the key of a row INTEGER.
Number = BigInteger().with_variant(Integer(), "sqlite")
Flag = SmallInteger().with_variant(Integer(), "sqlite")
Digest = LargeBinary(16)
# Words sort by their bytes everywhere, whatever the language of a cluster is.
Words = Text().with_variant(Text(collation="C"), "postgresql")


def _number(
    name: str, *, null: bool = False, key: bool = False, default: str | None = None
) -> Column[int]:
    return Column(
        name, Number, nullable=null, primary_key=key, autoincrement=False,
        server_default=None if default is None else text(default),
    )  # fmt: skip


def _text(
    name: str, *, null: bool = False, key: bool = False, default: str | None = None
) -> Column[str]:
    return Column(name, Words, nullable=null, primary_key=key, server_default=default)


job = Table(
    "job",
    metadata,
    _number("id", key=True),
    _text("owner"),
    _number("uid", null=True),
    _text("name"),
    _text("queue"),
    _text("job_key", null=True),
    _number("submitted_at"),
    Column("is_array", Flag, nullable=False),
    _text("request"),
    _text("spec"),
    Column("env", Digest),
    Column("array_values", Digest),
    Column("script", Digest),
    _text("state"),
    _text("counts"),
    _number("failed"),
    _text("waiting"),
    _number("started_at", null=True),
    _number("ended_at", null=True),
    _text("reason", null=True),
)

job_state = Index("job_state", job.c.state, job.c.id)
job_owner = Index("job_owner", job.c.owner, job.c.state, job.c.id)
job_name = Index("job_name", job.c.name, job.c.id)
job_failed = Index(
    "job_failed",
    job.c.id,
    sqlite_where=text("failed > 0"),
    postgresql_where=text("failed > 0"),
)
job_key = Index(
    "job_job_key",
    job.c.owner,
    job.c.job_key,
    unique=True,
    sqlite_where=text("job_key IS NOT NULL"),
    postgresql_where=text("job_key IS NOT NULL"),
)

tag = Table(
    "tag",
    metadata,
    _text("tag", key=True),
    _number("job", key=True),
    sqlite_with_rowid=False,
)

content = Table(
    "content",
    metadata,
    Column("digest", Digest, primary_key=True),
    _text("body"),
)

task = Table(
    "task",
    metadata,
    _number("job", key=True),
    _number("task", key=True),
    _text("state"),
    _number("attempt"),
    _text("reason", null=True),
    _text("failures"),
    _number("troubles"),
    _number("not_before", null=True),
    _number("started_at", null=True),
    _number("ended_at", null=True),
    _number("exit_code", null=True),
    _number("signal", null=True),
    sqlite_with_rowid=False,
)

# All but the many that ended well: what a start has to find, and what ``--failed`` lists.
task_open = Index(
    "task_open",
    task.c.state,
    task.c.job,
    task.c.task,
    sqlite_where=text("state <> 'done'"),
    postgresql_where=text("state <> 'done'"),
)

attempt = Table(
    "attempt",
    metadata,
    _number("job", key=True),
    _number("task", key=True),
    _number("n", key=True),
    _text("node"),
    _number("alloc"),
    _text("grants"),
    _number("placed_at"),
    _number("started_at", null=True),
    _number("ended_at", null=True),
    _number("exit_code", null=True),
    _number("signal", null=True),
    _text("reason", null=True),
    _text("usage"),
    _text("killing", null=True),
    sqlite_with_rowid=False,
)

event = Table(
    "event",
    metadata,
    _number("seq", key=True),
    _number("at"),
    _number("job"),
    _number("task", null=True),
    _number("attempt", null=True),
    _text("move"),
    _text("state_before", null=True),
    _text("state_after"),
    _text("reason", null=True),
    _text("source"),
)

# One index for a job's history and, as it tells the task too, for that of one of its tasks.
event_job = Index("event_job", event.c.job, event.c.seq, event.c.task)

node = Table(
    "node",
    metadata,
    _text("name", key=True),
    _text("boot"),
    _text("cores"),
    _number("memory"),
    _text("gpus"),
    _text("resources"),
    _text("labels"),
    _number("seen_at"),
    _text("drained", null=True),
    _text("requires", default="[]"),
    _text("serves", null=True),
)

sample = Table(
    "sample",
    metadata,
    _number("job", key=True),
    _number("task", key=True),
    _number("attempt", key=True),
    _number("at", key=True),
    _number("cpu_ms"),
    _number("rss"),
    _number("read_bytes"),
    _number("written_bytes"),
    _number("processes"),
    sqlite_with_rowid=False,
)

token = Table(
    "token",
    metadata,
    _text("digest", key=True),
    _text("owner"),
    _number("uid", null=True),
    _text("scope"),
    _number("created_at"),
    _text("note", default=""),
    _number("expires_at", null=True),
    _number("uses", null=True),
    _text("node", null=True),
    _text("labels", default="[]"),
    _text("parent", null=True),
)

usage = Table(
    "usage",
    metadata,
    _text("owner", key=True),
    Column("used", Float, nullable=False),
    _number("at"),
)

pool = Table(
    "pool",
    metadata,
    _text("name", key=True),
    _text("said"),
    _text("source"),
    _text("drained", null=True),
    _number("removed"),
    _number("next_n"),
    _number("gone"),
)

pilot = Table(
    "pilot",
    metadata,
    _text("pool", key=True),
    _number("n", key=True),
    _text("state"),
    _text("id", null=True),
    _text("word"),
    _number("asked_at"),
    _number("since"),
    _number("up_at", null=True),
    _number("ended_at", null=True),
)

cap = Table(
    "cap",
    metadata,
    _text("kind", key=True),
    _text("name", key=True),
    _number("own", key=True),
    _text("said"),
    _text("set_by"),
    _number("at"),
    _number("gone"),
)

booking = Table(
    "booking",
    metadata,
    _text("name", key=True),
    _number("set_at", key=True),
    _text("said"),
    _text("set_by"),
    _number("removed_at", null=True),
    _text("removed_by"),
)

# Who asked for what, and was let or not; numbered by the server, as commits come.
audit = Table(
    "audit",
    metadata,
    _number("id", key=True),
    _number("at"),
    _text("owner"),
    _text("role"),
    _text("origin"),
    _text("action"),
    _text("subject"),
    _text("why"),
    _text("refused", null=True),
)

audit_owner = Index("audit_owner", audit.c.owner, audit.c.id)

learned = Table(
    "learned",
    metadata,
    _text("name", key=True),
    _text("said"),
    _number("at"),
)

meta = Table(
    "meta",
    metadata,
    _number("only", key=True),
    _text("server_id"),
    _number("next_alloc"),
    _number("epoch", default="0"),
    _number("commits", default="0"),
    _text("moved", default=""),
)

# Beside ``meta``, whose row every commit holds: a leader's pulse must not wait for those.
leader = Table(
    "leader",
    metadata,
    _number("only", key=True),
    _number("epoch"),
    _number("beats"),
    _text("who"),
)

peer = Table("peer", metadata, _text("name", key=True), _text("urls"), _number("seen_at"))


DIALECTS: dict[str, Dialect] = {
    "sqlite": sqlite.dialect(),
    "postgresql": postgresql.dialect(),  # type: ignore[no-untyped-call]
}


def script(kind: str) -> str:
    """Return the whole schema as SQL for a new database of a *kind* of ``DIALECTS``.

    It is the text of ``schema.sql``, and of ``schema_postgresql.sql``.
    """
    dialect = DIALECTS[kind]
    parts = [
        f"-- Made from schema.py by `python -m rota.store.schema {kind}`; a test compares\n"
        "-- them, and both with what the migrations lead to."
    ]
    for table in metadata.tables.values():
        parts.append(_tidy(str(CreateTable(table).compile(dialect=dialect))))
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            parts.append(_tidy(str(CreateIndex(index).compile(dialect=dialect))))
    return "\n\n".join(parts) + "\n"


def _tidy(sql: str) -> str:
    lines = [line.rstrip().replace("\t", "    ") for line in sql.strip().splitlines()]
    return "\n".join(line for line in lines if line).replace("\n WITHOUT", " WITHOUT") + ";"


if __name__ == "__main__":
    print(script(sys.argv[1]), end="")

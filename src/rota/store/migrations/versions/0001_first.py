"""The first schema: jobs, tasks, attempts, history, nodes, measurements, tokens."""

from __future__ import annotations

import secrets
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables, and give the store its name."""
    _jobs()
    _tasks()
    _samples()
    _history()
    _rest()
    name = secrets.token_hex(8)
    op.execute(
        f"INSERT INTO meta (\"only\", server_id, next_alloc) VALUES (1, '{name}', 1)"
    )


def _jobs() -> None:
    op.create_table(
        "job",
        _number("id", key=True),
        _text("owner"),
        _number("uid", null=True),
        _text("name"),
        _text("queue"),
        _text("job_key", null=True),
        _number("submitted_at"),
        _flag("is_array"),
        _text("request"),
        _text("spec"),
        _digest("env", null=True),
        _digest("array_values", null=True),
        _digest("script", null=True),
        _text("state"),
        _text("counts"),
        _number("failed"),
        _text("waiting"),
        _number("started_at", null=True),
        _number("ended_at", null=True),
        _text("reason", null=True),
    )
    op.create_index("job_failed", "job", ["id"], **_where("failed > 0"))
    op.create_index(
        "job_job_key",
        "job",
        ["owner", "job_key"],
        unique=True,
        **_where("job_key IS NOT NULL"),
    )
    op.create_index("job_name", "job", ["name", "id"])
    op.create_index("job_owner", "job", ["owner", "state", "id"])
    op.create_index("job_state", "job", ["state", "id"])
    op.create_table(
        "tag",
        _text("tag", key=True),
        _number("job", key=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "content",
        _digest("digest", key=True),
        _text("body"),
    )


def _tasks() -> None:
    op.create_table(
        "task",
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
    op.create_index(
        "task_open", "task", ["state", "job", "task"], **_where("state <> 'done'")
    )
    op.create_table(
        "attempt",
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


def _samples() -> None:
    op.create_table(
        "sample",
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


def _history() -> None:
    op.create_table(
        "event",
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
    op.create_index("event_job", "event", ["job", "seq", "task"])


def _rest() -> None:
    op.create_table(
        "node",
        _text("name", key=True),
        _text("boot"),
        _text("cores"),
        _number("memory"),
        _text("gpus"),
        _text("resources"),
        _text("labels"),
        _number("seen_at"),
        _text("drained", null=True),
    )
    op.create_table(
        "token",
        _text("digest", key=True),
        _text("owner"),
        _number("uid", null=True),
        _text("scope"),
        _number("created_at"),
    )
    op.create_table(
        "meta",
        _number("only", key=True),
        _text("server_id"),
        _number("next_alloc"),
    )


def _number(name: str, *, null: bool = False, key: bool = False) -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, kind, nullable=null, primary_key=key, autoincrement=False)


def _flag(name: str) -> sa.Column[int]:
    kind = sa.SmallInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, kind, nullable=False)


def _text(name: str, *, null: bool = False, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null, primary_key=key)


def _digest(name: str, *, null: bool = False, key: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(16), nullable=null, primary_key=key)


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}

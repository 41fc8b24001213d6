"""Pools and their pilots: what was asked of other systems is known after a restart."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make both tables; there were no pools before."""
    op.create_table(
        "pool",
        sa.Column("name", sa.Text(), nullable=False, primary_key=True),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("drained", sa.Text()),
        _number("removed"),
        _number("next_n"),
        _number("gone"),
    )
    op.create_table(
        "pilot",
        sa.Column("pool", sa.Text(), nullable=False, primary_key=True),
        _number("n", key=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("id", sa.Text()),
        sa.Column("word", sa.Text(), nullable=False),
        _number("asked_at"),
        _number("since"),
        _number("up_at", null=True),
        _number("ended_at", null=True),
    )


def _number(name: str, *, key: bool = False, null: bool = False) -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, kind, nullable=null, primary_key=key, autoincrement=False)

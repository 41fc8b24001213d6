"""Reservations and maintenance that were set live, and who gave them up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the table; nothing was set live before."""
    op.create_table(
        "booking",
        sa.Column("name", sa.Text(), nullable=False, primary_key=True),
        _number("set_at", key=True),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        _number("removed_at", null=True),
        sa.Column("removed_by", sa.Text(), nullable=False),
    )


def _number(name: str, *, key: bool = False, null: bool = False) -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, kind, nullable=null, primary_key=key, autoincrement=False)

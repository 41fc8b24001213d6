"""Limits that were set live: they hold after a restart."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table; nothing was set live before."""
    op.create_table(
        "cap",
        sa.Column("kind", sa.Text(), nullable=False, primary_key=True),
        sa.Column("name", sa.Text(), nullable=False, primary_key=True),
        _number("own", key=True),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        _number("at"),
        _number("gone"),
    )


def _number(name: str, *, key: bool = False) -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, kind, nullable=False, primary_key=key, autoincrement=False)

"""What users have used lately: fair shares live on after a restart."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table; who used what before it is not known and counts as nothing."""
    op.create_table(
        "usage",
        sa.Column("owner", sa.Text(), nullable=False, primary_key=True),
        sa.Column("used", sa.Float(), nullable=False),
        _number("at"),
    )


def _number(name: str) -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, kind, nullable=False, autoincrement=False)

"""What was learned of run times and waits: the order of starts rests on it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the table; nothing was kept before."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "learned",
        sa.Column("name", sa.Text(), nullable=False, primary_key=True),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("at", number, nullable=False),
    )

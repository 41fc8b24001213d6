"""The audit log: who asked for what, and was let or not."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the table; nothing was noted before."""
    op.create_table(
        "audit",
        _number("id", key=True),
        _number("at"),
        *(
            sa.Column(name, _words(), nullable=False)
            for name in ("owner", "role", "origin", "action", "subject", "why")
        ),
        sa.Column("refused", _words(), nullable=True),
    )
    op.create_index("audit_owner", "audit", ["owner", "id"])


def _words() -> sa.types.TypeEngine[str]:
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _number(name: str, *, key: bool = False) -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, kind, nullable=False, primary_key=key, autoincrement=False)

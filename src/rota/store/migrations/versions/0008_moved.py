"""Where a queue went that was moved, and at which addresses its servers can be reached."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the mark and the table; no queue was moved before, no address was told."""
    op.add_column("meta", _words("moved", server_default=sa.text("''")))
    op.create_table(
        "peer",
        _words("name", primary_key=True),
        _words("urls"),
        sa.Column(
            "seen_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
    )


def _words(name: str, **options: Any) -> sa.Column[str]:
    kind = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    return sa.Column(name, kind, nullable=False, **options)

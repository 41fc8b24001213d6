"""Who leads: epochs that only grow, a mark of each commit, and the pulse of the leader."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the marks and the table; nobody has led before."""
    op.add_column("meta", _count("epoch"))
    op.add_column("meta", _count("commits"))
    op.create_table(
        "leader",
        _number("only", key=True),
        _number("epoch"),
        _number("beats"),
        sa.Column("who", sa.Text(), nullable=False),
    )
    op.execute("INSERT INTO leader (\"only\", epoch, beats, who) VALUES (1, 0, 0, '')")


def _count(name: str) -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, kind, nullable=False, server_default=sa.text("0"))


def _number(name: str, *, key: bool = False) -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, kind, nullable=False, primary_key=key, autoincrement=False)

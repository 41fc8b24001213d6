"""Tokens that end, and what nodes require and whom they serve."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns; tokens and nodes from before are as free as they were."""
    for column in (
        _said("note", ""),
        _number("expires_at"),
        _number("uses"),
        _text("node"),
        _said("labels", "[]"),
        _text("parent"),
    ):
        op.add_column("token", column)
    op.add_column("node", _said("requires", "[]"))
    op.add_column("node", _text("serves"))


def _said(name: str, default: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default=default)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=True)


def _number(name: str) -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, kind, nullable=True)

"""Agents that do as if: what they say is the real protocol."""

from __future__ import annotations

from pathlib import Path

import fleet

from rota.wire import agent as wire


def test_what_is_said_of_a_task_keeps_to_the_protocol() -> None:
    """Started, then finished, both about the same attempt."""
    told, complaints = wire.checked(fleet._ended((7, 1, 2)), wire.FROM_AGENT)

    assert complaints == []
    assert [(m["t"], list(m["a"])) for m in told] == [
        ("started", [7, 1, 2]), ("finished", [7, 1, 2]),
    ]  # fmt: skip


def test_the_log_of_the_database_counts(tmp_path: Path) -> None:
    """What is on disk is both."""
    (tmp_path / "rota.db").write_bytes(b"12345")
    (tmp_path / "rota.db-wal").write_bytes(b"678")

    assert fleet.size_of(tmp_path) == 8

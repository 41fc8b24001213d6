"""Metrics over TCP: only for who has a token."""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest

from tests.server.running import Server


def test_a_stranger_gets_no_numbers(shared: Server) -> None:
    """But is told whether work is taken."""
    address = shared.facts()["tcp"]
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(f"{address}/metrics", timeout=20)
    with urllib.request.urlopen(f"{address}/ready", timeout=20) as answer:
        assert answer.status == 200
    token = (shared.home / "token").read_text().strip()
    asked = urllib.request.Request(
        f"{address}/metrics", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(asked, timeout=20) as answer:
        assert b"rota_tasks" in answer.read()

"""What is in force, over the API; the whole story is in ``tests/faces/test_config.py``."""

from __future__ import annotations

from tests.server.running import Server


def test_what_is_in_force_is_shown_and_read_again(shared: Server) -> None:
    """A file appears, is read on demand, goes, and is read again."""
    path = shared.home / "config.yaml"
    assert shared.good("GET", "/config")["source"] is None
    path.write_text("licences: {abaqus: 3}\nqueues: {short: {weight: 1}}\n")
    try:
        told = shared.good("POST", "/config/reload")
        assert (told["source"], told["licences"]) == (str(path), {"abaqus": 3})
        [licence] = shared.good("GET", "/licences")["licences"]
        assert (licence["name"], licence["free"], licence["held"]) == ("abaqus", 3, 0)
        queues = {q["name"]: q["rules"] for q in shared.good("GET", "/queues")["queues"]}
        assert queues["short"] == {"weight": 1.0}
    finally:
        path.unlink()
        told = shared.good("POST", "/config/reload")
    assert (told["source"], told["licences"]) == (None, {})

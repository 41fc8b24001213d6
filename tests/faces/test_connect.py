"""From options to a client."""

from __future__ import annotations

from pathlib import Path

from rota.faces.connect import client_of
from rota.faces.keys import Asked


def test_options_say_which_server(tmp_path: Path) -> None:
    """An address first, then a home."""
    asked = Asked(server=None, home=str(tmp_path))
    assert client_of(asked).address == f"unix:{tmp_path}/rota.sock"
    asked = Asked(server="http://127.0.0.1:7", home=str(tmp_path))
    assert client_of(asked).address == "http://127.0.0.1:7"

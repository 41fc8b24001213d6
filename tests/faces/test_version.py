"""``rota version``: ours and the server's."""

from __future__ import annotations

from importlib.metadata import version

from tests.faces.conftest import Rota

OURS = version("rota")


def test_both_versions(rota: Rota) -> None:
    """They may differ; the one that matters is said."""
    assert rota("version").out == f"rota {OURS}, server {OURS}\n"
    assert rota("--version").out == f"rota {OURS}, server {OURS}\n"
    assert rota("version", "--json").json == {
        "schema": "rota.version/1", "version": OURS, "server": OURS,
    }  # fmt: skip


def test_without_a_server(alone: Rota) -> None:
    """No reason to fail."""
    said = alone("version")

    assert (said.code, said.out) == (0, f"rota {OURS}, no server here\n")

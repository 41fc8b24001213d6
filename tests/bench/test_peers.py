"""Rota beside its peers: the table's ratios, and who is left out."""

from __future__ import annotations

import peers
import pytest
from floor import Run


def test_ratios_are_of_runs_in_the_same_round() -> None:
    """The second round was on a machine twice as slow: no ratio changes."""
    runs = {
        "floor, in C": [Run(100, 0.1, 0.05), Run(100, 0.2, 0.1)],
        peers.ROTA: [Run(100, 0.2, 0.1), Run(100, 0.4, 0.2)],
        "other": [Run(100, 1.0, 0.5), Run(100, 2.0, 1.0)],
    }
    said = [line.split("|") for line in peers.table(runs, {"other": "little"}).splitlines()]
    cells = {line[1].strip(): [cell.strip() for cell in line[3:-1]] for line in said[2:]}
    assert list(cells) == ["floor, in C", peers.ROTA, "other"]
    assert cells[peers.ROTA] == ["0.50", "1.0", "1.50", "2.0", "everything"]
    assert cells["other"] == ["0.10", "5.0", "7.50", "10.0", "little"]


def test_who_is_not_installed_says_how(monkeypatch: pytest.MonkeyPatch) -> None:
    """By pip, or by the distribution's packages."""
    monkeypatch.setattr(peers, "which", lambda _: None)
    assert peers.Peer("x", ("x.py",), "nothing", program="xx").missing() == "apt install xx"
    made = peers.Peer("y", ("y.py",), "nothing", package="no-such-package")
    assert made.missing() == "bench/peers.py --install"

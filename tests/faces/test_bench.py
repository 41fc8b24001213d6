"""``rota bench``: a queue of its own is measured beside the bare loop, and removed."""

from __future__ import annotations

from pathlib import Path

from tests.faces.conftest import Rota


def test_it_measures_in_a_home_of_its_own(alone: Rota, tmp_path: Path) -> None:
    """Nothing of yours is touched, and nothing is left."""
    home = tmp_path / "homes" / "mine"
    said = alone("bench", "--jobs", "20", "--cores", "1", "--json", "--home", str(home))
    assert said.code == 0, said.err
    told = said.json
    assert (told["schema"], told["jobs"], told["cores"]) == ("rota.bench/1", 20, 1)
    assert all(told[name] > 0 for name in told if name.endswith(("_s", "_ms")))
    # Whatever a queue does comes on top of starting the process.
    assert told["cpu_ms"] > told["floor_cpu_ms"] / 2
    assert told["latency_p50_ms"] <= told["latency_p95_ms"]
    assert list(home.parent.iterdir()) == []


def test_numbers_that_make_no_sense_are_refused(alone: Rota) -> None:
    """With what may be said."""
    said = alone("bench", "--jobs", "3")
    assert (said.code, "--jobs: a number from 10" in said.err) == (2, True)

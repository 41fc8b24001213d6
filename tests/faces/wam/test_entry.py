"""wam's options."""

from __future__ import annotations

from pathlib import Path

import pytest

from rota.faces.wam.entry import UsageError, main, scan


def test_options_are_read_as_they_are_typed() -> None:
    """One dash or two; several values where there can be several."""
    assert scan(["-j", "a", "-cpus", "4", "-e"]) == {
        "job": ["a"],
        "cpus": ["4"],
        "email": [],
    }
    assert scan(["-k", "12", "13:x"]) == {"kill": ["12", "13:x"]}
    assert scan(["f.json", "-n", "box"]) == {"files": ["f.json"], "host": ["box"]}
    for wrong in (["-odd"], ["-j"]):
        with pytest.raises(UsageError):
            scan(wrong)


@pytest.mark.parametrize(
    ("words", "code"), [(("-about",), 0), ((), 2), (("-qstat",), 1), (("-tc", "x"), 2)]
)
def test_without_a_server(
    words: tuple[str, ...], code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What needs none works; the rest says where it looked."""
    assert main("wam", words, home=str(tmp_path)) == code
    said = capsys.readouterr()
    assert said.out or said.err

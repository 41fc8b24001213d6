"""One door for DIRAC's commands."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from rota.faces.dirac.entry import COMMANDS, Asked, main
from rota.faces.shims import FAMILIES


def test_every_command_has_a_shim_and_something_to_do() -> None:
    """And none more."""
    assert set(FAMILIES["dirac"]) == set(COMMANDS)
    for module, name, _ in COMMANDS.values():
        assert callable(getattr(import_module(f"rota.faces.dirac.{module}"), name))


def test_numbers_come_from_words_and_files(tmp_path: Path) -> None:
    """By commas, blanks and lines; each once."""
    (tmp_path / "ids").write_text("7\n8, 9\n")
    asked = Asked({"File": str(tmp_path / "ids")}, ["5,6", "7"])
    assert asked.ids() == [5, 6, 7, 8, 9]


@pytest.mark.parametrize(
    ("words", "code"),
    [(("dstat",), 1), (("dkill", "x"), 2), (("dstat", "--nosuch"), 2), (("dsub", "-h"), 0)],
)
def test_without_a_server(
    words: tuple[str, ...], code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was looked for is said; what is wrong needs no server."""
    assert main(words[0], words[1:], home=str(tmp_path)) == code
    said = capsys.readouterr()
    assert (said.out if code == 0 else said.err) and (code != 1 or "ERROR: " in said.err)

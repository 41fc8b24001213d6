"""One door for JTM's commands, and what it exits with."""

from __future__ import annotations

from pathlib import Path

import pytest

from rota.faces.jtm.entry import COMMANDS, OPTIONS, UsageError, main, scan
from rota.faces.shims import FAMILIES


def test_every_command_has_a_shim() -> None:
    """And none more."""
    assert set(FAMILIES["jtm"]) == set(COMMANDS)


def test_options_are_read_as_they_are_typed() -> None:
    """Short, long, joined; a number alone is the task."""
    words = ["-cr", "a b", "--shared=0", "--pool_name", "x", "-c", "4", "-C", "knl"]
    assert scan(words, OPTIONS["submit"]) == {
        "command": "a b", "shared": "0", "name": "x", "cpu": "4", "constraint": "knl",
    }  # fmt: skip
    assert scan(["12"], OPTIONS["kill"]) == scan(["-tid", "12"], OPTIONS["kill"])
    for wrong in (["-x"], ["-tid"]):
        with pytest.raises(UsageError):
            scan(wrong, OPTIONS["kill"])


@pytest.mark.parametrize(
    ("words", "code", "out"),
    [
        (("jtm-isalive", "1"), 0, "yes\n"), (("jtm-status", "-tid", "1"), 168, ""),
        (("jtm-submit", "-cr", "true"), 168, ""), (("jtm-check-manager",), 255, ""),
        (("jtm", "--debug", "isalive", "-tid", "1"), 0, "yes\n"), (("jtm", "x"), 2, ""),
    ],
)  # fmt: skip
def test_without_a_server(
    words: tuple[str, ...], code: int, out: str, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """Nobody is told that a task is dead because the server is away."""
    assert main(words[0], words[1:], home=str(tmp_path)) == code
    said = capsys.readouterr()
    assert said.out == out and said.err

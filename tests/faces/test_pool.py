"""``rota pool``: what one types, what one sees."""

from __future__ import annotations

import pytest

from rota.faces import pool
from rota.faces.options import parse
from tests.faces.conftest import Rota


def test_keys_become_values_of_a_file() -> None:
    """Lists by commas or again and again; an empty word takes a key back."""
    words = [
        "add",
        "big",
        "--kind",
        "slurm",
        "--cores",
        "4",
        "--labels",
        "a,b",
        "--qos",
        "",
    ]
    words += ["--options=--mail-user=a,b", "--commands", "poll=x, y=1"]
    assert pool.keys_of(parse("pool", pool, words)) == {
        "kind": "slurm", "cores": 4, "labels": ["a", "b"], "qos": None,
        "options": ["--mail-user=a,b"], "commands": {"poll": "x, y=1"},
    }  # fmt: skip


def test_a_pool_from_beginning_to_end(rota: Rota) -> None:
    """Dry, added, shown, changed, logged, removed."""
    asked = ["--kind", "slurm", "--time", "1h", "--cores", "4", "--max", "3"]
    dry = rota("pool", "add", "big", *asked, "--dry-run")
    assert "#SBATCH --time=60" in dry.lines
    assert "# handed in by: sbatch --parsable" in dry.err
    assert "no pool" in rota("pool").err
    assert "is there" in rota("pool", "add", "big", *asked).out
    [line] = rota("pool", "ls").lines[1:]
    assert line.split()[:4] == ["big", "slurm", "open", "[...]"]
    assert rota("pool", "set", "big", "--max", "5").code == 0
    assert "max    5" in rota("pool", "show", "big").out
    assert rota("pool", "--json").json["pools"][0]["max"] == 5
    assert rota("pool", "log", "big").out == ""
    assert "is being removed" in rota("pool", "remove", "big").out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["show", "bug"], "there is no pool bug; there are none"),
        (["add"], "rota pool add needs the NAME of a pool"),
        (["add", "big", "--kind", "command", "--commands", "x"], "is not NAME=COMMAND"),
        (["add", "big"], "kind: is missing; say one of local"),
    ],
)
def test_what_is_wrong_is_told(rota: Rota, words: list[str], told: str) -> None:
    """In a sentence, with exit code 2."""
    said = rota("pool", *words)
    assert (said.code, told in said.err) == (2, True), said.err

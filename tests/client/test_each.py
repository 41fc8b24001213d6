"""Inputs of each task: which placeholders mean what, and which mean nothing yet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rota.client.each import asked_of
from rota.client.gathering import gather
from rota.core.errors import Malformed
from rota.core.globs import Rule


def test_a_task_has_its_index_and_its_values() -> None:
    """On either side of the arrow; what names none is for all."""
    doc = {"array": "3,7", "items": ["a", "b"], "vectors": {"t": {"start": 5, "step": 1}}}
    asked = asked_of(["m.py", "{item}/{task:3}.dat -> deck", "x -> {t}"], doc)
    assert asked.common == ("m.py",)
    assert asked.own == {
        3: [Rule("a/003.dat", "deck"), Rule("x", "5")],
        7: [Rule("b/007.dat", "deck"), Rule("x", "6")],
    }


def test_other_braces_are_names_of_files() -> None:
    """As in commands."""
    assert asked_of(["{a,b}.txt", "{mine}"], {}).common == ("{a,b}.txt", "{mine}")


@pytest.mark.parametrize(
    ("doc", "text", "told"),
    [
        ({}, "{task}.dat", "no {task}"),
        ({"array": "0-1"}, "{item}.dat", "no {item}"),
        ({"array": "0-1"}, "x -> {job}", "{job} is not known yet"),
        ({"array": "0-199999"}, "{task}.dat", "at most 100000"),
        ({"array": "zero"}, "{task}.dat", "indexes"),
    ],
)
def test_what_has_no_value_is_refused(doc: dict[str, Any], text: str, told: str) -> None:
    """Else a file of that odd name would be looked for."""
    with pytest.raises(Malformed) as caught:
        asked_of([text], doc)
    assert told in str(caught.value)


def test_each_task_takes_its_own_file_along(tmp_path: Path) -> None:
    """And all that miss one are complained about."""
    for name in ("m", "0.dat", "1.dat"):
        (tmp_path / name).write_text(name)
    asked = asked_of(["m", "{task}.dat -> deck"], {"array": "0-1"})
    found = gather(asked.common, None, folder=str(tmp_path), own=asked.own)
    assert [entry.path for entry in found.tree.of(1).entries] == ["deck", "m"]
    assert len(found.paths) == 3
    more = asked_of(["{task}.dat"], {"array": "1-3"})
    with pytest.raises(Malformed) as caught:
        gather((), None, folder=str(tmp_path), own=more.own)
    assert "2.dat" in str(caught.value) and "3.dat" in str(caught.value)

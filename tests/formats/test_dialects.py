"""The dialects that jobs can be read in."""

from __future__ import annotations

import pytest

from rota.core.errors import Malformed
from rota.formats.dialects import DIALECTS, guess


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("#!/bin/sh\n#SBATCH -n 1\n", "sbatch"), ("#!/bin/sh\n#$ -cwd\n", "qsub"),
        ("command: true\n", "rota"), ("#!/bin/sh\n#ROTA cores: 2\n", "rota"),
    ],
)  # fmt: skip
def test_a_text_tells_what_it_is_in(text: str, name: str) -> None:
    """By its marks; it can be read then."""
    assert guess(text) == name
    assert len(DIALECTS[name].read(text, where="job.sh")) == 1


@pytest.mark.parametrize(
    ("text", "file", "name"),
    [
        ('[\n Executable = "x";\n]\n', "job.jdl", "jdl"),
        ('{"command": "x", "pool": {"name": "a"}}', "task.json", "jtm"),
        ('{"jobFiles": ["a.inp"], "solverFlags": {"cpus": 2}}', "a.json", "wam"),
        ('{"command": "x", "name": "output_files"}', "job.json", "rota"),
    ],
)
def test_or_by_its_keys_and_its_ending(text: str, file: str, name: str) -> None:
    """JSON of three systems looks alike but for its keys."""
    assert guess(text, name=file) == name
    assert len(DIALECTS[name].read(text, where=file)) == 1


BAD = {
    "rota": ("command: x\ncores: lots\n", "f:2:1: cores: "),
    "sbatch": ("#!/bin/sh\n#SBATCH -n 2 --mem=lots\n", "f:2:14: --mem: "),
    "wq": ("command: x\nN: lots\n", "f:2:1: N: "),
    "qm": ("[QMOptions]\nscript : x\nnb_proc : lots\n", "f:3:1: nb_proc: "),
    "qsub": ("#!/bin/sh\n#$ -cwd -t 0\n", "f:2:9: -t: "),
    "jtm": ('{"command": "x",\n "pool": {"cpu": "lots"}}', "f:2:11: cpu: "),
    "jdl": ("Executable = x;\n  Tag = {{a}};", "f:2:3: Tag: "),
    "wam": ('{"jobFiles": ["a"],\n "solverFlags": {"cpus": "x"}}', "f:2:18: cpus: "),
}


@pytest.mark.parametrize("name", DIALECTS)
def test_errors_have_line_column_and_key(name: str) -> None:
    """In every dialect."""
    text, told = BAD[name]
    with pytest.raises(Malformed) as caught:
        DIALECTS[name].read(text, where="f")
    assert caught.value.sentence.startswith(told)


def test_those_that_write_can() -> None:
    """Every row is tried."""
    for dialect in DIALECTS.values():
        if dialect.writer:
            assert dialect.write({"command": "true"})[0]

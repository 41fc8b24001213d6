"""The dialects that jobs can be read in."""

from __future__ import annotations

import pytest

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


def test_those_that_write_can() -> None:
    """Every row is tried."""
    for dialect in DIALECTS.values():
        if dialect.writes:
            assert dialect.write({"command": "true"})[0]

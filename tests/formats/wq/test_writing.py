"""Documents as job files of wq."""

from __future__ import annotations

import pytest
import yaml

from rota.formats.wq import read
from rota.formats.wq.writing import write
from tests.formats.wq.conftest import JOB


@pytest.mark.parametrize(
    "text",
    [
        JOB, "command: a\n", "command: a\nmode: by_host\nhost: n1\nN: 2\n",
        "command: a\nmode: by_group\ngroup: gen5\npriority: block\n",
        "command: a\nmode: by_core1\nN: 4\nmin_mem: 23.5\n",
    ],
)  # fmt: skip
def test_there_and_back(text: str) -> None:
    """A job file of wq says the same after a visit at ours."""
    doc = read(text).doc
    written, lost = write(doc)
    assert read(written).doc == doc and not lost


def test_what_wq_has_no_words_for() -> None:
    """Is told; the rest of the job stands."""
    doc = {"argv": ["a", "b c"], "memory": "2GB", "priority": 7, "array": "0-9"}
    written, lost = write(doc)
    assert yaml.safe_load(written)["command"] == "a 'b c'"
    assert {what for _, what, _ in lost} == {"memory", "priority", "array"}

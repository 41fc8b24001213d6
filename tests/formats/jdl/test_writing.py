"""Documents as DIRAC's job descriptions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.formats.jdl import read
from rota.formats.jdl.writing import write

WORD = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n\\"), min_size=1)


@given(
    argv=st.lists(WORD, min_size=1, max_size=4).filter(lambda words: words[0].strip()),
    cores=st.integers(1, 1024), memory=st.integers(1, 999), priority=st.integers(1, 9),
)  # fmt: skip
def test_what_is_written_is_read_again(
    argv: list[str], cores: int, memory: int, priority: int
) -> None:
    """Quotes, semicolons and brackets in words survive."""
    doc = {
        "argv": [argv[0].strip(), *argv[1:]], "cores": cores, "memory": f"{memory << 30} B",
        "priority": priority, "require": ["GPU"], "group": ["LCG.CERN.ch"], "name": "fit",
        "outputs": ["a.dat"], "env": {"A": "b=c"}, "cwd": "fresh",
    }  # fmt: skip
    text, lost = write(doc)
    found = read(text)[0].doc
    assert not lost
    for key in doc:
        assert found[key] == doc[key], (key, text)


def test_a_script_says_it_in_its_head() -> None:
    """What #JDL lines it had are replaced."""
    script = "#!/bin/sh\n#JDL JobName = old\necho a\n"
    text, _ = write({"script": script, "name": "new", "args": ["x y"], "output": "o.txt"})
    found = read(text)[0].doc
    assert found["name"] == "new" and found["args"] == ["x y"]
    assert "old" not in text and found["output"] == "o.txt"
    assert found["script"].endswith("echo a\n")


@pytest.mark.parametrize(
    ("doc", "what"),
    [
        ({"command": "a\nb"}, "Arguments"), ({"argv": ["a", 'x\\"']}, "Arguments"),
        ({"argv": ["a"], "retries": 3}, "retries"), ({"argv": ["a"], "cwd": "/x"}, "cwd"),
        ({"argv": ["a"], "inputs": ["/d/x -> y"]}, "inputs"),
        ({"argv": ["a"], "priority": "high"}, "priority"),
    ],
)  # fmt: skip
def test_what_cannot_be_said_is_told(doc: dict[str, object], what: str) -> None:
    """Rather than said wrongly."""
    assert what in [told for _, told, _ in write(doc)[1]]

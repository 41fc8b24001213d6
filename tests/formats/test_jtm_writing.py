"""Documents as task files of the JAWS Task Manager."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rota.formats.jtm import read
from rota.formats.jtm_writing import write


@given(
    command=st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)
    .filter(str.strip),
    cores=st.integers(1, 999), memory=st.integers(1, 10**6), time=st.integers(1, 10**6),
)  # fmt: skip
def test_what_is_written_is_read_again(
    command: str, cores: int, memory: int, time: int
) -> None:
    """As the same job, whatever its command holds."""
    doc = {
        "command": command, "cores": cores, "memory": f"{memory << 20} B",
        "time": f"{time}s", "cwd": "/data", "expect": ["a.bam", "b/c.txt"],
        "tags": ["pool.align"], "output": "a.out", "name": "fit",
    }  # fmt: skip
    text, lost = write(doc)
    found = read(text)[0].doc
    assert not lost
    for key in ("command", "cores", "memory", "cwd", "expect", "tags", "output", "name"):
        assert found[key] == doc[key], key
    hours, minutes, seconds = map(int, found["time"].split(":"))
    assert (hours * 60 + minutes) * 60 + seconds == time


def test_what_it_has_no_words_for_is_told() -> None:
    """And the rest is a task of the pool for all."""
    text, lost = write(
        {"argv": ["./a", "b c"], "cwd": "fresh", "retries": 1, "env": {"A": "1"}}
    )
    assert [what for _, what, _ in lost] == ["retries", "env", "cwd"]
    task = read(text)[0].doc
    assert task["command"] == "./a 'b c'" and task["tags"] == ["pool.small"]

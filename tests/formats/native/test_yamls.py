"""YAML job files: read as written, with lines, and safely."""

from __future__ import annotations

from typing import Any

import pytest

from rota.formats.native.yamls import read_yaml
from tests.formats.native.telling import refused


def read(text: str) -> Any:
    """Return the keys of the one job in *text*."""
    (document,) = read_yaml(text, where="j.yaml")
    return document.data


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("command: true", "true"),
        ("name: 007", "007"),
        ("name: 1e5", "1e5"),
        ("time: 1:30:00", "1:30:00"),
        ("memory: 10", "10"),
        ("account: no", "no"),
        ("env: {A: 3.10, B: yes, C: 012}", {"A": "3.10", "B": "yes", "C": "012"}),
        ("argv: [sleep, 1.50]", ["sleep", "1.50"]),
        ("items: [0.10, 0x1F, on]", ["0.10", "0x1F", "on"]),
        ("vectors: {x: [0.10]}", {"x": ["0.10"]}),
        ("vectors: {x: {start: 0.10}}", {"x": {"start": 0.1}}),
        ("tags: [2024, 7]", ["2024", "7"]),
        ("cores: 4", 4),
        ("cores: 010", "010"),
        ("cores: 1_000", "1_000"),
        ("held: true", True),
        ("held: yes", "yes"),
        ("priority: -5", -5),
        ("success_codes: [0, 3]", [0, 3]),
        ("begin: 2026-05-01", "2026-05-01"),
        ("cores: '4'", "4"),
        ("cores: !!int '4'", 4),
        ("name: !!str 4", "4"),
        ("name:", None),
        ("name: ~", None),
        ("command: |\n  a\n  b\n", "a\nb\n"),
    ],
)
def test_a_word_is_text_where_text_is_wanted(line: str, value: Any) -> None:
    """And a number where a number is: 1:30:00 is no 5400, no is not false."""
    assert read(line) == {line.partition(":")[0]: value}


def test_each_key_knows_its_line() -> None:
    """In one job, in several, and below defaults."""
    text = "jobs:\n- command: a\n  memory: 1G\n-\n  command: b\ndefaults:\n  cores: 2\n"

    one, two = read_yaml(text, where="j.yaml")

    assert one.data == {"cores": 2, "command": "a", "memory": "1G"}
    assert one.sources == {
        "cores": "j.yaml:7:3", "command": "j.yaml:2:3", "memory": "j.yaml:3:3"
    }  # fmt: skip
    assert two.sources == {"cores": "j.yaml:7:3", "command": "j.yaml:5:3"}


def test_several_jobs_may_be_a_list_or_documents() -> None:
    """Or both, in one file."""
    text = "- command: a\n- command: b\n---\ncommand: c\n---\n"

    assert [d.data["command"] for d in read_yaml(text, where="j")] == ["a", "b", "c"]


def test_aliases_and_merges_save_typing() -> None:
    """What is said here wins over what is merged in, and the first of several merged."""
    text = """
        jobs:
        - &one {command: a, cores: 1, time: 1h}
        - {<<: *one, command: b}
        - {<<: [{cores: 3}, *one], time: 2h}
        - {command: c, env: &e {A: x}}
        - {command: d, env: *e}
    """

    jobs = [document.data for document in read_yaml(text, where="j")]

    assert jobs[1] == {"command": "b", "cores": 1, "time": "1h"}
    assert jobs[2] == {"command": "a", "cores": 3, "time": "2h"}
    assert jobs[4]["env"] == {"A": "x"}


LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{two}: &{two} [{','.join(['*' + one] * 9)}]\n"
    for one, two in zip("abcdefgh", "bcdefghi", strict=True)
)
MERGES = "a: &a {x: 1}\n" + "".join(
    f"{two}: &{two} {{<<: [{','.join(['*' + one] * 9)}]}}\n"
    for one, two in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "j.yaml: is empty: it has no job in it"),
        ("# only a comment\n", "j.yaml: is empty: it has no job in it"),
        ("[]", "j.yaml: has no job in it"),
        ("a: 1\n\na: 2", "j.yaml:3:1: a is given twice, first on line 1; give it once"),
        ("command: [\n", "j.yaml:2:1: is not YAML: did not find expected node content"),
        ("a: b: c", "j.yaml:1:5: is not YAML: mapping values are not allowed"),
        ("command: !!python/object:os.system x", "the tag '!!python/object:os.system'"),
        ("!job\ncommand: x", "j.yaml:1:1: the tag '!job' is not allowed; leave it out"),
        ("command: !!binary eA==", "the tag '!!binary' is not allowed"),
        ("a: &a [*a]", "j.yaml:1:8: *a stands for nothing complete before it"),
        ("a: *b", "*b stands for nothing"),
        ("{[a]: b}", "j.yaml:1:2: a key must be a word"),
        ("<<: 3", "j.yaml:1:5: << takes a mapping"),
        ("[" * 100_000, "j.yaml:1:51: is nested more than 50 deep"),
        ("- " * 100_000, "j.yaml:1:101: is nested more than 50 deep"),
        ("{a: " * 100_000, "j.yaml:1:201: is nested more than 50 deep"),
        (LAUGHS, "its aliases expand to too much"),
        (MERGES, "its aliases expand to too much"),
        ("command: x\n\tcores: 1", "is not YAML"),
        ("command: x\x07", "is not YAML"),
        ("- 3", "j.yaml:1:3: [0]: must be a job, a mapping of keys to values, not 3"),
    ],
)
def test_what_is_not_to_be_had_is_refused_with_its_line(text: str, told: str) -> None:
    """Nothing is built from tags, nothing expands without bound, nothing crashes."""
    assert told in refused(read_yaml, text, where="j.yaml")[0]

"""JSON and TOML job files, with the line of each key."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.formats.native.jsons import key_spots, read_json, read_toml
from tests.formats.native.telling import refused


def test_json_keys_know_their_lines() -> None:
    """Whatever the layout, and whatever stands inside texts."""
    text = (
        '{"jobs": [\n {"command": "a\\"{,\\n[",\n  "env":\n {"A": 1}},\n {"argv": ["b"]}]}'
    )

    one, two = read_json(text, where="j.json")

    assert one.sources == {"command": "j.json:2:3", "env": "j.json:3:3"}
    assert two.data == {"argv": ["b"]}
    assert two.sources == {"argv": "j.json:5:3"}


@given(
    st.lists(
        st.dictionaries(
            st.text(max_size=4),
            st.recursive(
                st.integers() | st.text(max_size=4),
                lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=2), inner),
                max_leaves=4,
            ),
            max_size=4,
        ),
        min_size=1,
        max_size=4,
    )
)
def test_every_key_is_found_on_its_line(jobs: list[dict[str, object]]) -> None:
    """The scanner agrees with a printer that puts each key of a job on its own line."""
    text, lines = "[\n", {}
    for at, job in enumerate(jobs):
        text += "{\n"
        for key, value in job.items():
            lines[(at, key)] = f"{text.count(chr(10)) + 1}:1"
            comma = "," if key != list(job)[-1] else ""
            text += f"{json.dumps(key)}: {json.dumps(value)}{comma}\n"
        text += "}" + ("," if at < len(jobs) - 1 else "") + "\n"

    found = key_spots(text + "]")

    assert {path: line for path, line in found.items() if len(path) == 2} == lines


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "j.json:1:1: is not JSON: Expecting value"),
        (
            '{"command": "x",\n"cores" 2}',
            "j.json:2:9: is not JSON: Expecting ':' delimiter",
        ),
        ('{"cores": NaN}', "j.json: NaN is not a number that can be asked for"),
        ('{"cores": -Infinity}', "-Infinity is not a number"),
        ('{"a": 1, "a": 2}', "j.json: 'a' is given twice in one mapping; give it once"),
        ("[" * 100_000, "j.json: is nested more than 50 deep"),
        ("1" * 5000, "has a number with more digits than anything has"),
        ("3", "j.json:1:1: must be a job, a mapping of keys to values, not 3"),
        ("null", "must be a job, a mapping of keys to values, not nothing"),
        ('"x"', "not 'x'"),
    ],
)
def test_what_is_no_json_is_refused_with_its_line(text: str, told: str) -> None:
    """And what JSON allows but no job can mean."""
    assert told in refused(read_json, text, where="j.json")[0]


def test_a_deep_value_is_a_complaint_like_any_other() -> None:
    """Python's own limit is not ours to meet."""
    document = read_json('{"command": ' + "[" * 400 + "]" * 400 + "}", where="j")[0]

    assert isinstance(document.data["command"], list)


def test_toml_keys_know_their_lines() -> None:
    """Tables of jobs, defaults, and texts over several lines."""
    text = (
        '[defaults]\ntime = "1h"\n[[jobs]]\ncommand = """\nx = 3\n"""\nmemory = "5G"\n'
        '[jobs.env]\nA = "1"\n[[jobs]]\n"argv" = ["y"]\n'
    )

    one, two = read_toml(text, where="j.toml")

    assert one.data["command"] == "x = 3\n"
    assert one.sources == {
        "time": "j.toml:2:1", "command": "j.toml:4:1", "memory": "j.toml:7:1",
        "env": "j.toml:8:2",
    }  # fmt: skip
    assert two.data == {"time": "1h", "argv": ["y"]}
    assert two.sources["argv"] == "j.toml:11:2"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a = \n", "j.toml:1:5: is not TOML: Invalid value"),
        ("a = 1\na = 2\n", "j.toml:2:6: is not TOML: Cannot overwrite a value"),
        ("x = " + "[" * 100_000, "j.toml"),
        ("x = " + "9" * 5000, "j.toml"),
    ],
)
def test_what_is_no_toml_is_refused_with_its_line(text: str, told: str) -> None:
    """As the reader tells it."""
    assert told in refused(read_toml, text, where="j.toml")[0]


def test_a_date_of_toml_is_no_begin_time_but_says_so() -> None:
    """TOML has dates of its own; ours are text."""
    document = read_toml("begin = 2026-05-01T00:00:00Z\ncommand = 'x'", where="j")[0]

    from rota.formats.native import build

    assert "begin: must be text" in refused(build, document.data)[0]

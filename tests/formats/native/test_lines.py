"""#ROTA lines, options and one-liners."""

from __future__ import annotations

from typing import Any

import pytest

from rota.formats.native.lines import read_line, read_options, read_script
from tests.formats.native.telling import refused

SCRIPT = """#!/bin/bash
# a comment
#ROTA memory: 10GB; cores: 4
#ROTA --time=2h --tag paper --tag 'fig 3'
#ROTA --held
#ROTA env: A=b,c
#ROTA --env B=d

#ROTA: --no-restartable
  #ROTA this is indented, so it is only a comment
echo go
"""


def test_a_script_says_what_it_needs_in_its_head() -> None:
    """Keys or options; the text itself, shebang and all, is what runs."""
    script = SCRIPT.replace("'fig 3'", "fig3")

    found = read_script(script, where="run.sh")

    assert found.data == {
        "memory": "10GB", "cores": 4, "time": "2h", "tags": ["paper", "fig3"],
        "held": True, "env": {"A": "b,c", "B": "d"}, "restartable": False,
        "script": script,
    }  # fmt: skip
    assert found.sources["memory"] == "run.sh:3:7"
    assert found.sources["restartable"] == "run.sh:9:8"
    assert found.sources["script"] == "run.sh"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("memroy: 10GB", "s:2:7: memroy: unknown key; did you mean `memory`?"),
        ("--tiem=2h", "s:2:7: --tiem: unknown key; did you mean `time`?"),
        ("memory: 10", "s:2:7: memory: 10 has no unit; write for example 10GB"),
        ("--cores four", "s:2:7: cores: must be a whole number, not 'four'"),
        ("--memory", "s:2:7: memory: needs a value: SIZE"),
        ("--no-cores", "s:2:7: cores: is no flag, so there is no --no- of it"),
        ("--no-held=3", "s:2:7: held: takes no value after --no-"),
        ("cores: 4; cores: 5", "s:2:17: cores: is given twice, first at s:2"),
        ("hello", "s:2:7: hello is not of the form key: value"),
        ("--cores 4 5", "s:2:17: #ROTA: 5 belongs to no option; write --key=value"),
        ("--name 'x", "s:2:7: #ROTA: cannot be read: No closing quotation"),
        ("command: x", "s:2:7: command: a script says what runs by itself; leave it out"),
        ("hostfile: x", "s:2:7: hostfile: is planned but not in this version"),
    ],
)
def test_a_wrong_line_is_told_with_its_number(line: str, told: str) -> None:
    """While the number is still known."""
    assert told in refused(read_script, f"#!/bin/sh\n#ROTA {line}\n", where="s")[0]


def test_a_line_after_the_first_command_is_refused() -> None:
    """Other systems ignore it silently, and the job runs without its memory."""
    (line,) = refused(read_script, "#!/bin/sh\ncd x\n#ROTA cores: 4\n", where="s")

    assert line == (
        "s:3:1: #ROTA: comes after the first command, on line 2; "
        "move it up, or indent it if it is not for Rota"
    )


def test_all_wrong_lines_are_told_at_once() -> None:
    """One try, one list."""
    script = "#!/bin/sh\n#ROTA cores: 0\n#ROTA memroy: 1G\nx\n#ROTA time: 1h\n"

    lines = refused(read_script, script, where="s")

    assert [line[:4] for line in lines] == ["s:2:", "s:3:", "s:5:"]


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("mode: bynode; N: 5", {"mode": "bynode", "n": 5}),
        ("mode:by_node; N:2; group:[gen4,gen5]",
         {"mode": "by_node", "n": 2, "group": ["gen4", "gen5"]}),
        ("name: 'a;b: c'", {"name": "a;b: c"}),
        ('command: "echo a; echo b"', {"command": "echo a; echo b"}),
        ("command: echo a:b", {"command": "echo a:b"}),
        ("priority: high;", {"priority": "high"}),
        ("priority=-5", {"priority": -5}),
        ("", {}),
    ],
)  # fmt: skip
def test_a_one_liner_says_several_keys(text: str, data: dict[str, Any]) -> None:
    """wq's habit; unlike there, quotes keep semicolons and colons in a value."""
    assert read_line(text, where="-r").data == data


def test_options_say_the_same() -> None:
    """As the command line gives them: spelling and text."""
    found = read_options(
        [("--memory", "1G"), ("--retries", "oom=1,any=2"), ("--held", None), ("--tag", "a")]
    )

    assert found.data == {
        "memory": "1G", "retries": {"oom": 1, "any": 2}, "held": True, "tags": ["a"],
    }  # fmt: skip
    assert found.sources["memory"] == "--memory"
    assert refused(read_options, [("--held", "x")]) == [
        "--held: held: must be true or false, not 'x'"
    ]

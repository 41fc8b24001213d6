"""Who has the last word, and how it is shown."""

from __future__ import annotations

from typing import Any

import pytest

from rota.formats.native import build, explain, merge
from rota.formats.native.layers import instant


def test_the_last_layer_has_the_last_word() -> None:
    """Option over #ROTA line over file over queue default; each key knows its own."""
    doc, sources = merge(
        [
            ("queue long", {"time": "1h", "cores": 1, "memory": "1G"}),
            ({"cores": "a.yaml:2:1", "memory": "a.yaml:3:1"}, {"cores": 2, "memory": "2G"}),
            ("run.sh:2:1", {"memory": "3G"}),
            ("--name", {"name": "x"}),
        ]
    )

    assert doc == {"time": "1h", "cores": 2, "memory": "3G", "name": "x"}
    assert sources == {
        "time": "queue long", "cores": "a.yaml:2:1", "memory": "run.sh:2:1",
        "name": "--name",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("below", "above", "doc"),
    [
        ({"command": "a"}, {"argv": ["b"]}, {"argv": ["b"]}),
        ({"memory": "1G"}, {"memory_per_core": "2G"}, {"memory_per_core": "2G"}),
        ({"lines": "f"}, {"items": ["a"]}, {"items": ["a"]}),
        ({"env": {"A": "1", "B": "1"}}, {"env": {"B": "2"}}, {"env": {"A": "1", "B": "2"}}),
        ({"N": 1}, {"n": 2}, {"n": 2}),
        ({"n": 1}, {"N": 2}, {"n": 2}),
        ({"tags": ["a"]}, {"tag": ["b"]}, {"tags": ["b"]}),
        ({}, {"n": 1, "N": 2}, {"n": 1, "N": 2}),
        ({"argv": ["a"]}, {"command": "b", "script": "c"}, {"command": "b", "script": "c"}),
    ],
)
def test_a_key_puts_out_its_rivals_below_and_none_beside(
    below: Any, above: Any, doc: Any
) -> None:
    """Contradictions within one layer stay, to be complained about."""
    assert merge([("", below), ("", above)])[0] == doc


def test_a_dry_run_shows_each_key_its_value_and_where_from() -> None:
    """What was given, and what matters always."""
    sources = {
        "argv": "option", "memory_per_core": "a:2", "vectors": "a:3", "begin": "a:4",
        "after": "a:5", "env": "env_policy (built-in)", "retries": "a:6", "priority": "a:7",
    }  # fmt: skip
    spec = build(
        {
            "argv": ["run", "{x}"], "memory_per_core": "2G", "cores": 2, "priority": "high",
            "vectors": {"x": {"start": 1, "step": 1, "count": 5}}, "array": "%2",
            "begin": "2026-05-01T18:00+02:00", "after": ["ok:3", "any:4"],
            "env": {"A": "1"}, "retries": {"oom": 1},
        }
    )  # fmt: skip

    rows = {row.key: (row.value, row.where) for row in explain(spec, sources)}

    assert rows["argv"] == ("run, {x}", "option")
    assert rows["memory"] == ("4 GiB", "a:2")
    assert rows["memory_per_core"] == ("2 GiB for each core", "a:2")
    assert rows["vectors"] == ("x: 1, 2, 3 …", "a:3")
    assert rows["begin"] == ("2026-05-01T16:00:00Z", "a:4")
    assert rows["after"] == ("ok:3, any:4", "a:5")
    assert rows["env"] == ("1 variables", "env_policy (built-in)")
    assert rows["retries"] == ("oom=1", "a:6")
    assert rows["priority"] == ("500", "a:7")
    assert rows["cwd"] == ("fresh", "built-in")
    assert rows["time"] == ("none", "built-in")
    assert "gpus" not in rows


def test_every_key_can_be_explained() -> None:
    """Whatever it is and whether it was given or not."""
    from rota.core.fields import FIELDS

    rows = explain(build({"command": "x"}), dict.fromkeys(FIELDS, "somewhere"))

    assert [row.key for row in rows] == list(FIELDS)
    assert all(isinstance(row.value, str) for row in rows)


def test_an_instant_is_shown_in_utc() -> None:
    """ISO 8601, with milliseconds only where there are any."""
    assert instant(0) == "1970-01-01T00:00:00Z"
    assert instant(1_777_651_200_250) == "2026-05-01T16:00:00.250Z"

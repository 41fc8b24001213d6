"""The keys of a job as options: two readers, one meaning."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.core.errors import Malformed
from rota.core.fields import FIELDS
from rota.core.fields.kinds import Flag
from rota.faces import run, submit
from rota.faces.options import parse

WORDS = ["x", "-", "4", "-4", "10GB", "A=1", "a.yaml", "--", "", "=", "--x", "-c", "-q"]
OPTIONS = [row.option for row in FIELDS.values() if row.option]
FLAGS = [*submit.FLAGS, "--no-held", "--no-cores", "--home", "--server", "--help"]


def told(args: Any) -> dict[str, Any]:
    """Return what matters of *args*, from whichever reader."""
    names = ["home", "server", "json", "given", "rest", "files", *submit.FLAGS.values()]
    return {name: getattr(args, name) for name in names}


@pytest.mark.parametrize(
    "words",
    [
        ["--", "x", "--json"],
        ["-c", "x"],
        ["--cores", "4", "--held", "a.yaml"],
        ["--cores=4", "--no-held", "--env", "A=1", "--env", "B=2", "a", "b"],
        ["--priority", "-10", "-c", "x"],
        ["--home", "/h", "--server=unix:/s", "--dry-run", "--wait", "--parsable", "-"],
        [],
    ],
)
def test_the_scan_reads_as_argparse_reads(words: list[str]) -> None:
    """The common command lines, both ways."""
    scanned = submit.scan(words)

    assert scanned is not None
    assert told(scanned) == told(parse("submit", submit, words))


@given(st.lists(st.sampled_from([*WORDS, *OPTIONS, *FLAGS]), max_size=6))
def test_the_scan_never_says_anything_else(words: list[str]) -> None:
    """Where it is not sure it leaves the line to argparse."""
    scanned = submit.scan(words)
    if scanned is not None:
        assert told(scanned) == told(parse("submit", submit, words))


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["--nosuch"],
        ["--cores"],
        ["--held=yes"],
        ["--cores", "--held"],
        ["--no-cores", "x"],
    ],
)
def test_what_is_odd_is_left_to_argparse(words: list[str]) -> None:
    """Help and errors are its business."""
    assert submit.scan(words) is None


def test_every_key_with_an_option_has_one() -> None:
    """Made from the table, so nothing can be forgotten; flags can be said no to."""
    for row in FIELDS.values():
        if not row.option:
            continue
        value = [] if isinstance(row.kind, Flag) else ["x"]
        args = parse("submit", submit, [row.option, *value])
        assert args.given == [(row.option, *(value or [None]))]
        if not value:
            no = "--no-" + row.option[2:]
            assert parse("submit", submit, [no]).given == [(no, None)]


def test_a_wrong_option_gets_the_nearest() -> None:
    """Did you mean."""
    with pytest.raises(Malformed, match="did you mean --memory"):
        parse("submit", submit, ["--memroy", "1GB", "--", "x"])


def test_run_takes_no_files() -> None:
    """It is for one job."""
    assert run.scan(["a.yaml"]) is None
    scanned = run.scan(["-q", "--cores", "2", "--", "x"])
    assert scanned is not None
    assert scanned.__dict__["quiet"] is True

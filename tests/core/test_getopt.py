"""Command lines as getopt_long reads them."""

from __future__ import annotations

import pytest

from rota.core.getopt import MAYBE, NONE, VALUE, BadOption, Table, parse

TABLE = Table(
    {
        "time": ("t", VALUE), "time-min": ("", VALUE), "hold": ("H", NONE),
        "job-name": ("J", VALUE), "nice": ("", MAYBE), "ntasks": ("n", VALUE),
    }
)  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [["-n", "2"], ["-n2"], ["--ntasks", "2"], ["--ntasks=2"], ["--ntas", "2"]],
)
def test_all_spellings_mean_the_same(words: list[str]) -> None:
    """Joined, apart, with =, and cut short."""
    assert parse(words, TABLE) == ([("ntasks", "2")], [])


def test_letters_can_be_joined() -> None:
    """The last one may have a value."""
    assert parse(["-Hn2", "--nice"], TABLE)[0] == [
        ("hold", None), ("ntasks", "2"), ("nice", None),
    ]  # fmt: skip
    assert parse(["--nice=3"], TABLE)[0] == [("nice", "3")]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--no-such"], "unrecognized option '--no-such'"),
        (
            ["--tim", "5"],
            "option '--tim' is ambiguous; possibilities: '--time' '--time-min'",
        ),
        (["--time"], "option '--time' requires an argument"),
        (["-t"], "option requires an argument -- 't'"),
        (["-Z"], "invalid option -- 'Z'"),
        (["--hold=1"], "option '--hold' doesn't allow an argument"),
    ],
)
def test_errors_are_the_c_librarys(words: list[str], sentence: str) -> None:
    """People and programs know these sentences."""
    with pytest.raises(BadOption) as caught:
        parse(words, TABLE)
    assert str(caught.value) == sentence


def test_a_programs_own_options_are_left_alone() -> None:
    """With *stops* the first word that is no option ends them; so does --."""
    assert parse(["-n2", "job.sh", "-t", "1"], TABLE, stops=True) == (
        [("ntasks", "2")], ["job.sh", "-t", "1"],
    )  # fmt: skip
    assert parse(["12", "-H", "--", "-t"], TABLE) == ([("hold", None)], ["12", "-t"])

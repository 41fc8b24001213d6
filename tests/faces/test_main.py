"""The command itself: verbs, help, wrong words, exit codes."""

from __future__ import annotations

from importlib import import_module

import pytest

from rota.faces.main import GROUPS, VERBS, leading
from tests.client.cluster import Cluster
from tests.faces.conftest import Rota


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_its_help(verb: str, alone: Rota, capsys: object) -> None:
    """Without a server, and it exits well."""
    with pytest.raises(SystemExit) as caught:
        alone(verb, "--help")

    assert caught.value.code == 0
    assert callable(import_module("rota.faces." + VERBS[verb][0]).run)


def test_every_verb_stands_in_one_group() -> None:
    """So that help lists them all, once."""
    assert sorted(v for verbs in GROUPS.values() for v in verbs) == sorted(VERBS)


@pytest.mark.parametrize("words", [(), ("help",), ("--help",)])
def test_help_lists_all_verbs(words: tuple[str, ...], alone: Rota) -> None:
    """The first thing that people see."""
    said = alone(*words)

    assert said.code == 0
    assert all(f"  {verb} " in said.out for verb in VERBS)


def test_a_wrong_verb_gets_the_nearest(alone: Rota) -> None:
    """Did you mean."""
    said = alone("subimt")

    assert (said.code, said.out) == (2, "")
    assert said.err == "rota: there is no verb `subimt`; did you mean `rota submit`?\n"


def test_a_wrong_option_gets_the_nearest(alone: Rota) -> None:
    """Did you mean, again."""
    said = alone("ls", "--stat", "running")

    assert said.code == 2
    assert said.err == "rota: rota ls has no option --stat; did you mean --state?\n"


def test_options_may_stand_before_the_verb() -> None:
    """As with git."""
    words = ["--home", "/a", "--server=unix:/b", "--json", "ls", "--all"]

    assert leading(words) == ["--home", "/a", "--server=unix:/b", "--json"]
    assert words == ["ls", "--all"]


def test_without_a_server_one_is_told_how_to_start_it(alone: Rota) -> None:
    """125, the address, the cure."""
    said = alone("ls")

    assert said.code == 125
    assert "no server at unix:" in said.err
    assert "rota up --home" in said.err


def test_a_reader_that_has_seen_enough_is_no_error(cluster: Cluster) -> None:
    """``rota help | true`` prints no traceback."""
    import subprocess

    done = subprocess.run(
        ["sh", "-c", 'i=0; while [ $i -lt 9 ]; do "$0" "$@"; i=$((i+1)); done | true',
         *cluster.command("completion", "bash")],
        capture_output=True, text=True, env=cluster.env, check=False,
    )  # fmt: skip

    assert done.stderr == ""

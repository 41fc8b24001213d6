"""What launchers and the driver hand to each other."""

from __future__ import annotations

import shlex

from rota.launch.contract import Command, Output, is_ours, refusal


def test_g32_a_command_for_another_host_is_quoted_for_its_shell() -> None:
    """What ssh passes on is split again over there, into the same words."""
    command = Command(("sh", "-c", "echo $HOME 'a b'"), "in")
    there = command.over("login1")
    assert there.argv[0] == "ssh"
    assert there.argv[-2] == "login1"
    assert tuple(shlex.split(there.argv[-1])) == command.argv
    assert there.stdin == "in"
    assert command.over(None) is command


def test_a_refusal_names_the_command_and_what_it_said() -> None:
    """Nobody has to guess what was tried."""
    command = Command(("sbatch", "--parsable"))
    error = refusal(Output(command, 1, "", "sbatch: no\n"), what="the submit", cure="do it")
    assert error.sentence == (
        "the submit failed, `sbatch --parsable` ended with 1: sbatch: no; do it"
    )
    assert error.certain


def test_what_was_cut_off_may_have_been_done() -> None:
    """No answer is not "no"."""
    command = Command(("sbatch",))
    assert not refusal(Output(command, None, "", "", 60.0), what="it").certain
    # 255 is ssh's own: the line broke, the command over there may have run.
    assert not refusal(Output(command, 255, "", "closed"), what="it").certain
    assert refusal(Output(command, 127, "", "not found"), what="it").certain


def test_only_names_with_the_prefix_are_ours() -> None:
    """An empty prefix matches nobody, not everybody."""
    assert is_ours("rota-a-b-1", "rota-a-b-")
    assert not is_ours("rota-a-c-1", "rota-a-b-")
    assert not is_ours("rota-a-c-1", "")

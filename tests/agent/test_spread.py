"""From the words after rota spread to who runs where."""

from __future__ import annotations

import pytest

from rota.agent.doors import Door
from rota.agent.spread import Wrong, environment, of_rsh, of_spread

DOOR = Door("unix:/s", "7.abc", [("n1", 2), ("n2", 2), ("n3.site", 1)])


def nodes(*words: str) -> list[str]:
    """Return the nodes of the ranks that *words* ask for."""
    return [seat.node for seat in of_spread([*words, "cmd"], DOOR).seats]


@pytest.mark.parametrize(
    ("words", "where"),
    [
        ((), ["n1", "n2", "n3.site"]),
        (("-n", "3"), ["n1", "n1", "n2"]),
        (("-n", "5"), ["n1", "n1", "n2", "n2", "n3.site"]),
        (("-N", "2"), ["n1", "n2"]),
        (("--per-node", "2", "-N", "2"), ["n1", "n1", "n2", "n2"]),
        (("--per-node", "1", "-n", "2"), ["n1", "n2"]),
        (("-w", "n2"), ["n2"]),
        (("-w", "n2,n1,n2"), ["n2", "n2", "n1"]),
        (("-O", "-n", "7"), ["n1", "n1", "n1", "n2", "n2", "n2", "n3.site"]),
    ],
)
def test_who_runs_where(words: tuple[str, ...], where: list[str]) -> None:
    """Ranks are numbered along the nodes."""
    assert nodes(*words) == where


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("-n", "6"), "6 ranks are more than there is room for (5 in all): 3 on n1 (2)"),
        (("--per-node", "2"), "2 on n3.site (1); --overcommit"),
        (("-w", "n1,x"), "x is not a node of this job: it has n1, n2, n3.site"),
        (("-N", "4"), "4 nodes are more than there are: n1, n2, n3.site"),
    ],
)
def test_what_cannot_be_says_so(words: tuple[str, ...], told: str) -> None:
    """With what there is instead."""
    with pytest.raises(Wrong) as wrong:
        nodes(*words)
    assert told in str(wrong.value)


def test_no_command_is_no_wish() -> None:
    """Nothing is started by accident."""
    with pytest.raises(Wrong, match="which command"):
        of_spread(["-l"], DOOR)


def test_each_rank_knows_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """In our words, and in Slurm's where a job came from there."""
    monkeypatch.setenv("SLURM_JOB_ID", "12")
    last = of_spread(["-n", "4", "cmd"], DOOR).seats[3]
    assert last.env["ROTA_RANK"] == last.env["SLURM_PROCID"] == "3"
    assert (last.env["ROTA_LOCAL_RANK"], last.env["ROTA_NODE_RANK"]) == ("1", "1")
    assert last.env["SLURM_STEP_NODELIST"] == "n[1-2]"


def test_options_end_where_the_command_begins() -> None:
    """Those of the command are its own."""
    wish = of_spread(["-l", "--", "ls", "-n", "9"], DOOR)
    assert (wish.argv, wish.label) == (["ls", "-n", "9"], True)


def test_rsh_reads_what_ssh_reads() -> None:
    """Options are let go, the domain of a name does not matter, a shell reads the rest."""
    wish = of_rsh(["-x", "-l", "me", "-oA=b", "me@n3", "echo", "$HOME;", "exit 3"], DOOR)
    assert wish.argv == ["/bin/sh", "-c", "echo $HOME; exit 3"]
    assert wish.seats[0].node == "n3.site" and wish.raw


@pytest.mark.parametrize("words", [["n9", "true"], ["n1"], []])
def test_rsh_to_nowhere(words: list[str]) -> None:
    """It opens no shell and leaves the job for nobody."""
    with pytest.raises(Wrong):
        of_rsh(words, DOOR)


def test_what_is_a_nodes_own_stays_there() -> None:
    """The rest of the environment goes along."""
    environ = {
        "PATH": "/slot/bin:/bin", "LANG": "C", "TMPDIR": "/slot/tmp", "ROTA_CORES": "4",
        "ROTA_VAR_x": "1", "ROTA_TASK_ID": "3", "CUDA_VISIBLE_DEVICES": "0",
    }  # fmt: skip
    assert environment(environ, DOOR, "/slot/door") == {
        "PATH": "/bin", "LANG": "C", "ROTA_VAR_x": "1", "ROTA_TASK_ID": "3",
    }  # fmt: skip

"""What every launcher must do, whatever system it speaks to."""

from __future__ import annotations

import subprocess

import pytest

from rota.core.pool import marker_of
from rota.launch.contract import LaunchFailed
from rota.launch.kinds import KINDS, launcher_of
from tests.launch.samples import MARKER, PREFIX, output, pool, ticket

CARGO = {"agent": "AAAA", "token": "s3cret"}

every_kind = pytest.mark.parametrize("kind", KINDS)


@every_kind
def test_the_script_names_the_pilot_and_its_node(kind: str) -> None:
    """A pilot is found by its marker, its agent by the node's name."""
    script = launcher_of(kind).script(pool(kind), ticket(cargo=CARGO))
    assert MARKER in script
    assert "big-7" in script
    assert "pool:big" in script


@every_kind
def test_the_shell_takes_the_script(kind: str) -> None:
    """No quote is left open, whatever the names are."""
    if kind == "kubernetes":
        pytest.skip("its script is a manifest; tests/launch/test_kubernetes.py reads it")
    given = pool(kind, labels=("it's", "a b"), setup="module load python")
    script = launcher_of(kind).script(given, ticket(server="unix:/a 'b'/c"))
    done = subprocess.run(["sh", "-n"], input=script, text=True, capture_output=True)
    assert (done.returncode, done.stderr) == (0, "")


@every_kind
def test_no_secret_stands_in_a_command_line(kind: str) -> None:
    """Arguments are seen by everybody on the machine (G31)."""
    launcher, given = launcher_of(kind), pool(kind)
    script = launcher.script(given, ticket(cargo=CARGO, kept=None))
    command = launcher.submit(script, pool=given, marker=MARKER)
    assert command.stdin == script
    assert not any("s3cret" in word for word in command.argv)


@every_kind
def test_what_did_not_answer_is_no_answer(kind: str) -> None:
    """A command that failed or was cut off tells nothing of any pilot."""
    launcher = launcher_of(kind)
    for bad in (output(code=1, err="down"), output(code=None)):
        with pytest.raises(LaunchFailed):
            launcher.polled(bad)
        with pytest.raises(LaunchFailed):
            launcher.submitted(bad)
    with pytest.raises(LaunchFailed) as told:
        launcher.submitted(output(code=None))
    assert not told.value.certain


@every_kind
def test_a_reply_without_an_id_may_have_started_something(kind: str) -> None:
    """Exit 0 and rubbish: the marker must be looked for."""
    with pytest.raises(LaunchFailed) as told:
        launcher_of(kind).submitted(output(""))
    assert not told.value.certain


@every_kind
def test_one_command_polls_and_cancels_many(kind: str) -> None:
    """However many pilots there are."""
    launcher, given = launcher_of(kind), pool(kind)
    ids = ["11", "12"]
    assert launcher.poll(ids, pool=given, prefix=PREFIX).argv
    cancelled = " ".join(launcher.cancel(ids, pool=given).argv)
    assert "11" in cancelled
    assert "12" in cancelled
    assert marker_of(MARKER) is not None

"""Completion: scripts that shells accept, made from the parsers."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from rota.faces import completion
from rota.faces.main import VERBS
from tests.client.cluster import Cluster
from tests.faces.conftest import Rota


def completed(cluster: Cluster, *words: str) -> list[str]:
    """Return what bash offers after *words*."""
    quoted = " ".join(f"'{word}'" for word in words)
    script = (
        f"{completion.bash()}\nrota() {{ echo '{{\"id\":4711}}'; }}\n"
        f"COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _rota; "
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, check=True, cwd="/"
    )
    return done.stdout.split()


def test_bash_offers_verbs_options_jobs_and_files(cluster: Cluster) -> None:
    """What can stand there."""
    assert completed(cluster, "rota", "sub") == ["submit"]
    assert completed(cluster, "rota", "ls", "--fa") == ["--failed"]
    assert completed(cluster, "rota", "submit", "--memory-p") == ["--memory-per-core"]
    assert completed(cluster, "rota", "kill", "47") == ["4711"]
    assert completed(cluster, "rota", "kill", "la") == ["last"]
    assert "etc" in completed(cluster, "rota", "submit", "et")


@pytest.mark.parametrize("shell", completion.SHELLS)
def test_every_verb_is_in_every_script(shell: str, alone: Rota) -> None:
    """And the script says how to be read: no error in it."""
    said = alone("completion", shell)

    assert said.code == 0
    assert all(verb in said.out for verb in VERBS)
    if shutil.which(shell):
        check = subprocess.run([shell, "-n"], input=said.out, text=True, check=False)
        assert check.returncode == 0


def test_an_unknown_shell_is_refused(alone: Rota) -> None:
    """With those we know."""
    said = alone("completion", "tcsh")

    assert said.code == 2
    assert "'fish'" in said.err

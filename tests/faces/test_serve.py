"""``rota serve`` and ``rota agent``: handed on word for word."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rota.faces.main import VERBS
from rota.faces.options import parse, parser_of
from tests.client.cluster import Cluster


def test_serve_becomes_the_server(tmp_path: Path) -> None:
    """The same process; ready when it prints its address; TERM ends it."""
    own = Cluster(tmp_path / "home")
    words = ["--home", str(own.home), "serve", "--json"]
    process = subprocess.Popen(
        own.command(*words), env=own.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)

    assert (told["server_pid"], process.returncode) == (process.pid, 0)


def test_words_are_not_looked_at() -> None:
    """The programs have the last word on them."""
    from rota.faces import serve

    assert parse("agent", serve, ["--new-option", "x"]).words == ["--new-option", "x"]


@pytest.mark.parametrize("verb", ["serve", "agent"])
def test_what_help_promises_the_program_takes(verb: str) -> None:
    """Declared twice, and held together here."""
    from rota.faces import serve

    done = subprocess.run(
        [sys.executable, "-m", serve.PROGRAMS[verb], "--help"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    ours = [o for a in parser_of(verb, serve)._actions for o in a.option_strings]

    assert VERBS[verb][0] == "serve"
    for option in set(ours) - {"-h", "--help", "--json", "--server"}:
        assert option in done.stdout, f"{option} is not known to {serve.PROGRAMS[verb]}"

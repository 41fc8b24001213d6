"""What the doctor finds, and what it says to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rota.agent.cage import kind_of_cages
from rota.core.errors import NotAllowed, Unreachable
from rota.faces.checkup import (
    BAD,
    OK,
    WARN,
    Finding,
    View,
    of_home,
    of_machine,
    of_server,
    of_store,
)


def by_check(found: Any) -> dict[str, Finding]:
    """Return findings by what was checked."""
    return {one.check: one for one in found}


def test_cgroups_are_those_that_the_agent_would_use(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What may be made is found by making it."""
    kind = kind_of_cages()
    said = by_check(of_machine())["cgroups"]
    assert said.verdict == (OK if kind != "none" else WARN)
    monkeypatch.setenv("ROTA_AGENT_CGROUPS", "none")
    assert by_check(of_machine())["cgroups"].verdict == WARN


def test_a_good_home_is_told_so(tmp_path: Path) -> None:
    """And nothing is left in it."""
    tmp_path.chmod(0o700)
    found = by_check(of_home(str(tmp_path)))
    assert found["home"].verdict == found["config"].verdict == "ok"
    assert found["leftovers"].says == "none, and no server here"
    assert "ms" in found["fsync"].says
    assert not list(tmp_path.iterdir())


def test_a_home_with_all_that_can_be_wrong(tmp_path: Path) -> None:
    """Each with its cure."""
    tmp_path.chmod(0o755)
    (tmp_path / "server.json").write_text("{}")
    (tmp_path / "config.yaml").write_text("licences: []\n")
    found = by_check(of_home(str(tmp_path)))
    assert found["home"].remedy == f"chmod 700 {tmp_path}"
    assert found["leftovers"].verdict == "warn"
    assert found["config"].verdict == "bad" and "config.yaml:1:1" in found["config"].says
    [none] = of_home(str(tmp_path / "none"))
    assert none.remedy.startswith("rota up")


def server(**changes: Any) -> tuple[View, View, list[View]]:
    """Return what a server says, with *changes* of its info."""
    info = {"version": "1", "url": "unix:x", "at": "2001-01-01T00:00:00Z", "is_full": False}
    dead = {"name": "mail", "error": "refused", "waiting": 3, "sent": 0}
    node = {"name": "n1", "state": "drained", "cores": 4, "reason": {"text": "by ann"}}
    return {**info, **changes}, {"channels": [dead]}, [node]


def test_a_server_with_all_that_can_be_wrong() -> None:
    """Full, another time, a dead channel, no node that works."""
    found = by_check(of_server(lambda: server(is_full=True)))
    assert found["store"].verdict == "bad" and found["clock"].verdict == "warn"
    assert found["channel mail"].says == "3 notices wait: refused"
    assert found["node n1"].remedy.startswith("rota undrain n1")


def test_no_server_is_one_finding() -> None:
    """With the sentence that every verb says."""

    def ask() -> tuple[View, View, list[View]]:
        raise Unreachable("no server at unix:x")

    assert by_check(of_server(ask))["server"].says == "no server at unix:x"


def test_the_machine() -> None:
    """This one runs the tests: its SQLite will do."""
    assert by_check(of_machine())["sqlite"].verdict == "ok"


def test_a_store_with_damage_is_bad_and_told_how_to_mend() -> None:
    """The first problems, and that there are more; a server that refuses is bad, too."""
    found = of_store(lambda: [f"job {n} is odd" for n in range(5)])
    assert (found.verdict, found.says) == (
        BAD, "job 0 is odd; job 1 is odd; job 2 is odd … and 2 more",
    )  # fmt: skip
    assert "backup" in found.remedy
    assert of_store(list).verdict == OK

    def refused() -> list[str]:
        raise NotAllowed("no")

    assert of_store(refused).verdict == BAD

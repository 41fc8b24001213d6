"""wam -j, -bat, and job files."""

from __future__ import annotations

import json
from pathlib import Path

from rota.client.http import Client
from tests.faces.wam.conftest import Wam


def test_a_job_file_and_a_hook(wam: Wam, client: Client) -> None:
    """Two decks of one submission; the hook runs after the solver and changes no code."""
    for name in ("a", "b"):
        Path(f"{name}.inp").write_text(f"deck {name}")
    tree = {"jobFiles": ["C:\\w\\a.inp", "b.inp"], "jobData": {"jobID": 7, "priority": 0}}
    Path("abaqusSubmit.json").write_text(json.dumps(tree))
    Path("clientConf.json").write_text(
        json.dumps(
            {"defaults": {"postJob": "rm *.lck; false", "fileTypes": ["*.odb", "*.log"]}}
        )
    )
    said = wam("abaqusSubmit.json")
    number = int(said.out.partition(":")[0])
    assert said.lines == [f"{number}:a submitted", f"{number}:b submitted"], said.err
    assert "a.inp is looked for here" in said.err and "abaqus is no licence" in said.err
    jobs = [client.wait(n, timeout_s=60) for n in (number, number + 1)]
    assert all(job.is_ok for job in jobs) and jobs[0]["priority"] == 500
    assert wam("-get", str(number)).code == 1  # out.log is there twice: nothing is replaced
    assert Path("a.odb").exists() and not Path("a.lck").exists()
    assert "deck a" in Path("out.log").read_text()


def test_a_server_without_mail_solves_all_the_same(wam: Wam, client: Client) -> None:
    """It is said that none is sent."""
    Path("a.inp").write_text("deck")
    Path("clientConf.json").write_text('{"defaults": {"email": "eng@example.org"}}')
    said = wam("-j", "a", "-cpus", "1", "-e")
    assert said.code == 0 and "no mail will be sent: " in said.err
    assert client.wait(int(said.out.partition(":")[0]), timeout_s=60).is_ok


def test_choosing_decks(wam: Wam) -> None:
    """Without a terminal nobody is asked; what is missing is said."""
    assert "there is no *.inp" in wam("-bat", "-a", "-cpus", "1").err
    Path("x.inp").write_text("x")
    assert "say -a" in wam("-bat", "-cpus", "1").err
    assert "say how many cores" in wam("-j", "x").err
    assert wam("-j", "x", "-cpus", "many").err.startswith("wam: cpus: 'many' is")
    assert wam("none.json").code == 1 and wam("x.inp").code == 2
    said = wam("-j", "missing", "-cpus", "1")
    assert said.code == 1 and "missing.inp" in said.err

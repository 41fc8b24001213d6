"""rota spool: as a process that people stop and machines kill."""

from __future__ import annotations

import json
import random
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from tests.client.cluster import Cluster
from tests.faces.conftest import Rota
from tests.faces.spool.conftest import Drop

ROUNDS = 6


def test_until_all_is_over(rota: Rota, drop: Drop) -> None:
    """With --once; what waits for ever does not keep it."""
    (drop.root / "QMserv.cfg").write_text("[QMServer]\nMaxNbProcessors = 1\n")
    drop.put("fit", "echo $NB_PROC > cores", more="nb_proc : 2\n")
    (drop.queue / "empty").mkdir()
    said = rota("spool", str(drop.root), "--once", "--settle", "50ms")
    assert said.code == 0, said.err
    assert said.lines[-1] == "fit: done, in QM_dJobs/fit"
    assert "empty: waits for its proc_config.cfg" in said.lines
    log = (drop.done / "fit" / "process.log").read_text()
    assert "QMserv.cfg gives a job 1 at most" in log
    assert (drop.done / "fit" / "cores").read_text() == "1\n"


def test_as_json(rota: Rota, drop: Drop) -> None:
    """An object in each line."""
    drop.put("fit", "true")
    said = rota("spool", str(drop.root), "--once", "--settle", "50ms", "--json")
    rows = [json.loads(line) for line in said.lines]
    assert {row["schema"] for row in rows} == {"rota.spooled/1"}
    assert rows[-1]["name"] == "fit" and rows[-1]["told"].startswith("done, in")


@pytest.mark.parametrize(
    ("words", "settings", "told"),
    [
        (("nosuch",), "", "there is no folder nosuch"),
        (("--settle", "soon", "."), "", "--settle: "),
        (("--settings", "nosuch", "."), "", "there is no file nosuch"),
        ((".",), "[QMServer]\nMaxNbProcessors = many\n", "QMserv.cfg:2:1: MaxNbProcessors"),
    ],
)
def test_wrong_usage(
    rota: Rota, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...], settings: str, told: str,
) -> None:  # fmt: skip
    """Exit code 2 and what would be right."""
    monkeypatch.chdir(tmp_path)
    if settings:
        (tmp_path / "QMserv.cfg").write_text(settings)
    said = rota("spool", *words, "--once")
    assert said.code == 2 and told in said.err


def test_killed_at_any_time(cluster: Cluster, drop: Drop) -> None:
    """Nothing is lost and nothing runs twice, wherever kill -9 hits."""
    dice = random.Random(20261121)
    command = cluster.command("spool", str(drop.root), "--settle", "50ms")
    names = set()
    for _ in range(ROUNDS):
        for _ in range(2):
            name = f"job{len(names)}"
            names.add(name)
            hidden = drop.put(f".{name}", "echo ran >> runs; cat data")
            (hidden / "data").write_text("whole\n")
            hidden.rename(drop.queue / name)
        ours = subprocess.Popen(
            command, env=cluster.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        # From the first look on, which may be before anything was done.
        with suppress(subprocess.TimeoutExpired):
            ours.wait(timeout=0.15 + dice.random() * 0.6)
        ours.send_signal(signal.SIGKILL)
        ours.communicate(timeout=30)
    done = cluster.rota("spool", str(drop.root), "--settle", "50ms", "--once")
    assert done.returncode == 0, done.stderr
    assert drop.names(drop.done) == names, done.stdout
    for name in names:
        assert (drop.done / name / "runs").read_text() == "ran\n"
        log = (drop.done / name / "process.log").read_text()
        assert log.count("whole\n") == 1 and log.count("Job finished at:") == 1
    assert not drop.names(drop.queue) | drop.names(drop.running) | drop.names(drop.lost)


def test_one_for_each_folder(rota: Rota, cluster: Cluster, drop: Drop) -> None:
    """A second spooler says who is there; TERM stops the first, its job goes on."""
    drop.put("fit", "while [ ! -e ../../go ]; do sleep 0.05; done")
    with subprocess.Popen(
        cluster.command("spool", str(drop.root), "--settle", "50ms"), env=cluster.env,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as first:  # fmt: skip
        assert first.stdout and first.stdout.readline().startswith("fit: job ")
        said = rota("spool", str(drop.root))
        assert said.code == 2 and "another rota spool watches" in said.err
        first.terminate()
        _, told = first.communicate(timeout=30)
    assert first.returncode == 0 and "what runs goes on" in told
    (drop.root / "go").touch()
    assert rota("spool", str(drop.root), "--settle", "50ms", "--once").code == 0
    assert drop.names(drop.done) == {"fit"}

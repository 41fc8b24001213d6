"""The whole server: killed at any moment and started again, it knows what it promised."""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path

import psutil
import pytest

from tests.server.running import Node, Server, is_alive, now_ms, until


def test_what_was_acknowledged_is_there_after_kill_9(server: Server) -> None:
    """Every job whose number anybody was told (G01)."""
    seed = random.randrange(1 << 30)
    rng = random.Random(seed)
    known: list[int] = []
    for _ in range(3):
        known += [server.submit(tags=[str(seed)]) for _ in range(rng.randrange(1, 30))]
        server.stop(signal.SIGKILL)
        server.start()
        there = {v["id"] for v in server.good("GET", "/jobs?limit=1000")["jobs"]}
        assert set(known) <= there, f"seed {seed}"


def test_a_running_job_is_adopted_with_its_true_end(server: Server) -> None:
    """The node held on to it; nobody ran it twice (G13)."""
    node = Node(server)
    job = server.submit()
    (a,) = node.runs(1)
    node.starts(a)
    server.until(job, "running")
    server.stop(signal.SIGKILL)
    server.start()
    assert server.job(job)["flags"] == ["unreachable"]
    back = Node(server, holds=[[*a, "running", now_ms()]])
    until(lambda: server.job(job)["flags"] == [])
    back.ends(a, code=7)
    view = server.until(job, "failed")
    assert (view["exit_code"], view["attempt"]) == (7, 1)
    assert back.hear("forget")["as"] == [a]


def test_a_report_is_believed_once_however_often_it_comes(server: Server) -> None:
    """Until it is forgotten an agent repeats it, across restarts too (G09)."""
    node = Node(server)
    job = server.submit()
    (a,) = node.runs(1)
    node.ends(a)
    server.until(job, "done")
    seq = server.good("GET", "")["seq"]
    server.stop(signal.SIGKILL)
    server.start()
    back = Node(server, holds=[[*a, "ended", None]])
    back.ends(a, code=9)
    assert back.hear("forget")["as"] == [a]
    assert server.job(job)["state"] == "done"
    assert server.good("GET", "")["seq"] == seq


def test_numbers_go_on(server: Server) -> None:
    """No id is ever given twice."""
    first = server.submit()
    server.stop(signal.SIGKILL)
    server.start()
    assert server.submit() == first + 1


def test_a_clean_stop_answers_and_ends(server: Server) -> None:
    """Streams are closed, nobody waits for long, the exit code is 0."""
    stream = server.events("")
    server.submit(held=True)
    assert server.stop() == 0
    assert [line["data"]["move"] for line in stream][:1] == ["submit"]
    assert not is_alive(server.ready["server_pid"])


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_either_signal_stops_it(server: Server, how: int) -> None:
    """Ctrl-C in the foreground, ``rota down`` otherwise."""
    assert server.stop(how) == 0


def test_g04_a_damaged_database_is_recognised_and_left_alone(tmp_path: Path) -> None:
    """Said in a sentence; nothing is overwritten (G04)."""
    server = Server(tmp_path / "home")
    with server:
        server.submit()
    path = tmp_path / "home" / "rota.db"
    path.write_bytes(b"not a database at all" * 500)
    before = path.read_bytes()
    process = server.spawn()
    _, err = process.communicate(timeout=20)
    assert process.returncode != 0
    assert "Traceback" not in err
    assert path.read_bytes() == before


def test_idle_it_costs_next_to_nothing(server: Server) -> None:
    """No polling: what it spends in a while is below what the kernel can count."""
    process = psutil.Process(server.ready["server_pid"])
    server.good("GET", "")
    before = sum(process.cpu_times()[:2])
    switches = process.num_ctx_switches().voluntary
    with pytest.raises(psutil.TimeoutExpired):
        process.wait(3)
    assert sum(process.cpu_times()[:2]) - before <= 0.02
    assert process.num_ctx_switches().voluntary - switches < 30
    assert process.memory_info().rss < 90 << 20


def test_the_files_of_a_home(server: Server) -> None:
    """Those that are documented, private all."""
    names = {path.name for path in server.home.iterdir()}
    assert {
        "rota.db",
        "rota.sock",
        "server.json",
        "server.lock",
        "token",
        "agent-token",
    } <= names
    assert all(not path.stat().st_mode & 0o077 for path in server.home.iterdir())
    assert os.stat(server.home / "server.json").st_size > 0

"""Files of jobs, for a person: real programs, two nodes with homes of their own, one of
them reached by TCP alone.

About rota.client.fetching, rota.client.moving, rota.client.filing, rota.wire.api.files,
rota.faces.fetch, rota.faces.put, rota.faces.clean, rota.server.routes.blobs,
rota.server.routes.files and rota.server.routes.clean.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rota.client.aio import AsyncClient
from rota.client.http import Client
from rota.core.errors import Conflict, Malformed, Missing, NotAllowed
from tests.client.cluster import Cluster

PATIENCE_S = 30.0


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A server with its local agent, and one more agent beyond TCP."""
    folder = tmp_path_factory.mktemp("files")
    with Cluster(folder / "home", "--cores", "2", "--name", "near") as made:
        status = made.status()
        far = subprocess.Popen(
            [sys.executable, "-m", "rota.agent", "--server", status["tcp"],
             "--token-file", str(made.home / "agent-token"), "--name", "far",
             "--home", str(folder / "far"), "--cores", "2"],
            stderr=subprocess.DEVNULL, umask=0o077,
        )  # fmt: skip
        try:
            with Client(home=str(made.home)) as client:
                until(lambda: len(client.nodes()) == 2, "the far node")
            yield made
        finally:
            far.terminate()
            far.wait(PATIENCE_S)
            subprocess.run(
                [sys.executable, "-m", "rota.agent", "--home", str(folder / "far"),
                 "--kill-jobs", "--grace", "0s"],
                check=True, timeout=60, stderr=subprocess.DEVNULL,
            )  # fmt: skip


@pytest.fixture
def client(cluster: Cluster) -> Iterator[Client]:
    with Client(home=str(cluster.home)) as made:
        yield made


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder it is submitted from."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def until(holds: Callable[[], Any], what: str) -> Any:
    """Return what *holds* returns once that is true, with a bound."""
    end = time.monotonic() + PATIENCE_S
    while True:
        if found := holds():
            return found
        assert time.monotonic() < end, f"never came: {what}"
        threading.Event().wait(0.02)


def running(client: Client, job: int) -> dict[str, Any]:
    """Return *job* once it executes."""
    return until(
        lambda: (view := client.job(job).raw)["state"] == "running" and view, "running"
    )


def stored(cluster: Cluster) -> list[Path]:
    """Return all files of the store."""
    return [path for path in (cluster.home / "blobs").rglob("*") if path.is_file()]


@pytest.mark.parametrize("node", ["near", "far"])
def test_files_go_there_and_back(
    cluster: Cluster, client: Client, here: Path, node: str
) -> None:
    """With a shared file system or without, to the byte."""
    data = os.urandom(3_000_000) + bytes(3_000_000)
    (here / "in.bin").write_bytes(data)
    (job,) = client.submit({
        "command": "mkdir out && cp data/in.bin out/x && ls > out/ls",
        "inputs": ["in.bin -> data/"], "outputs": ["out/"], "expect": "out/*", "host": node,
    })  # fmt: skip
    assert client.wait(job.id).raw["state"] == "done"
    assert client.fetch(job.id, to="got") == ["out/ls", "out/x"]
    assert (here / "got/out/x").read_bytes() == data
    assert (here / "got/out/ls").read_text().split() == ["data", "out"]
    view = client.job(job.id).raw
    assert view["usage"]["stages"]["stage_in_s"] > 0
    assert view["attempts"][0]["usage"]["outputs"]["files"] == 2
    log = b"".join(client.log(job.id, stream="stages")).decode()
    assert "stage_in: ok" in log and "stage_out: ok" in log
    work = cluster.home / "node/work" if node == "near" else None
    assert work is None or not list(work.glob(f"{job.id}.*"))


def test_one_input_of_many_tasks_is_stored_once_and_sent_once_to_each_node(
    cluster: Cluster, client: Client, here: Path
) -> None:
    """However many tasks read it."""
    (here / "shared").write_bytes(os.urandom(200_000))
    # What other tests left running may store something meanwhile.
    until(lambda: not client.jobs(live=True).jobs, "nothing that runs")
    before = len(stored(cluster))
    (job,) = client.submit({
        "command": "sha256sum shared > sum", "inputs": "shared", "outputs": "sum",
        "array": "0-39",
    })  # fmt: skip
    assert client.wait(job.id).raw["state"] == "done"
    # The input, the list that names it, the output that all tasks made alike, its list.
    assert len(stored(cluster)) - before == 4
    fetched = []
    for task in range(40):
        log = b"".join(client.log(job.id, task=task, stream="stages")).decode()
        fetched += [line for line in log.splitlines() if "fetched 1" in line]
        client.fetch(job.id, to=f"t{task}", task=task)
    assert 1 <= len(fetched) <= 2
    sums = {(here / f"t{task}/sum").read_text() for task in range(40)}
    assert len(sums) == 1


def test_each_task_of_an_array_has_its_own_files(client: Client, here: Path) -> None:
    """And nobody else's; what it did not change is not given back."""
    [(here / f"{item}.dat").write_text(item) for item in ("ann", "bob")]
    doc = {"command": "cat deck > sum; ls >> sum", "inputs": "{item}.dat -> deck"}
    (job,) = client.submit({**doc, "items": ["ann", "bob"]})
    assert client.wait(job.id).raw["state"] == "done"
    assert client.fetch(job.id, to="got", task=1) == ["sum"]
    assert (here / "got/sum").read_text() == "bobdeck\nsum\n"


def test_a_running_job_can_be_looked_into_and_given_files(
    client: Client, here: Path
) -> None:
    """Both while it works."""
    (job,) = client.submit({
        "command": "echo half > part; while [ ! -f go/on ]; do sleep 0.05; done; cat go/on",
        "cwd": "fresh",
    })  # fmt: skip
    running(client, job.id)
    until(lambda: _fetched(client, job.id), "the half")
    assert (here / "live/part").read_text() == "half\n"
    (here / "on").write_text("now\n")
    assert client.put(job.id, "on -> go/")["files"] == 1
    assert client.wait(job.id).raw["state"] == "done"
    assert b"".join(client.log(job.id)) == b"now\n"
    with pytest.raises(Conflict, match="does not run now"):
        client.put(job.id, "on")
    with pytest.raises(Missing, match="no stored files"):
        client.fetch(job.id)


def _fetched(client: Client, job: int) -> bool:
    try:
        return client.fetch(job, "part", to="live", force=True) == ["part"]
    except Missing:
        return False


def test_a_frozen_tree_does_not_change_any_more(client: Client, here: Path) -> None:
    """What is edited after the submit is for the next job; what is new comes back."""
    (here / "code.sh").write_text("echo first > said\n")
    (here / ".rotaignore").write_text("big\n")
    (here / "big").write_text("x")
    (job,) = client.submit({"command": "ls; sh code.sh", "freeze": ".", "begin": "now+1s"})
    (here / "code.sh").write_text("echo second > said\n")
    client.wait(job.id)
    assert b"".join(client.log(job.id)) == b"code.sh\n"
    assert client.fetch(job.id, to="got") == ["said"]
    assert (here / "got/said").read_text() == "first\n"


def test_the_client_for_asyncio_moves_files_too(cluster: Cluster, here: Path) -> None:
    """By the same names."""
    (here / "in").write_text("x\n")

    async def there_and_back() -> list[str]:
        async with AsyncClient(home=str(cluster.home)) as client:
            doc = {"command": "cp in out", "inputs": "in", "outputs": "out"}
            (job,) = await client.submit(doc)
            await client.wait(job.id)
            return await client.fetch(job.id, to="got")

    assert asyncio.run(there_and_back()) == ["out"]
    assert (here / "got/out").read_text() == "x\n"


def test_nothing_is_overwritten_unasked(client: Client, here: Path) -> None:
    """What is the same already is left; what differs is named, and nothing is touched."""
    (job,) = client.submit({
        "command": "echo a > a; echo b > b", "cwd": "fresh", "outputs": ["a", "b"],
    })  # fmt: skip
    client.wait(job.id)
    (here / "a").write_text("mine\n")
    with pytest.raises(Conflict, match="not overwritten: a;"):
        client.fetch(job.id)
    assert not (here / "b").exists()
    assert client.fetch(job.id, force=True) == ["a", "b"]
    assert client.fetch(job.id) == []


def test_what_is_missing_is_named_before_anything_is_submitted(
    cluster: Cluster, client: Client, here: Path
) -> None:
    """By the client what it cannot find, by the server what was never stored."""
    with pytest.raises(Malformed, match="nothing is called nix"):
        client.submit({"argv": ["true"], "inputs": "nix"})
    with pytest.raises(Malformed, match="tree: no file 000"):
        client.submit({"argv": ["true"], "tree": "0" * 64})
    done = cluster.rota("submit", "--inputs", "nix", "-c", "true", cwd=here)
    assert (done.returncode, "nix" in done.stderr) == (2, True)
    with pytest.raises(Malformed, match="fresh"):
        (here / "x").touch()
        client.submit({"argv": ["true"], "inputs": "x", "cwd": "/tmp"})


def test_a_broken_fetch_goes_on_where_it_was(client: Client, here: Path) -> None:
    """A part that lies there is not fetched again, and a wrong one is."""
    (job,) = client.submit({
        "command": "yes | head -c 100000 > y", "cwd": "fresh", "outputs": "y",
    })  # fmt: skip
    client.wait(job.id)
    (row,) = client.files(job.id)["files"]
    part = here / f".y.{row['digest'][:12]}.rota-part"
    for left in (b"y\n" * 20_000, b"wrong" * 100, b"z" * 200_000):
        part.write_bytes(left)
        assert client.fetch(job.id, force=True) == ["y"]
        assert (here / "y").read_bytes() == b"y\n" * 50_000
        (here / "y").unlink()


def test_g30_an_agents_token_opens_only_what_runs(cluster: Cluster, client: Client) -> None:
    """Nor does it submit; and an attempt that is over has no files for it."""
    (job,) = client.submit({"argv": ["true"], "cwd": "/"})
    client.wait(job.id)
    token = (cluster.home / "agent-token").read_text().strip()
    from rota.client import calls

    agent = Client(cluster.status()["tcp"], token=token)
    for attempt in (None, f"{job.id}.0.1", "999999.0.1"):
        with pytest.raises(NotAllowed):
            agent.ask(calls.lacking([("0" * 64, 1)], attempt=attempt))
    with pytest.raises(NotAllowed):
        agent.submit({"argv": ["true"]})


def test_the_commands_say_what_they_did(cluster: Cluster, here: Path) -> None:
    """rota fetch and rota put, as people type them."""
    (here / "in").write_text("hello\n")
    words = ("--inputs", "in", "--outputs", "o*", "-c", "cat in > o1; cat in > o2")
    assert cluster.rota("run", *words, cwd=here).returncode == 0
    listed = cluster.rota("fetch", "last", "--list", cwd=here)
    assert listed.stdout.split() == ["SIZE", "FILE", "6", "B", "o1", "6", "B", "o2"]
    done = cluster.rota("fetch", "last", "o1", "--to", "d", cwd=here)
    assert (done.returncode, done.stderr) == (0, "1 file brought to d\n")
    told = json.loads(cluster.rota("fetch", "last", "--json", cwd=here).stdout)
    assert told["schema"] == "rota.fetched/1"
    assert told["fetched"][0]["files"] == ["o1", "o2"]
    wrong = cluster.rota("fetch", "last", "nix", cwd=here)
    assert (wrong.returncode, "there are: o1, o2" in wrong.stderr) == (2, True)
    assert cluster.rota("put", "last", "in", cwd=here).returncode == 2


def test_the_fetch_of_an_array_has_a_folder_for_each_task(
    cluster: Cluster, client: Client, here: Path
) -> None:
    """Of those that left something."""
    (job,) = client.submit({
        "command": "[ {task} = 1 ] || echo {task} > out.{task}", "cwd": "fresh",
        "array": "0-2", "outputs": ["out.{task} -> out"],
    })  # fmt: skip
    client.wait(job.id)
    assert cluster.rota("fetch", str(job.id), "--to", "all", cwd=here).returncode == 0
    found = {str(p.relative_to(here)): p.read_text() for p in here.rglob("out")}
    assert found == {"all/0/out": "0\n", "all/2/out": "2\n"}


def test_files_that_nobody_needs_any_more_go(
    cluster: Cluster, client: Client, here: Path
) -> None:
    """Not what is pinned, nor what a tree that stays names too; a dry run only tells."""
    (here / "both").write_bytes(os.urandom(10))
    jobs = []
    for name in ("one", "two"):
        (here / name).write_bytes(os.urandom(100))
        doc = {"command": "cat * > sum", "inputs": [name, "both"]}
        jobs.append(client.submit(doc)[0].id)
        client.wait(jobs[-1])
    for path in stored(cluster):
        os.utime(path, (0, 0))
    assert client.clean(pin=[jobs[0]])["pinned"] == [jobs[0]]
    would = client.clean(older="0s", dry_run=True)
    gone = [row["id"] for row in would["jobs"]]
    assert jobs[1] in gone and jobs[0] not in gone
    done = cluster.rota("clean", "--older", "0s", "--json", cwd=here)
    told = json.loads(done.stdout)
    assert (told["bytes"], told["files"]) == (would["bytes"], would["files"])
    assert client.fetch(jobs[0]) == ["sum"]
    with pytest.raises(Missing):
        client.fetch(jobs[1], to="other")
    assert client.clean(older="0s", dry_run=True)["files"] == 0
    assert client.clean(unpin=[jobs[0]])["pinned"] == []


@pytest.fixture
def tiny(cluster: Cluster, tmp_path: Path) -> Iterator[Client]:
    """One more node, with room for little; the others take no new work."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=90m", "tmpfs", str(disk)]
    if os.getuid() or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("may not mount here: only root may")
    words = ["--home", str(disk / "node")]
    agent = subprocess.Popen(
        [sys.executable, "-m", "rota.agent", "--server", f"unix:{cluster.home}/rota.sock",
         "--token-file", str(cluster.home / "agent-token"), "--name", "tiny", *words],
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        with Client(home=str(cluster.home)) as client:
            until(lambda: "tiny" in [node.name for node in client.nodes()], "tiny")
            client.drain("near", "far", why="test")
            yield client
            client.undrain("near", "far")
    finally:
        agent.terminate()
        agent.wait(PATIENCE_S)
        kill = [sys.executable, "-m", "rota.agent", *words, "--kill-jobs", "--grace", "0s"]
        subprocess.run(kill, check=True, timeout=60, stderr=subprocess.DEVNULL)
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_node_without_room_for_inputs_costs_no_retry(tiny: Client, here: Path) -> None:
    """The reason is its disk, and the job runs where there is room."""
    (here / "in").write_bytes(os.urandom(60_000_000))
    (job,) = tiny.submit({"command": "wc -c < in", "inputs": "in"})

    def declined() -> bool:
        lines = tiny.history(job.id)["history"]
        return any((line["reason"] or {}).get("code") == "disk" for line in lines)

    until(declined, "tiny declines it")
    tiny.undrain("near", "far")
    tiny.wait(job.id, timeout_s=60)
    done = tiny.job(job.id).raw
    assert (done["state"], b"".join(tiny.log(job.id))) == ("done", b"60000000\n")
    assert done["attempts"][0]["reason"]["code"] == "disk"
    assert done["attempts"][-1]["node"] in ("near", "far")


def pid_of(cluster: Cluster, victim: str) -> int:
    """Return the server's pid, or the local agent's as it is now."""
    if victim == "server":
        return int(cluster.status()["server_pid"])
    return int((cluster.home / "node/agent.lock").read_text())


@pytest.mark.parametrize("victim", ["server", "agent"])
@pytest.mark.parametrize("phase", ["staging_in", "staging_out"])
def test_who_is_killed_while_files_move_costs_nothing(
    cluster: Cluster, client: Client, here: Path, phase: str, victim: str
) -> None:
    """The node goes on where it was; the job ends once, and truly."""
    (here / "in").write_bytes(os.urandom(100_000))
    keys = (
        {"inputs": "in", "begin": "now+1s"} if phase == "staging_in" else {"cwd": "fresh"}
    )
    (job,) = client.submit({
        "command": "sleep 1; echo out > out", "outputs": ["out"], "host": "near", **keys,
    })  # fmt: skip
    if phase == "staging_out":
        running(client, job.id)
    os.kill(pid_of(cluster, victim), signal.SIGKILL)
    if victim == "server":
        assert cluster.rota("up", "--detach", *cluster.words).returncode == 0
    with Client(home=str(cluster.home)) as again:
        assert again.wait(job.id, timeout_s=60).raw["state"] == "done"
        assert again.job(job.id).raw["attempt"] == 1
        assert again.fetch(job.id) == ["out"]

"""The asyncio client: the same verbs, and several things at a time.

About rota.client.aio and rota.client.stream.
"""

from __future__ import annotations

import asyncio
import inspect
from pathlib import Path
from typing import Any

import pytest

from rota.client.aio import AsyncClient
from rota.client.filing import AsyncFileVerbs, FileVerbs
from rota.client.http import Client
from rota.core.errors import Malformed, Missing, Unreachable
from tests.client.cluster import Cluster
from tests.client.stub import CLOSE, DROP, OK, Stub

ONLY_BLOCKING = {"watch", "address"}


def public(kind: type[Any]) -> set[str]:
    """Return the names of the public members of *kind*."""
    return {name for name in vars(kind) if not name.startswith("_")}


def test_both_clients_have_the_same_verbs() -> None:
    """Whoever knows one knows the other."""
    assert public(Client) - ONLY_BLOCKING == public(AsyncClient)


def test_both_have_the_same_verbs_about_files() -> None:
    """Fetching, putting, listing."""
    assert public(FileVerbs) - {"ask", "line_address", "told"} == public(AsyncFileVerbs)


FILING = sorted(public(AsyncFileVerbs))


@pytest.mark.parametrize("name", FILING + sorted(public(AsyncClient) - {"log", "close"}))
def test_both_take_the_same_arguments(name: str) -> None:
    """Name by name."""
    blocking = inspect.signature(getattr(Client, name)).parameters
    awaited = inspect.signature(getattr(AsyncClient, name)).parameters

    assert list(blocking) == list(awaited)


def test_a_job_from_submit_to_its_output(cluster: Cluster) -> None:
    """Submit, wait, read, look back."""

    async def story() -> None:
        async with AsyncClient(home=str(cluster.home)) as client:
            [job] = await client.submit({"command": "echo hi; exit 2", "cwd": "/"})
            view = await client.wait(job.id, timeout_s=30)
            assert (view.state, view.exit_code) == ("failed", 2)
            assert b"".join([p async for p in client.log(job.id)]) == b"hi\n"
            assert (await client.why(job.id))["state"] == "failed"
            lines = (await client.history(job.id))["history"]
            assert lines[-1]["after"] == "failed"
            assert (await client.series(job.id))["attempt"] == 1

    asyncio.run(story())


def test_waiting_and_asking_go_on_side_by_side(cluster: Cluster) -> None:
    """Ten jobs are waited for while others are asked about."""

    async def story() -> None:
        async with AsyncClient(home=str(cluster.home)) as client:
            docs = [{"argv": ["sleep", "0.1"], "cwd": "/"}] * 10
            jobs = [job.id for job in await client.submit(*docs)]
            views = await asyncio.gather(
                *(client.wait(job, timeout_s=30) for job in jobs), client.stat()
            )
            assert [view.state for view in views[:10]] == ["done"] * 10
            assert views[10]["cores"] == 2

    asyncio.run(story())


def test_the_other_verbs(cluster: Cluster) -> None:
    """Each of them once."""

    async def story() -> None:
        async with AsyncClient(home=str(cluster.home)) as client:
            held = {"argv": ["true"], "cwd": "/", "held": True, "tags": ["aio"]}
            [job] = await client.submit(held)
            await client.edit(job.id, set={"priority": 7})
            assert (await client.job(job.id))["priority"] == 7
            assert len(await client.jobs(tag=["aio"])) == 1
            assert [j.id async for j in client.all_jobs(tag=["aio"])] == [job.id]
            await client.release(job.id)
            await client.wait(job.id, timeout_s=30)
            await client.rerun(job.id)
            assert (await client.wait(job.id, timeout_s=30))["attempt"] == 2
            [array] = await client.submit(
                {"command": "exit {task}", "cwd": "/", "array": "0-2"}
            )
            await client.wait(array.id, timeout_s=30)
            assert [t.task async for t in client.all_tasks(array.id, limit=2)] == [0, 1, 2]
            assert len(await client.tasks(array.id, failed=True)) == 2
            [long] = await client.submit({"argv": ["sleep", "60"], "cwd": "/"})
            assert (await client.kill(long.id))[0]["result"] == "killed"
            await client.drain("node1", why="test")
            assert (await client.nodes())[0].state == "drained"
            await client.undrain("node1")
            assert (await client.queues())["queues"]
            assert (await client.explain({"argv": ["x"]}))[0]["tasks"] == 1
            await client.drain("node1")
            [kept] = await client.submit({"argv": ["true"], "cwd": "/"})
            assert (await client.hold(kept.id))[0]["result"] == "held"
            await client.kill(kept.id)
            await client.undrain("node1")

    asyncio.run(story())


def test_errors_are_what_they_are(cluster: Cluster, tmp_path: Path) -> None:
    """Missing, malformed, nobody there."""

    async def story() -> None:
        async with AsyncClient(home=str(cluster.home)) as client:
            with pytest.raises(Missing):
                await client.job(999_999)
            with pytest.raises(Malformed):
                await client.submit({"cmd": "x"})
            with pytest.raises(Missing):
                await anext(client.log(999_999))
        with pytest.raises(Unreachable, match="rota up"):
            await AsyncClient(home=str(tmp_path)).info()

    asyncio.run(story())


def test_time_can_run_out_first(cluster: Cluster) -> None:
    """As with the blocking client."""

    async def story() -> None:
        async with AsyncClient(home=str(cluster.home)) as client:
            [job] = await client.submit({"argv": ["sleep", "60"], "cwd": "/"})
            with pytest.raises(TimeoutError):
                await client.wait(job.id, timeout_s=0.1)
            await client.kill(job.id)

    asyncio.run(story())


def test_waiting_outlives_the_server(cluster: Cluster) -> None:
    """It is stopped and started in between; the wait ends well."""

    async def story() -> None:
        async with AsyncClient(home=str(cluster.home)) as client:
            [job] = await client.submit({"argv": ["sleep", "1.5"], "cwd": "/"})
            waiting = asyncio.create_task(client.wait(job.id))
            for words in (["down"], ["up", "--detach", *cluster.words]):
                done = await asyncio.to_thread(cluster.rota, *words)
                assert done.returncode == 0, done.stderr
            assert (await asyncio.wait_for(waiting, 30)).is_ok
            with pytest.raises(Missing):
                await client.wait(999_999)

    asyncio.run(story())


def test_a_cancelled_question_leaves_no_answer_for_the_next(socket_path: Path) -> None:
    """A time-out between sending and reading: the connection is not used again."""

    async def story(stub: Stub) -> None:
        client = AsyncClient(f"unix:{socket_path}")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await client.info()
        assert len(await client.jobs()) == 0
        assert stub.connections == 2
        await client.close()

    with Stub(
        socket_path, [b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwro", OK]
    ) as stub:
        asyncio.run(story(stub))


def test_connections_are_kept_and_reopened(socket_path: Path) -> None:
    """Questions are repeated, submits without a key are not."""

    async def story(stub: Stub) -> None:
        client = AsyncClient(f"unix:{socket_path}")
        await client.jobs()
        await client.jobs()  # its answer is lost, it is asked again
        assert (len(stub.requests), stub.connections) == (3, 2)
        with pytest.raises(Unreachable):
            await client.submit({"argv": ["x"]})
        assert len(stub.requests) == 4
        await client.info()
        await client.info()
        assert stub.connections == 4
        await client.close()

    with Stub(socket_path, [OK, DROP, OK, DROP, CLOSE]) as stub:
        asyncio.run(story(stub))

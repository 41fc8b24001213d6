"""concurrent.futures on the queue."""

from __future__ import annotations

import concurrent.futures as futures
import math
import operator
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from rota.client.executor import Executor, JobFailed, RemoteTraceback, dumped
from rota.client.http import Client
from tests.client.cluster import Cluster

WAIT_S = 60.0


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A server with a local agent."""
    with Cluster(tmp_path_factory.mktemp("executor") / "home") as cluster:
        yield cluster


@pytest.fixture
def pool(cluster: Cluster, tmp_path: Path) -> Iterator[Executor]:
    """An executor on it."""
    with Executor(home=str(cluster.home), folder=str(tmp_path / "calls")) as pool:
        yield pool


def test_results_and_order(pool: Executor, tmp_path: Path) -> None:
    """One job for submit, one array for map; nothing is left behind."""
    future = pool.submit(math.gcd, 12, 18)
    assert future.result(WAIT_S) == 6
    assert list(pool.map(operator.add, [1, 2, 3], [10, 20, 30], timeout=WAIT_S)) == [
        11,
        22,
        33,
    ]
    assert list(pool.map(abs, [])) == []
    pool.shutdown()
    assert os.listdir(tmp_path / "calls") == []
    with pytest.raises(RuntimeError, match="after shutdown"):
        pool.submit(abs, 1)


def test_exceptions_come_with_their_traceback(pool: Executor) -> None:
    """The job's own, as the cause."""
    future = pool.submit(operator.truediv, 1, 0)
    error = future.exception(WAIT_S)
    assert isinstance(error, ZeroDivisionError)
    assert isinstance(error.__cause__, RemoteTraceback) and "call.py" in str(
        error.__cause__
    )


def test_a_job_that_dies_says_how(pool: Executor) -> None:
    """There is no result then."""
    with pytest.raises(JobFailed, match="exit code 3"):
        pool.submit(os._exit, 3).result(WAIT_S)


def test_a_call_that_waits_can_be_cancelled(cluster: Cluster, tmp_path: Path) -> None:
    """Its job is cancelled with it."""
    with Executor(home=str(cluster.home), folder=str(tmp_path), held=True) as pool:
        future = pool.submit(abs, 1)
        assert future.cancel() and future.cancelled()
        with pytest.raises(futures.CancelledError):
            future.result(WAIT_S)
        rest = pool.submit(abs, 2)
        pool.shutdown(cancel_futures=True)
        assert isinstance(rest.exception(WAIT_S), JobFailed)
    with Client(home=str(cluster.home)) as client:
        assert client.job(int(future.target)).state == "cancelled"


def test_what_cannot_travel_is_said() -> None:
    """With what helps, where cloudpickle is not installed."""
    try:
        assert dumped(lambda: 1)
    except TypeError as error:
        assert "install cloudpickle" in str(error)

#!/usr/bin/env python3
"""One Python queue runs N times /bin/true, K at a time: started by ``peers.py``.

    PYTHON bench/peer_jobs.py huey|rq|celery|dask N K      {"wall_s"}

Run by the Python in which the queue is installed.  What is timed is from the first task
handed in to the last one known to be over; starting workers and their imports is not.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDER = os.environ.get("PEER_FOLDER") or tempfile.mkdtemp(prefix="peer-")
REDIS = f"unix://{FOLDER}/redis.sock"
LIMIT_S = 300.0


def spawned(_number: int = 0) -> int:
    """Run the job of every figure; return its exit code."""
    pid = os.posix_spawn("/bin/true", ["/bin/true"], {"PATH": "/usr/bin:/bin"})
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def until(done: Callable[[], bool]) -> None:
    """Wait for *done*, with a bound."""
    end = time.monotonic() + LIMIT_S
    while not done():
        if time.monotonic() > end:
            raise TimeoutError("the tasks were not over in time")
        time.sleep(0.005)


@contextmanager
def beside(*words: str) -> Iterator[None]:
    """Run a program of the queue meanwhile."""
    environment = {
        **os.environ,
        "PEER_FOLDER": FOLDER,
        "PYTHONPATH": str(Path(__file__).parent),
    }
    process = subprocess.Popen(
        words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


@contextmanager
def redis() -> Iterator[None]:
    """Run a Redis of our own, which keeps nothing on disk."""
    words = ("redis-server", "--port", "0", "--unixsocket", REDIS[7:], "--save", "",
             "--appendonly", "no")  # fmt: skip
    with beside(*words):
        until(lambda: Path(REDIS[7:]).exists())
        yield


def timed(jobs: int, run: Callable[[int], None]) -> float:
    """Run a few, so that all is warm, then all; return what that took."""
    run(20)
    began = time.monotonic()
    run(jobs)
    return time.monotonic() - began


def huey_(jobs: int, slots: int) -> float:
    """Huey on SQLite, worker processes."""
    import peer_huey

    def run(count: int) -> None:
        results = [peer_huey.task(number) for number in range(count)]
        for result in results:
            result.get(blocking=True, timeout=LIMIT_S, backoff=1.0, max_delay=0.01)

    words = ("-m", "huey.bin.huey_consumer", "peer_huey.huey", "-k", "process")
    with beside(sys.executable, *words, "-w", str(slots), "-q", "-d", "0.01"):
        return timed(jobs, run)


def rq_(jobs: int, slots: int) -> float:
    """RQ on Redis, its worker that forks for each job."""
    from peer_jobs import spawned as task
    from redis import Redis
    from rq import Queue

    with redis():
        queue = Queue(connection=Redis.from_url(REDIS))

        def run(count: int) -> None:
            found = [queue.enqueue(task, number) for number in range(count)]
            until(lambda: all(job.get_status() == "finished" for job in found[-slots:]))

        worker = (sys.executable, "-m", "rq.cli", "worker", "-q", "--url", REDIS)
        with beside(*worker), beside(*worker):
            return timed(jobs, run)


def celery_(jobs: int, slots: int) -> float:
    """Celery on Redis, prefork."""
    with redis():
        import peer_celery

        def run(count: int) -> None:
            found = [peer_celery.task.delay(number) for number in range(count)]
            for result in found:
                result.get(timeout=LIMIT_S, interval=0.005)

        words = ("-m", "celery", "-A", "peer_celery", "worker", "-c", str(slots))
        with beside(sys.executable, *words, "--loglevel", "CRITICAL"):
            return timed(jobs, run)


def dask_(jobs: int, slots: int) -> float:
    """Dask's scheduler with worker processes, no store on disk."""
    from distributed import Client, LocalCluster, wait

    with (
        LocalCluster(n_workers=slots, threads_per_worker=1, dashboard_address=None) as made,
        Client(made) as client,
    ):
        return timed(
            jobs, lambda count: wait(client.map(spawned, range(count), pure=False)) and None
        )


PEERS = {"huey": huey_, "rq": rq_, "celery": celery_, "dask": dask_}

if __name__ == "__main__":
    name, jobs, slots = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    print(json.dumps({"wall_s": PEERS[name](jobs, slots)}))

"""Celery, Dramatiq and RQ on a Redis of their own; the first word says which."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from speak import SLOTS, serve

TASKS = """
import subprocess
def true():
    return subprocess.run(["/bin/true"]).returncode
URL = {url!r}
if {kind!r} == "celery":
    import celery
    at = "redis+socket://" + URL
    app = celery.Celery("peer", broker=at, backend=at)
    work = app.task(name="work")(true)
elif {kind!r} == "dramatiq":
    import dramatiq
    from dramatiq.brokers.redis import RedisBroker
    from dramatiq.results import Results
    from dramatiq.results.backends import RedisBackend
    broker = RedisBroker(url="unix://" + URL)
    broker.add_middleware(Results(backend=RedisBackend(url="unix://" + URL)))
    dramatiq.set_broker(broker)
    work = dramatiq.actor(store_results=True, max_retries=0)(true)
"""


@contextmanager
def redis(folder: str) -> Iterator[str]:
    """A server with an append-only file, reached by a socket; yield the socket's path."""
    socket = f"{folder}/redis.sock"
    words = ["redis-server", "--port", "0", "--unixsocket", socket, "--dir", folder]
    server = subprocess.Popen(
        [*words, "--appendonly", "yes"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not Path(socket).exists():
            server.poll() is not None and sys.exit("redis-server has ended")
        yield socket
    finally:
        server.terminate()
        server.wait()


def workers(kind: str, folder: str, socket: str) -> list[list[str]]:
    """Return the command lines of the workers."""
    program = str(Path(sys.executable).with_name("rq" if kind == "rq" else kind))
    if kind == "celery":
        return [
            [program, "-A", "peer_tasks.app", "worker", "-c", str(SLOTS), "-l", "ERROR"]
        ]
    if kind == "dramatiq":
        return [[program, "peer_tasks", "-p", str(SLOTS), "-t", "1"]]
    return [[program, "worker", "-q", "--url", f"unix://{socket}"]] * SLOTS


def asked(
    hand_in: Callable[[], Any], result: Callable[[Any], object]
) -> Callable[[int], None]:
    """Return what hands in so many, and then asks each for its result."""

    def run(jobs: int) -> None:
        for one in [hand_in() for _ in range(jobs)]:
            result(one)

    return run


def runner(kind: str, socket: str) -> Callable[[int], None]:
    """Return what hands in so many tasks and waits for them."""
    import peer_tasks

    if kind == "celery":
        return asked(peer_tasks.work.delay, lambda one: one.get())
    if kind == "dramatiq":
        limit_ms = 600_000
        return asked(
            peer_tasks.work.send, lambda one: one.get_result(block=True, timeout=limit_ms)
        )
    from redis import Redis
    from rq import Queue

    queue = Queue(connection=Redis(unix_socket_path=socket))

    def run(jobs: int) -> None:
        import time

        handed_in = [queue.enqueue(peer_tasks.true) for _ in range(jobs)]
        while not all(one.is_finished for one in handed_in[-SLOTS:]):
            time.sleep(0.01)

    return run


def main(kind: str) -> None:
    """Serve *kind*."""
    with tempfile.TemporaryDirectory() as folder, redis(folder) as socket:
        text = TASKS.format(kind=kind, url=socket)
        (Path(folder) / "peer_tasks.py").write_text(text)
        sys.path.insert(0, folder)
        begun = [
            subprocess.Popen(
                words, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            for words in workers(kind, folder, socket)
        ]
        try:
            serve(runner(kind, socket))
        finally:
            for one in begun:
                one.terminate()
            for one in begun:
                one.wait()


if __name__ == "__main__":
    main(sys.argv[1])

"""One ``true`` on an idle system: submit → running → finished, as a client sees it.

A second connection listens to the event stream; both are open before the first submit.
"""

from __future__ import annotations

import queue
import threading
import time
from contextlib import suppress

from figure import Figure, Value, percentile
from place import JOB, Place

from rota.client.http import Client
from rota.core.errors import RotaError

PAUSE_S = 0.03
LIMIT_S = 30.0


def measure(*, quick: bool) -> Figure:
    """Run job after job; return the percentiles of how long each step took."""
    jobs = 50 if quick else 300
    with Place(cores=2) as place:
        heard = listen(place.home)
        for _ in range(10):
            one(place, heard)
        steps = [one(place, heard) for _ in range(jobs)]
    replied, running, finished = zip(*steps, strict=True)
    return Figure(
        "latency",
        [
            Value("submit → finished, p50", percentile(finished, 50), "ms", 25, 8),
            Value("submit → finished, p95", percentile(finished, 95), "ms", 60, 20),
            Value("submit → running, p50", percentile(running, 50), "ms"),
            Value("submit → running, p95", percentile(running, 95), "ms"),
            Value("submit → reply, p50", percentile(replied, 50), "ms"),
            Value("submit → reply, p95", percentile(replied, 95), "ms"),
        ],
        notes={"jobs": jobs},
    )


def one(place: Place, heard: queue.Queue[tuple[float, int, str]]) -> tuple[float, ...]:
    """Run one job; return the ms from its submit to the reply, its start, its end."""
    # The system must be idle when the next job comes: that is what is measured.
    time.sleep(PAUSE_S)
    began = time.perf_counter()
    job = place.client.submit(JOB)[0].id
    replied = time.perf_counter()
    at: dict[str, float] = {}
    while "done" not in at:
        when, of, state = heard.get(timeout=LIMIT_S)
        if of == job:
            at[state] = when
        if state in ("failed", "cancelled"):
            raise RuntimeError(f"job {of} is {state}")
    # A short job's start and end may be told in one go: it was running no later.
    running = at.get("running", at["done"])
    return tuple(1000 * (when - began) for when in (replied, running, at["done"]))


def listen(home: str) -> queue.Queue[tuple[float, int, str]]:
    """Return a queue of (when, job, state), filled from the event stream."""
    heard: queue.Queue[tuple[float, int, str]] = queue.Queue()
    ready = threading.Event()

    def hear() -> None:
        client = Client(home=home)
        # It ends with the server's going away, at the end of the measurement.
        with suppress(RotaError):
            for event in client.watch(level="task", beat_s=0.2):
                ready.set()
                if event is not None and event.name == "moved":
                    heard.put((time.perf_counter(), event.data["job"], event.data["after"]))

    threading.Thread(target=hear, daemon=True).start()
    if not ready.wait(LIMIT_S):
        raise TimeoutError("the event stream does not begin")
    return heard

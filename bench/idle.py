"""A system with nothing to do: what server, agent and shepherd use all the same."""

from __future__ import annotations

import time

import meter
from figure import Figure, Value
from place import JOB, Place

MB = 1e6


def measure(*, quick: bool) -> Figure:
    """Let the system be; return its processor time and memory."""
    seconds = 10.0 if quick else 60.0
    with Place(cores=2) as place:
        # One job, so that everything that a job needs is loaded and stays.
        place.client.wait(place.client.submit(JOB)[0].id, timeout_s=60.0)
        place.client.close()
        meter.settle()
        pids = place.pids()
        before = {name: meter.own_cpu_s(pid) for name, pid in pids.items()}
        time.sleep(seconds)
        share = {
            n: 100 * (meter.own_cpu_s(p) - before[n]) / seconds for n, p in pids.items()
        }
        memory = {name: meter.memory_of(pid) / MB for name, pid in pids.items()}
    values = [Value("cpu of all", sum(share.values()), "% of a core", 0.5, 0.1)]
    values += [Value(f"cpu of the {name}", share[name], "%") for name in share]
    values += [
        Value("memory of the server", memory["server"], "MB", 90, 60),
        Value("memory of the agent", memory["agent"], "MB", 30, 18),
    ]
    if "shepherd" in memory:
        values.append(Value("memory of the shepherd", memory["shepherd"], "MB"))
    return Figure("idle", values, notes={"seconds": seconds})

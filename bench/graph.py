"""What a job costs that waits for many: submitted with them, let go when they ended.

    python bench/graph.py [--edges N]

Prints one JSON line: processor time of the engine for all edges (ms) and for one (µs), and
how much more one costs than in a graph of a tenth: about 1 where the cost is linear.
"""

from __future__ import annotations

import argparse
import gc
import json
import time
from collections.abc import Sequence

from rota.core.account import User
from rota.core.job import After, JobSpec
from rota.engine.events import Asked, Submitted
from rota.engine.mind import Mind

ANN = User("ann")


def cost(edges: int) -> float:
    """Return the processor time, ms, of *edges* jobs that are killed and one after all."""
    mind = Mind()
    first = [JobSpec(argv=("true",)) for _ in range(edges)]
    last = JobSpec(argv=("true",), after=tuple(After("any", -n - 1) for n in range(edges)))
    gc.collect()
    began = time.process_time()
    mind.handle(Submitted(1, ANN, [*first, last]))
    mind.settle(1)
    mind.handle(Asked(2, ANN, "kill", [(number, None) for number in range(1, edges + 1)]))
    mind.settle(2)
    took = (time.process_time() - began) * 1000
    (waiter,) = mind.memory.jobs.values()
    assert waiter.gate == "queued", "it still waits"
    return took


def main(words: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What a graph of dependencies costs.")
    parser.add_argument("--edges", type=int, default=100_000)
    edges = parser.parse_args(words).edges
    small, large = cost(edges // 10) * 10, cost(edges)
    print(json.dumps({
        "edges": edges, "ms": round(large), "us_each": round(large * 1000 / edges, 1),
        "times_a_tenth": round(large / small, 2),
    }))  # fmt: skip


if __name__ == "__main__":
    main()

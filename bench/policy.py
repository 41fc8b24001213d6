"""The default policy against EASY on made-up workloads that it was not chosen by.

    python bench/policy.py [--seeds 900-907] [--jobs N] [--policy NAME]

Sixty users with one to five habits each (typical run, width, how far the limit is above
the run), a daily rhythm, 128 cores, 85 % load.  One JSON line for each seed.
"""

from __future__ import annotations

import argparse
import json
import math
import random
from collections.abc import Sequence

from rota.sched.policy import parse_policy
from rota.sim.replay import replay
from rota.sim.report import measure
from rota.sim.workload import TraceJob

PROCS = 128
LOAD = 0.85
DAY = 86_400


def made_up(seed: int, count: int) -> list[TraceJob]:
    """Return a workload of *count* jobs; equal seeds give equal workloads."""
    chance = random.Random(seed)
    users = [
        (chance.lognormvariate(0, 1), [_habit(chance) for _ in range(chance.randint(1, 5))])
        for _ in range(60)
    ]
    rows = [_job(chance, users) for _ in range(count)]
    span = sum(run * cores for run, cores, _, _ in rows) / (PROCS * LOAD)
    at, jobs = 0.0, []
    for number, (run, cores, limit, user) in enumerate(rows, 1):
        rate = count / span * (1 + 0.8 * math.sin(at / DAY * 2 * math.pi))
        at += chance.expovariate(max(rate, 1e-6))
        jobs.append(
            TraceJob(number, int(at) * 1000, cores, run * 1000, limit * 1000, str(user))
        )
    return jobs


Habit = tuple[float, int, int]


def _habit(chance: random.Random) -> Habit:
    width = chance.choice((1, 1, 2, 4, 8, 16, 32, 64))
    return (chance.lognormvariate(7, 2), width, chance.choice((2, 4, 10, 50)))


def _job(
    chance: random.Random, users: list[tuple[float, list[Habit]]]
) -> tuple[int, int, int, int]:
    user = chance.choices(range(len(users)), [weight for weight, _ in users])[0]
    typical, cores, factor = chance.choice(users[user][1])
    fails_early = 0.05 if chance.random() < 0.15 else 1
    drawn = typical * chance.lognormvariate(0, 0.7) * fails_early
    run = max(1, min(200_000, int(drawn)))
    limit = max(run, int(min(400_000, typical * factor)) // 300 * 300 + 300)
    return run, cores, limit, user


def main(words: Sequence[str] | None = None) -> None:
    """Replay and print."""
    parser = argparse.ArgumentParser(description="The default policy against EASY.")
    parser.add_argument("--seeds", default="900-907")
    parser.add_argument("--jobs", type=int, default=12_000)
    parser.add_argument("--policy", default="default")
    asked = parser.parse_args(words)
    first, _, last = asked.seeds.partition("-")
    for seed in range(int(first), int(last or first) + 1):
        jobs = made_up(seed, asked.jobs)
        easy, ours = (
            measure(replay(jobs, procs=PROCS, policy=parse_policy(name)), PROCS)
            for name in ("fcfs:easy", asked.policy)
        )
        row = {"bench": "policy", "seed": seed, "policy": asked.policy}
        for name in ("avg_bsld", "max_wait"):
            row |= {f"easy_{name}": round(easy[name], 1), name: round(ours[name], 1)}
            row[f"{name}_ratio"] = round(ours[name] / easy[name], 3)
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()

"""Made-up clusters played with the live round: what must hold whatever happens."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import yaml

from rota.sim.cluster import Cluster
from rota.sim.scenario import Scenario, read_scenario


def made_up(seed: int, where: Path, **policy: Any) -> Scenario:
    """Return a scenario of mixed requests on a few nodes, busy enough that jobs wait."""
    chance = random.Random(seed)
    jobs, at = [], 0
    for number in range(50):
        at += chance.choice((0, 5, 20, 60))
        limit = chance.choice((20, 50, 100, 300))
        job: dict[str, Any] = {
            "id": f"j{number}",
            "t": at,
            "user": chance.choice("ab"),
            "run": max(1, int(limit * chance.choice((0.2, 0.7, 1)))),
            "limit": limit,
        }
        if chance.random() < 0.5:
            job |= {
                "nodes": chance.choice((1, 1, 2, 4)),
                "cores_per_node": chance.choice((1, 2, 4)),
            }
            job["exclusive"] = chance.random() < 0.2
        else:
            job["cores"] = chance.choice((1, 1, 2, 3, 6, 12))
        if chance.random() < 0.3:
            job["licences"] = {"lic": chance.choice((1, 2, 3))}
        if chance.random() < 0.3:
            job["mem_gb_per_core"] = chance.choice((1, 2, 4))
        jobs.append(job)
    plain = {
        "name": f"seed {seed}",
        "policy": {"order": "fcfs", "backfill": "easy", **policy},
        "cluster": {
            "nodes": [{"names": "n[1-4]", "cores": 4, "mem_gb": 16}],
            "licences": {"lic": 3},
            "users": {"a": {}, "b": {}},
        },
        "jobs": jobs,
    }
    path = where / f"{seed}.yaml"
    path.write_text(yaml.safe_dump(plain))
    return read_scenario(path)


@pytest.mark.parametrize("backfill", ["easy", "conservative"])
@pytest.mark.parametrize("seed", range(12))
def test_no_job_that_passes_delays_a_promised_start(
    seed: int, backfill: str, tmp_path: Path
) -> None:
    """Whoever was promised a start gets it then, or sooner."""
    cluster = Cluster(made_up(seed, tmp_path, backfill=backfill))
    rows = cluster.play()
    starts = {row.job_id: row.start for row in rows}
    assert cluster.promised, "nobody ever had to wait: the test shows nothing"
    for number, at in cluster.promised.items():
        assert starts[f"j{number}"] <= at


@pytest.mark.parametrize("backfill", ["none", "easy", "conservative"])
def test_everybody_runs_and_nothing_is_used_twice(backfill: str, tmp_path: Path) -> None:
    """Each plan is proved sane inside the cluster; here we see that nobody is forgotten."""
    for seed in range(12, 18):
        scenario = made_up(seed, tmp_path, backfill=backfill)
        rows = Cluster(scenario).play()
        assert sorted(row.job_id for row in rows) == sorted(j.id for j in scenario.jobs)


def test_a_failed_node_gives_its_jobs_back(tmp_path: Path) -> None:
    """What ran on a node that went down starts again from its beginning."""
    path = tmp_path / "down.yaml"
    path.write_text("""
name: down
policy: {order: fcfs, backfill: easy}
cluster: {nodes: [{names: "n[1-2]", cores: 2}], users: {u: {}}}
events:
  - {t: 30, kind: down, node: n1}
  - {t: 80, kind: up, node: n1}
jobs:
  - {id: A, t: 0, user: u, nodes: 2, cores_per_node: 2, run: 50, limit: 60}
""")
    rows = Cluster(read_scenario(path)).play()
    seen = [(row.state, row.start // 1000, row.end // 1000) for row in rows]
    assert seen == [("failed", 0, 30), ("done", 80, 130)]


def test_a_preempted_job_starts_again(tmp_path: Path) -> None:
    """The more important job takes the place of the youngest that may be stopped."""
    path = tmp_path / "preempt.yaml"
    path.write_text("""
name: preempt
policy: {order: priority, backfill: easy, preemption: requeue, victim_order: youngest}
cluster: {nodes: [{names: n1, cores: 4}], users: {u: {}}}
jobs:
  - {id: old, t: 0, user: u, cores: 2, run: 100, limit: 100, preemptible: true}
  - {id: young, t: 1, user: u, cores: 2, run: 100, limit: 100, preemptible: true}
  - {id: high, t: 10, user: u, cores: 2, run: 20, limit: 20, priority: 9}
""")
    rows = Cluster(read_scenario(path)).play()
    seen = [(row.job_id, row.state, row.start // 1000, row.end // 1000) for row in rows]
    assert seen == [
        ("young", "preempted", 1, 10),
        ("high", "done", 10, 30),
        ("old", "done", 0, 100),
        ("young", "done", 30, 130),
    ]

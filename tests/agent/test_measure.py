"""What attempts use: the kernel's own accounts, and samples on the way."""

from __future__ import annotations

from tests.agent.server import Node


def test_usage_counts_children_and_strays(shared: Node) -> None:
    """Cpu time of a child nobody waited for is the attempt's all the same."""
    burn = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done"
    end = shared.ran(command=f"sh -c '{burn}' & wait")
    assert end["usage"]["cpu_s"] > 0.05
    end = shared.ran(
        command=f"(setsid sh -c '{burn}; touch burnt' &); while [ ! -e burnt ]; do :; done",
    )
    assert end["usage"]["cpu_s"] > 0.05
    assert end["usage"]["wall_s"] >= 0


def test_usage_sees_the_largest_process(shared: Node) -> None:
    """max_rss is at least what one process held."""
    script = "#!/usr/bin/env python3\nx = bytearray(80_000_000)\n"
    assert shared.ran(script=script)["usage"]["max_rss"] > 75_000_000


def test_samples_of_a_longer_job(shared: Node) -> None:
    """After a second there is a first sample of the whole tree."""
    job = next(shared.jobs)
    shared.run(job, command="sleep 30 & sleep 30 & wait")
    rows = shared.server.until(
        lambda told: [
            r for m in told if m["t"] == "samples" for r in m["rows"] if r[0] == job
        ],
        "samples",
    )
    assert rows[0][:3] == [job, 0, 1] and rows[0][8] == 3 and rows[0][5] > 0
    shared.kill(job, grace_ms=0)
    shared.finished(job)

"""Real traces: a reference's schedules, bit for bit, and what the default is worth.

The hashes are over the lines ``job_id,start`` (``report.starts_sha256``), from a reference
simulator that shares no code with ours, under the replay rules of ``sim.workload``.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from rota.sched.policy import parse_policy
from rota.sim.replay import replay
from rota.sim.report import measure, starts_sha256
from rota.sim.workload import Trace, read_swf

TRACES = Path(__file__).parents[2] / "examples" / "traces"

KTH = {
    "fcfs": "43cbd0c3cb9398fcde8eb829a2f2732b7e9d2caaf239fdb06cb0a6179966e7ad",
    "sjf": "2b6f48b9081801b7fca8ca166af8ecb4730115d526c9c5f8f2195c3580af1bb3",
    "saf": "887769dfafbad41b7ed6bc673ee675be3b4923d7a392556da92e7281b7a0bd1c",
    "fcfs:easy": "ec103e1d1aa08588199d655b0b693ae828a8bb3d8733da5e9c7d459b458560d5",
    "fcfs:easy:sjf": "948440cba9df3ac193d00fa5e80775f864778d7d8eb9419e7855448e7ffd5913",
    "saf@72000:easy": "e7003e23bc9abe84a52aa70cde7249580ba0f5af23ae5a4806362de5ec598bbb",
    "exp:easy": "81e17ce5ac20670f229cd15f24f0dc17b7a36c4ad32c58cfd0c1be14893f4768",
    "unicef:easy": "7d275c9a332c978e4203302c1fb4fc3595676cf35a5bf475fb3b6cfd62d32bc1",
    "f4:easy": "a37d9e578df360e989b9831c8b321bca248a2665f53ef219c1fe8ee6043fb745",
    "fcfs:cons": "f204cf2c39bb00d8e655add4ab62cfa4496b89d247a9259e8d870b6bffde8303",
    "fcfs:replan": "6a56697a268828326b816db3f6c78ed89df2770c455457b43127ea034bd2fe5e",
}
HPC2N = {
    "fcfs:easy": "b31ec484c168c48e84c4c2b58ce28c736d842f0e577334b2d4b72cd0285db68b",
    "saf:easy": "c1df8231ae1113e8fa6e8dbcb6a5d22daec77a014103c035f6f2a2d58ce92b05",
}
EASY = {"KTH-SP2-1996": (92.7299, 262_194), "HPC2N-2002": (89.0365, 1_163_311)}
"""Mean bounded slowdown and longest wait, seconds, under plain EASY."""


@cache
def trace(name: str, procs: int) -> Trace:
    return read_swf(TRACES / f"{name}-2.1-cln.swf.gz", procs=procs)


@pytest.mark.parametrize("name", KTH)
def test_kth_is_replayed_bit_for_bit(name: str) -> None:
    """Every start of 28 467 jobs is the reference's."""
    jobs = trace("KTH-SP2-1996", 100).jobs
    assert starts_sha256(replay(jobs, procs=100, policy=parse_policy(name))) == KTH[name]


@pytest.mark.slow
@pytest.mark.parametrize("name", HPC2N)
def test_hpc2n_is_replayed_bit_for_bit(name: str) -> None:
    """Every start of 202 876 jobs is the reference's."""
    jobs = trace("HPC2N-2002", 240).jobs
    assert starts_sha256(replay(jobs, procs=240, policy=parse_policy(name))) == HPC2N[name]


@pytest.mark.parametrize(
    ("name", "procs"),
    [("KTH-SP2-1996", 100), pytest.param("HPC2N-2002", 240, marks=pytest.mark.slow)],
)
def test_the_default_is_much_better_than_easy_and_starves_nobody(
    name: str, procs: int
) -> None:
    """At most 0.75 of its mean bounded slowdown, at most 1.35 of its longest wait."""
    done = replay(trace(name, procs).jobs, procs=procs, policy=parse_policy("default"))
    figures = measure(done, procs)
    slowdown, wait = EASY[name]
    assert figures["avg_bsld"] <= 0.75 * slowdown
    assert figures["max_wait"] <= 1.35 * wait

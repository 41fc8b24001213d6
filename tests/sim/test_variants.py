"""Policies on machines, side by side."""

from __future__ import annotations

from pathlib import Path

import pytest

from rota.core.errors import Malformed, Refused
from rota.sched.policy import DEFAULT
from rota.sim.machine import Machine
from rota.sim.variants import run, variants
from rota.sim.workload import Trace, TraceJob

MACHINE = Machine(4, 2)


def test_each_policy_stands_with_and_without_more_nodes() -> None:
    """In the order they were asked for."""
    made = variants(["easy", "default"], MACHINE, wider="+1")
    assert [(one.name, one.machine.cores) for one in made] == [
        ("easy", 4), ("easy, +1 nodes", 6), ("default", 4), ("default, +1 nodes", 6),
    ]  # fmt: skip
    assert [one.rules.policy.name for one in made[::2]] == ["fcfs:easy", "default"]


def test_a_policy_may_be_the_operators_file(tmp_path: Path) -> None:
    """What a trace says nothing about is named."""
    path = tmp_path / "ours.yaml"
    path.write_text(
        "policy: {weights: {share: 9}, bound: {floor: 2h, part: 0.2}}\n"
        "shares: {ann: 2}\nhalf_life: 1d\nlicences: {abaqus: 3}\n"
    )
    (one,) = variants([str(path)], MACHINE, wider=None)
    policy = one.rules.policy
    assert policy.bound is not None and DEFAULT.bound is not None
    assert (policy.weights.share, policy.weights.cores) == (9, DEFAULT.weights.cores)
    assert (policy.bound.floor_ms, policy.bound.part) == (7_200_000, 0.2)
    assert policy.bound.pull == DEFAULT.bound.pull
    assert (one.name, one.unused) == ("ours", ("licences",))
    assert one.rules.shares == {"ann": 2} and one.rules.half_life_ms == 86_400_000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("policy: {weights: {shares: 3}}", "did you mean `share`?"),
        ("policy: {ordre: fcfs}", "did you mean `order`?"),
        ("policy: {order: fsfc}", "unknown order: 'fsfc'"),
        ("policy: {order: fcfs, weights: {share: 3}}", "weights means nothing to: 'fcfs'"),
        ("policy: {pass: sjf}", "pass means nothing to: 'default'"),
        ("policy: {bound: {part: 2}}", "at most 1"),
        ("policy: {backfill: cons}", "write conservative"),
    ],
)
def test_an_unknown_factor_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """By its name, with the nearest there is."""
    path = tmp_path / "ours.yaml"
    path.write_text(text)
    with pytest.raises(Malformed) as refused:
        variants([str(path)], MACHINE, wider=None)
    assert said in refused.value.sentence


def test_a_name_that_is_none_is_refused() -> None:
    """Also one of a file that is not there."""
    with pytest.raises(Malformed, match="did you mean easy"):
        variants(["esay"], MACHINE, wider=None)
    with pytest.raises(Refused, match=r"no policy file none\.yaml"):
        variants(["none.yaml"], MACHINE, wider=None)


def test_shares_and_half_life_of_the_file_decide(tmp_path: Path) -> None:
    """Who is entitled to more comes first, all else alike."""
    path = tmp_path / "ours.yaml"
    path.write_text("shares: {ann: 1, bob: 50}\npolicy: {weights: {share: 9}}\n")
    rows = [(1, 0, "ann"), (2, 0, "bob"), (3, 1, "ann"), (4, 1, "bob")]
    minute = 60_000
    jobs = [TraceJob(id, at * minute, 4, 9 * minute, 9 * minute, u) for id, at, u in rows]
    starts = {}
    for name in (str(path), "default"):
        (one,) = variants([name], MACHINE, wider=None)
        done = run(one, Trace(jobs, 4), progress=None).done
        starts[name] = sorted((job.start_at, job.id) for job in done)
    assert [id for _, id in starts[str(path)]] == [1, 2, 4, 3]
    assert [id for _, id in starts["default"]] == [1, 2, 3, 4]

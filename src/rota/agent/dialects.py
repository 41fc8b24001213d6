"""Variables that jobs of other systems expect, made where the job runs.

    origin {"system": "slurm", …} + place (nodes, cores, gpus) + task ──▶ SLURM_JOB_ID, …

What is known when a job is handed in stands in its ``env`` already; here is what only its
node knows.  To add a system, add a row to ``SYSTEMS``: place → variables of all tasks, and
task → those of one.
"""

from __future__ import annotations

import os
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from rota.core.foreign import fold_hosts, raw_id

Env = Dict[str, str]


class Place(NamedTuple):
    """Where the tasks of a strip run: [host, cores, gpus] for each node."""

    job: int
    nodes: Sequence[Sequence[Any]]
    origin: Mapping[str, str]
    is_array: bool


class Dialect(NamedTuple):
    """What a system wants told: of the place, and of (place, task, attempt)."""

    fixed: Callable[[Place], Env]
    of_task: Callable[[Place, int, int], Env]


def raw_of(place: Place, task: int) -> int:
    """Return the one number of *task* for systems whose tasks have numbers."""
    last = place.origin.get("array_last", "")
    whole = int(last) if last.isdigit() else None
    return raw_id(place.job, task if place.is_array else None, whole)


def slurm(place: Place) -> Env:
    """Return the variables that are alike for all tasks of a job of Slurm's commands."""
    hosts = [str(node[0]) for node in place.nodes]
    cores = [max(1, len(node[1])) for node in place.nodes]
    gpus = [str(gpu) for gpu in (place.nodes[0][2] if place.nodes else ())]
    each = _number(place.origin.get("cpus_per_task"), 1)
    names = fold_hosts(hosts)
    env = {
        "SLURM_JOB_NODELIST": names,
        "SLURM_NODELIST": names,
        "SLURM_JOB_NUM_NODES": str(len(hosts)),
        "SLURM_NNODES": str(len(hosts)),
        "SLURM_JOB_CPUS_PER_NODE": _counted(cores),
        "SLURM_CPUS_ON_NODE": str(cores[0] if cores else 1),
        "SLURM_TASKS_PER_NODE": _counted(_tasks(place, cores, each)),
        "SLURMD_NODENAME": hosts[0] if hosts else "",
        "SLURM_JOB_UID": str(os.getuid()),
        "SLURM_JOB_GID": str(os.getgid()),
        "HOSTNAME": os.uname().nodename,
    }
    for name in ("PROCID", "LOCALID", "NODEID", "GTIDS", "PRIO_PROCESS"):
        env["SLURM_" + name] = "0"
    if gpus:
        listed = ",".join(gpus)
        env.update(SLURM_JOB_GPUS=listed, SLURM_GPUS_ON_NODE=str(len(gpus)))
        env.update(GPU_DEVICE_ORDINAL=listed, ROCR_VISIBLE_DEVICES=listed)
    return env


def slurm_task(place: Place, task: int, n: int) -> Env:
    """Return the variables of one task."""
    raw = str(raw_of(place, task))
    env = {"SLURM_JOB_ID": raw, "SLURM_JOBID": raw}
    if place.is_array:
        env.update(SLURM_ARRAY_JOB_ID=str(place.job), SLURM_ARRAY_TASK_ID=str(task))
    if n > 1:
        env["SLURM_RESTART_COUNT"] = str(n - 1)
    return env


def gridengine(place: Place) -> Env:
    """Return the variables that are alike for all tasks of a job of Grid Engine's."""
    cores = [max(1, len(node[1])) for node in place.nodes]
    queue = place.origin.get("queue", "default")
    return {
        "JOB_ID": str(place.job),
        "NSLOTS": str(sum(cores) or 1),
        "NHOSTS": str(len(cores)),
        "NQUEUES": "1",
        "QUEUE": queue,
        "ENVIRONMENT": "BATCH",
        "ARC": "lx-amd64",
        "HOSTNAME": os.uname().nodename,
    }


def gridengine_task(place: Place, task: int, n: int) -> Env:
    """Return the variables of one task; "undefined" outside arrays, as it is there."""
    env = {"RESTARTED": "1" if n > 1 else "0"}
    env["SGE_TASK_ID"] = str(task) if place.is_array else "undefined"
    if not place.is_array:
        for name in ("FIRST", "LAST", "STEPSIZE"):
            env["SGE_TASK_" + name] = "undefined"
    return env


def dirac(place: Place) -> Env:
    """Return the variables that are alike for all tasks of a job of DIRAC's."""
    cores = sum(max(1, len(node[1])) for node in place.nodes) or 1
    return {"JOBID": str(place.job), "DIRAC_JOB_PROCESSORS": str(cores)}


def spread(place: Place) -> Env:
    """Return nothing: to whom a rank belongs and which it is, ``spread_rank`` says."""
    return {}


def spread_rank(place: Place, task: int, n: int) -> Env:
    """Return the variables of a rank that ``rota spread`` started, as its origin has them.

    They come after what an attempt gets by itself: it has its job's number, not its own.
    """
    return {name: text for name, text in place.origin.items() if name != "system"}


def no_more(place: Place, task: int, n: int) -> Env:
    """Return nothing: a system without tasks has said all before."""
    return {}


SYSTEMS: Dict[str, Dialect] = {
    "slurm": Dialect(slurm, slurm_task),
    "gridengine": Dialect(gridengine, gridengine_task),
    "dirac": Dialect(dirac, no_more),
    "spread": Dialect(spread, spread_rank),
}


def dialect_of(origin: Mapping[str, str]) -> Optional[Dialect]:
    """Return the dialect of the system that *origin* names; None: no more is wanted."""
    return SYSTEMS.get(origin.get("system", ""))


def _number(text: Optional[str], default: int) -> int:
    return max(1, int(text)) if text and text.isdigit() else default


def _tasks(place: Place, cores: List[int], each: int) -> List[int]:
    """Return how many tasks, in Slurm's sense, each node has."""
    total = _number(place.origin.get("ntasks"), 0)
    if not total:
        return [1] * len(cores)
    if len(cores) == 1:
        return [total]
    return [max(1, count // each) for count in cores]


def _counted(numbers: Sequence[int]) -> str:
    """Return [2, 2, 2, 1] as Slurm writes it: "2(x3),1"."""
    runs: List[Tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][0] == number:
            runs[-1] = (number, runs[-1][1] + 1)
        else:
            runs.append((number, 1))
    return ",".join(str(n) if times == 1 else f"{n}(x{times})" for n, times in runs)

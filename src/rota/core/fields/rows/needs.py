"""Job keys that say what each task needs."""

from __future__ import annotations

from typing import Tuple

from rota.core.fields import forms
from rota.core.fields.field import Field
from rota.core.fields.kinds import Duration, Size, Whole

ROWS: Tuple[Field, ...] = (
    Field(
        "cores", "needs", forms.CORES,
        "CPU cores of each task.",
        "request.cores", "1", 4, "--cores",
        akin=("cpus", "ncpus", "ntasks", "procs", "slots", "cpus_per_task"),
    ),
    Field(
        "memory", "needs", Size(),
        "Memory of each task. It is reserved, and more is not given.",
        "request.memory", "none reserved", "10GB", "--memory",
        akin=("mem", "ram", "h_vmem", "mem_per_node"),
    ),
    Field(
        "memory_per_core", "needs", Size(),
        "Memory for each core; instead of memory.",
        "request.memory", "", "2GB", "--memory-per-core",
        akin=("mem_per_cpu", "pmem"),
    ),
    Field(
        "gpus", "needs", Whole(0, 1000),
        "Whole GPUs of each task.",
        "request.gpus", "0", 1, "--gpus",
        akin=("gpu", "ngpus"),
    ),
    Field(
        "resources", "needs", forms.AMOUNTS,
        "Amounts of other things that nodes declare.",
        "request.resources", "", {"scratch_gb": 20}, "--resource",
        akin=("resource", "gres", "tres"),
    ),
    Field(
        "disk", "needs", Size(),
        "Scratch space of each task, in its fresh folder and its TMPDIR. It is reserved on"
        " the node, and a task that takes more is ended.",
        "request.resources", "none reserved", "20GB", "--disk",
        akin=("scratch", "tmp", "tmpdisk", "request_disk"),
    ),
    Field(
        "licences", "needs", forms.TOKENS,
        "Counted licences, taken when it starts and given back when it ends: a number, or"
        " a formula of cores, gpus and n (both together).",
        "request.licences", "", {"abaqus": 12}, "--licence",
        aliases=("licenses",), akin=("tokens", "license"),
    ),
    Field(
        "time", "needs", Duration(none=True),
        "The longest it may run; it is stopped when it has.",
        "request.time_ms", "none", "2h", "--time",
        akin=("walltime", "time_limit", "timeout", "runtime", "limit", "h_rt", "cputime"),
    ),
    Field(
        "expected_time", "needs", Duration(),
        "How long each task will probably run. It only orders: shorter ones start sooner,"
        " until jobs of yours like it have ended; then what those took counts.",
        "expected_ms", "half of time", "20m", "--expected-time",
        akin=("estimated_time", "time_min", "runtime_estimate"),
    ),
)  # fmt: skip

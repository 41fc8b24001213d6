"""What is compared in one run: policies on machines, each with its figures.

    --policy default  --compare easy  --with-nodes +2
        default          default, +2 nodes
        easy             easy, +2 nodes

A policy is a name, or a file: the operator's own ``config.yaml``, of which a replay takes
the policy, shares, half-life, and limits on the jobs and cores of users.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rota.core.errors import Complaint, Malformed, Refused, did_you_mean
from rota.formats.settings import read_settings
from rota.sched.policy import Policy, parse_policy
from rota.sched.rules import Rules, rules_of
from rota.sim.machine import Machine
from rota.sim.queue import SimJob
from rota.sim.replay import replay
from rota.sim.report import measure, starts_sha256
from rota.sim.workload import Trace

SHORT: Mapping[str, str] = {
    "easy": "fcfs:easy",
    "fifo": "fcfs",
    "conservative": "fcfs:cons",
}
"""What people call some policies."""

UNUSED = ("queues", "licences", "windows")
"""What a trace says nothing about."""


class Variant(NamedTuple):
    """One policy on one machine."""

    name: str
    rules: Rules
    machine: Machine
    unused: tuple[str, ...] = ()


class Run(NamedTuple):
    """A variant, replayed: its schedule and its figures."""

    variant: Variant
    done: list[SimJob]
    figures: dict[str, Any]


def variants(
    policies: Sequence[str], machine: Machine, *, wider: str | None
) -> list[Variant]:
    """Return all *policies* on *machine*, and again on a *wider* one.

    Raises:
        Malformed, Refused: a policy that is none, a file that is wrong or not there.
    """
    made = []
    for text in policies:
        name, rules, unused = _rules(text)
        made.append(Variant(name, rules, machine, unused))
        if wider:
            more = f"{name}, {wider if wider.startswith('+') else '+' + wider} nodes"
            made.append(Variant(more, rules, machine.wider(wider), unused))
    return made


def run(variant: Variant, trace: Trace, *, progress: Callable[[int], None] | None) -> Run:
    """Replay *trace* as *variant* has it."""
    rules, cores = variant.rules, variant.machine.cores
    done = replay(
        trace.jobs, procs=cores, policy=rules.policy, rules=rules, progress=progress
    )
    figures = {
        "procs": cores,
        "policy": variant.name,
        "dropped": dict(trace.dropped),
        **measure(done, cores),
        "starts_sha256": starts_sha256(done),
    }
    return Run(variant, done, figures)


def _rules(text: str) -> tuple[str, Rules, tuple[str, ...]]:
    """Return the name of a policy, the rules it stands for, and what of them is unused."""
    path = Path(text)
    if path.suffix not in (".yaml", ".yml", ".json") and not path.is_file():
        return text, Rules(policy=_policy(text)), ()
    try:
        said = read_settings(path.read_text("utf-8"), where=path.name)
    except UnicodeDecodeError as error:
        raise Malformed(f"{path}: {error}") from None
    except FileNotFoundError:
        raise Refused(f"there is no policy file {path}") from None
    rules = rules_of(said.values, source=str(path), sources=said.sources)
    return path.stem, rules, tuple(key for key in UNUSED if key in said.values)


def _policy(text: str) -> Policy:
    try:
        return parse_policy(SHORT.get(text, text))
    except Malformed:
        near = None if ":" in text else did_you_mean(text, [*SHORT, "default"])
        if near is None:
            raise
        told = Complaint("policy", f"there is no policy {text!r}", f"did you mean {near}?")
        raise Malformed(complaints=[told]) from None

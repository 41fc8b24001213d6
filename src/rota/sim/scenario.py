"""Scenario files: a small cluster, some jobs, and what a right schedule must show.

    policy: {order: fcfs, backfill: easy}            order: fcfs | priority | fairshare
    cluster: {nodes: [{names: "n[1-4]", cores: 4}]}  licences, users, half_life_s
    windows: [{name: m1, kind: maintenance, start: 100, end: 200, nodes: all}]
    events:  [{t: 50, kind: down, node: n1}]         down | up | drain | resume
    jobs:    [{id: A, t: 0, user: u, cores: 2, run: 10, limit: 20}]
    expect:  [{start: A, at: 0}]                     see ``expect``

Times in the file are seconds; here they are milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from rota.core.errors import Complaint, Malformed, did_you_mean
from rota.core.resources import Mode, Node, Request
from rota.sched.backfill import Backfill
from rota.sched.fairshare import HALF_LIFE_MS
from rota.sched.orders import ORDERS
from rota.sched.policy import Policy, Weights
from rota.sched.problem import QueueRule, Window

GB = 1 << 30
MEMORY_ANY = 1 << 50
"""What a node has that does not say: enough for everybody."""

_KEYS = {
    "": {
        "format", "name", "why", "policy", "cluster", "windows", "events", "jobs", "expect",
    },
    "policy": {"order", "backfill", "preemption", "victim_order"},
    "cluster": {"nodes", "licences", "users", "half_life_s"},
    "jobs": {
        "id", "t", "user", "cores", "nodes", "cores_per_node", "exclusive", "run", "limit",
        "mem_gb_per_core", "licences", "priority", "array", "gang", "after", "preemptible",
        "reservation",
    },
    "windows": {"name", "kind", "start", "end", "nodes", "known_from"},
    "events": {"t", "kind", "node"},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ScenarioJob:
    """A job of a scenario; *number* is its place in the file."""

    number: int
    id: str
    since: int
    user: str
    request: Request
    run_ms: int
    priority: int = 0
    tasks: int | None = None
    gang: str | None = None
    after: tuple[str, ...] = ()
    preemptible: bool = False

    def task_id(self, index: int) -> str:
        """Return the id of task *index* as schedules name it: A.0, or just A."""
        return self.id if self.tasks is None else f"{self.id}.{index}"


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to a node: kind is down, up, drain or resume."""

    at: int
    kind: str
    node: str


@dataclass(frozen=True, slots=True)
class Known:
    """A window, and since when the scheduler knows of it."""

    window: Window
    since: int


@dataclass(frozen=True, slots=True)
class Scenario:
    """See the head of the file."""

    name: str
    policy: Policy
    rule: QueueRule
    nodes: tuple[Node, ...]
    licences: Mapping[str, int]
    shares: Mapping[str, float]
    usage: Mapping[str, float]
    half_life_ms: int
    windows: tuple[Known, ...]
    changes: tuple[Change, ...]
    jobs: tuple[ScenarioJob, ...]
    expect: tuple[Mapping[str, Any], ...] = field(default=())


def read_scenario(path: Path) -> Scenario:
    """Return the scenario in file *path*.

    Raises:
        Malformed: it is no YAML, or a key is unknown, missing or of the wrong sort.
    """
    try:
        plain = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Malformed(f"{path}: {error}") from error
    if not isinstance(plain, dict):
        raise Malformed(f"{path}: a scenario is a mapping with cluster, jobs and expect")
    try:
        if complaints := list(_strange_keys(plain)):
            raise Malformed(complaints=complaints)
        return _scenario(plain)
    except KeyError as error:
        raise Malformed(f"{path}: key {error.args[0]} is missing") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise Malformed(f"{path}: {error}") from error


def expand(pattern: str) -> list[str]:
    """Return the names that *pattern* stands for: n[1-4] is n1, n2, n3, n4."""
    found = re.fullmatch(r"(.*)\[(\d+)-(\d+)\](.*)", pattern)
    if not found:
        return [pattern]
    numbers = range(int(found[2]), int(found[3]) + 1)
    return [f"{found[1]}{number}{found[4]}" for number in numbers]


def _strange_keys(plain: Mapping[str, Any]) -> Iterator[Complaint]:
    yield from _unknown("", plain)
    for section in ("policy", "cluster"):
        yield from _unknown(section, plain.get(section) or {})
    for section in ("jobs", "windows", "events"):
        for row in plain.get(section) or ():
            yield from _unknown(section, row)


def _unknown(section: str, row: Mapping[str, Any]) -> Iterator[Complaint]:
    for key in row:
        if key not in _KEYS[section]:
            near = did_you_mean(str(key), sorted(_KEYS[section]))
            remedy = f"did you mean {near}?" if near else ""
            yield Complaint(str(key), f"unknown key in {section or 'a scenario'}", remedy)


def _scenario(plain: Mapping[str, Any]) -> Scenario:
    cluster = plain["cluster"]
    users = cluster.get("users") or {}
    nodes = tuple(_nodes(cluster["nodes"]))
    names = {node.name for node in nodes}
    policy, rule = _policy(plain.get("policy") or {})
    half_life = cluster.get("half_life_s")
    return Scenario(
        name=plain["name"],
        policy=policy,
        rule=rule,
        nodes=nodes,
        licences=cluster.get("licences") or {},
        shares={name: (row or {}).get("shares", 1) for name, row in users.items()},
        usage={name: (row or {}).get("usage", 0) * 1000 for name, row in users.items()},
        half_life_ms=half_life * 1000 if half_life else HALF_LIFE_MS,
        windows=tuple(_window(row) for row in plain.get("windows") or ()),
        changes=tuple(_change(row, names) for row in plain.get("events") or ()),
        jobs=tuple(_job(number, row) for number, row in enumerate(plain["jobs"])),
        expect=tuple(plain.get("expect") or ()),
    )


def _policy(row: Mapping[str, Any]) -> tuple[Policy, QueueRule]:
    order = row.get("order", "fcfs")
    backfill = Backfill(_BACKFILLS.get(row.get("backfill", "easy"), ""))
    victims = _VICTIMS.get(str(row.get("victim_order", "youngest")))
    if victims is None:
        known = ", ".join(sorted(_VICTIMS))
        raise ValueError(f"victim_order {row['victim_order']!r} is none of {known}")
    policy = Policy(order, ORDERS["fcfs"], backfill=backfill, victims=victims)
    if order == "fairshare":
        weights = Weights(typical=0, mean=0, cores=0, share=1)
        policy = replace(policy, order=None, weights=weights)
    elif order == "priority":
        policy = replace(policy, by_priority=True)
    elif order not in ORDERS:
        raise ValueError(f"order {order!r} is none of fcfs, priority, fairshare")
    else:
        policy = replace(policy, order=ORDERS[order])
    return policy, QueueRule(preempts=row.get("preemption", "off") not in ("off", False))


# ``none`` in a scenario: whoever does not fit blocks all behind it.
_BACKFILLS = {"none": "strict", "easy": "easy", "conservative": "conservative"}
_VICTIMS = {
    "youngest": "youngest", "youngest_first": "youngest", "last_started": "youngest",
    "oldest": "oldest", "oldest_first": "oldest", "first_started": "oldest",
    "lowest": "lowest", "lowest_priority": "lowest", "lowest_priority_first": "lowest",
    "priority": "lowest",
}  # fmt: skip


def _nodes(rows: list[Mapping[str, Any]]) -> Iterator[Node]:
    for row in rows:
        memory = int(row["mem_gb"] * GB) if "mem_gb" in row else MEMORY_ANY
        for name in expand(row["names"]):
            yield Node(name, tuple(range(row["cores"])), memory)


def _window(row: Mapping[str, Any]) -> Known:
    nodes = row["nodes"]
    names = None if nodes == "all" else frozenset(n for p in nodes for n in expand(p))
    window = Window(row["name"], _ms(row["start"]), _ms(row["end"]), names, row["kind"])
    return Known(window, _ms(row.get("known_from", 0)))


def _change(row: Mapping[str, Any], names: set[str]) -> Change:
    if row["node"] not in names:
        raise ValueError(f"there is no node {row['node']}")
    if row["kind"] not in ("down", "up", "drain", "resume"):
        raise ValueError(f"event {row['kind']!r} is none of down, up, drain, resume")
    return Change(_ms(row["t"]), row["kind"], row["node"])


def _job(number: int, row: Mapping[str, Any]) -> ScenarioJob:
    return ScenarioJob(
        number=number,
        id=str(row["id"]),
        since=_ms(row["t"]),
        user=str(row["user"]),
        request=_request(row),
        run_ms=_ms(row["run"]),
        priority=row.get("priority", 0),
        tasks=row.get("array"),
        gang=row.get("gang"),
        after=tuple(str(name) for name in row.get("after") or ()),
        preemptible=bool(row.get("preemptible")),
    )


def _request(row: Mapping[str, Any]) -> Request:
    each = int(row.get("mem_gb_per_core", 0) * GB)
    common = Request(
        time_ms=_ms(row["limit"]),
        licences=tuple(sorted((row.get("licences") or {}).items())),
        reservation=row.get("reservation"),
        exclusive=bool(row.get("exclusive")),
    )
    if "nodes" in row:
        n, share = row["nodes"], row["cores_per_node"]
        memory = each * share * n
        return replace(common, mode=Mode.BY_NODE, n=n, cores_per_node=share, memory=memory)
    cores = row["cores"]
    return replace(common, mode=Mode.BY_CORE, cores=cores, memory=each * cores)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)

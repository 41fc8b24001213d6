"""What an operator says about a cluster: Rules, and what they make of a request.

    config.yaml ──formats.settings──→ values ──rules_of──→ Rules ──→ the mind, the rounds

Rules are a value: the same ones in the live server, in a virtual world, and in a test.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rota.core.account import EVERYBODY, ROLES, Quota, Role
from rota.core.errors import Complaint, Malformed, did_you_mean
from rota.core.login import Provider, provider_of
from rota.core.notify import Notices, notices_of
from rota.core.pool import Pool, pool_of
from rota.core.resources import Request
from rota.core.units import show_duration, show_size
from rota.sched.backfill import Backfill
from rota.sched.caps import limit_of
from rota.sched.fairshare import HALF_LIFE_MS
from rota.sched.licences import Metering
from rota.sched.limits import MINUTE_MS as MINUTE_MS
from rota.sched.limits import Limit, width
from rota.sched.policy import DEFAULT, Policy, parse_policy, spelled
from rota.sched.problem import QueueRule, Window
from rota.sched.reservations import KIND, misused
from rota.sched.shares import Tree
from rota.sched.yields import Yields

USUAL = "default"
"""The queue of jobs that name none; it is always there."""


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue, as its operator wants it.

    Shapes:
        rule:        what rounds do its own way
        defaults:    {key of a job file: value} for jobs that do not say them
        users:       who may submit to it; (): everybody
        yields:      how what runs in it makes room for queues that preempt; None: never
        time_ms, cores, memory, gpus: the most that one task may ask for; None: no limit
    """

    rule: QueueRule = field(default_factory=QueueRule)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    users: tuple[str, ...] = ()
    yields: Yields | None = None
    time_ms: int | None = None
    cores: int | None = None
    memory: int | None = None
    gpus: int | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """All that is in force.

    Shapes:
        queues:   {name: Queue}; none said: every name will do
        licences: {name: how many there are}
        metering: {name of a licence: how it is measured} of those that others use, too
        shares:   as ``shares.Tree`` takes them
        pools:    {name: Pool} that the file declares
        notices:  how people are told of their jobs
        roles:    {name, or EVERYBODY else: what they may do}
        hides_jobs: jobs of others are not listed;  shows_output: theirs is everybody's
        quotas:   {name, or EVERYBODY else: what they may take of the server}
        provider: who says who logs in to the page; None: tokens alone do
        source:   the file they are from, "" when nobody said anything
    """

    policy: Policy = DEFAULT
    queues: Mapping[str, Queue] = field(default_factory=dict)
    limits: tuple[Limit, ...] = ()
    licences: Mapping[str, int] = field(default_factory=dict)
    metering: Mapping[str, Metering] = field(default_factory=dict)
    windows: tuple[Window, ...] = ()
    shares: Mapping[str, Any] = field(default_factory=dict)
    half_life_ms: int = HALF_LIFE_MS
    pools: Mapping[str, Pool] = field(default_factory=dict)
    notices: Notices = field(default_factory=Notices)
    roles: Mapping[str, Role] = field(default_factory=dict)
    hides_jobs: bool = False
    shows_output: bool = False
    quotas: Mapping[str, Quota] = field(default_factory=dict)
    provider: Provider | None = None
    source: str = ""
    tree: Tree = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tree", Tree(self.shares))

    @property
    def queue_names(self) -> list[str]:
        """The queues that a job may name, or none when every name will do."""
        return sorted({USUAL, *self.queues}) if self.queues else []

    def defaults_of(self, queue: str) -> Mapping[str, Any]:
        """Return the keys that jobs of *queue* get when they do not say them."""
        found = self.queues.get(queue)
        return found.defaults if found else {}

    def role_of(self, name: str) -> Role:
        """Return what *name* may do here."""
        return self.roles.get(name, self.roles.get(EVERYBODY, Role.USER))

    def quota_of(self, name: str) -> Quota:
        """Return what *name* may take of the server."""
        return self.quotas.get(name) or self.quotas.get(EVERYBODY) or Quota()

    def next_edge(self, at: int) -> int | None:
        """Return when the next window begins or ends after *at*; None: there is none."""
        edges = (edge for w in self.windows for edge in (w.start, w.end) if edge > at)
        return min(edges, default=None)

    def bounds_starts(self, user: str) -> bool:
        """Whether *user* may start only so many in a time."""
        return any(limit.starts and limit.binds("user", user) for limit in self.limits)


def rules_of(
    values: Mapping[str, Any], *, source: str = "", sources: Mapping[str, str] = {}
) -> Rules:
    """Return the rules that *values*, as ``formats.settings`` reads them, stand for.

    Args:
        source:  the file they are from;  sources: {key: where in it}, for complaints

    Raises:
        Malformed: the policy is none there is.
    """
    return Rules(
        policy=_policy(values.get("policy", DEFAULT.name), sources.get("policy", "")),
        queues={name: _queue(said) for name, said in values.get("queues", {}).items()},
        limits=(
            *(_limit(said) for said in values.get("limits", ())),
            *_own_limits(values.get("licences", {})),
        ),
        licences={name: _count(said) for name, said in values.get("licences", {}).items()},
        metering={
            name: _metering(name, said)
            for name, said in values.get("licences", {}).items()
            if isinstance(said, dict)
        },
        windows=tuple(
            window_of(said, kind=kind)
            for key, kind in (("windows", "maintenance"), ("reservations", KIND))
            for said in values.get(key, ())
        ),
        shares=values.get("shares", {}),
        half_life_ms=values.get("half_life", HALF_LIFE_MS),
        pools={n: pool_of(n, said) for n, said in values.get("pools", {}).items()},
        notices=notices_of(values.get("notify", {})),
        roles={name: ROLES[word] for name, word in values.get("roles", {}).items()},
        hides_jobs=values.get("visible", {}).get("jobs") == "own",
        shows_output=values.get("visible", {}).get("output") == "all",
        quotas=_quotas(values.get("quotas", {})),
        provider=provider_of(values.get("oidc")),
        source=source,
    )


def against(
    rules: Rules, request: Request, *, queue: str, user: str, account: str = "", at: int = 0
) -> Iterator[Complaint]:
    """Yield what *rules* have at *at* against a task of *user* that asks for *request*."""
    yield from misused(rules.windows, request, user=user, account=account, at=at)
    members = rules.tree.members(account)
    if members and user not in members:
        remedy = f"its members are {', '.join(members[:20])}"
        yield Complaint("account", f"{user} may not charge {account}", remedy)
    names = rules.queue_names
    if names and queue not in names:
        near = did_you_mean(queue, names)
        hint = f"did you mean {near}? " if near else ""
        remedy = f"{hint}queues are {', '.join(names)}"
        yield Complaint("queue", f"there is no queue {queue}", remedy)
    found = rules.queues.get(queue)
    if found is not None:
        yield from _against_queue(found, request, queue=queue, user=user)


def _against_queue(
    found: Queue, request: Request, *, queue: str, user: str
) -> Iterator[Complaint]:
    if found.users and user not in found.users:
        remedy = f"it is for {', '.join(found.users)}"
        yield Complaint("queue", f"{user} may not use the queue {queue}", remedy)
    if found.time_ms is not None and not request.time_ms:
        most = show_duration(found.time_ms)
        problem = f"the queue {queue} lets nothing run without a limit"
        yield Complaint("time", problem, f"ask for at most {most}: --time {most}")
    asked: Sequence[tuple[str, int, int | None, Any]] = (
        ("time", request.time_ms or 0, found.time_ms, show_duration),
        ("cores", width(request), found.cores, str),
        ("memory", request.memory, found.memory, show_size),
        ("gpus", request.gpus, found.gpus, str),
    )
    for key, wanted, most_of, show in asked:
        if most_of is not None and wanted > most_of:
            problem = f"{show(wanted)} is more than the queue {queue} allows"
            remedy = f"ask for at most {show(most_of)}, or take another queue"
            yield Complaint(key, problem, remedy)


def _policy(said: str | Mapping[str, Any], where: str) -> Policy:
    try:
        return parse_policy(said) if isinstance(said, str) else spelled(said)
    except Malformed as error:
        found = [complaint._replace(where=where) for complaint in error.complaints]
        raise Malformed(complaints=found) from None


def _queue(said: Mapping[str, Any]) -> Queue:
    most = said.get("limits", {})
    backfill = said.get("backfill")
    rule = QueueRule(
        Backfill(backfill) if backfill else None,
        # People say more for sooner; a score is smaller for sooner.
        weight=-float(said.get("weight", 0.0)),
        preempts=_preempts(said.get("preempts", False)),
    )
    return Queue(
        rule,
        defaults=said.get("defaults", {}),
        users=tuple(said.get("users", ())),
        yields=_yields(said["preempt"]) if "preempt" in said else None,
        time_ms=most.get("time_max"),
        cores=most.get("cores_max"),
        memory=most.get("memory_max"),
        gpus=most.get("gpus_max"),
    )


def _preempts(said: Any) -> bool | frozenset[str]:
    return said if isinstance(said, bool) else frozenset(said)


def _yields(said: Mapping[str, Any]) -> Yields:
    return Yields(
        said.get("mode", "requeue"),
        min_run_ms=said.get("min_run", 0),
        grace_ms=said.get("grace"),
        max_per_job=said.get("max_per_job"),
        max_share=said.get("max_share"),
        per_hour=said.get("per_hour"),
    )


def _limit(said: Mapping[str, Any]) -> Limit:
    kind = next(kind for kind in ("user", "account", "queue") if kind in said)
    return limit_of(kind, said[kind], said)


def _quotas(said: Mapping[str, Mapping[str, Any]]) -> dict[str, Quota]:
    """Of a name holds what it says, and below it what everybody's row does."""
    below = said.get(EVERYBODY, {})
    return {name: Quota(**{**below, **row}) for name, row in said.items()}


def _count(said: int | Mapping[str, Any]) -> int:
    return said if isinstance(said, int) else int(said["count"])


def _own_limits(licences: Mapping[str, int | Mapping[str, Any]]) -> Iterator[Limit]:
    """``per_user`` of a licence is a limit of each user."""
    for name, said in licences.items():
        if not isinstance(said, int) and "per_user" in said:
            yield Limit("user", "*", licences=((name, said["per_user"]),))


def _metering(name: str, said: Mapping[str, Any]) -> Metering:
    usual, denied = Metering(), said.get("denied", {})
    return Metering(
        probe=next(iter(said.get("probe", {}).items()), None),
        feature=said.get("feature", name),
        gives=said.get("gives", usual.gives),
        every_ms=said.get("every", usual.every_ms),
        timeout_ms=said.get("timeout", usual.timeout_ms),
        settle_ms=said.get("settle", usual.settle_ms),
        when_unknown=said.get("when_unknown", usual.when_unknown),
        max_age_ms=said.get("max_age", usual.max_age_ms),
        exit_codes=tuple(denied.get("exit_codes", ())),
        pattern=denied.get("pattern", ""),
    )


def window_of(said: Mapping[str, Any], *, kind: str) -> Window:
    """Return the window of *kind* that *said*, as a file says it, stands for."""
    nodes = said.get("nodes")
    return Window(
        said.get("name", "maintenance"),
        said["start"],
        said["end"],
        None if nodes is None else frozenset(nodes),
        kind,
        users=tuple(said.get("users", ())),
        accounts=tuple(said.get("accounts", ())),
        count=said.get("count"),
        cores=said.get("cores"),
        labels=tuple(said.get("labels", ())),
    )


def show_rules(rules: Rules) -> dict[str, Any]:
    """Return *rules* as the API shows them: milliseconds, bytes, names."""
    return {
        "policy": rules.policy.name,
        "queues": {name: show_queue(queue) for name, queue in rules.queues.items()},
        "limits": [show_limit(limit) for limit in rules.limits],
        "licences": dict(rules.licences),
        "windows": [
            {
                "name": window.name,
                "start": window.start,
                "end": window.end,
                "nodes": None if window.nodes is None else sorted(window.nodes),
                "kind": window.kind,
                "users": list(window.users),
                "accounts": list(window.accounts),
                "count": window.count,
                "cores": window.cores,
                "labels": list(window.labels),
            }
            for window in rules.windows
        ],
        "shares": dict(rules.shares),
        "half_life_s": rules.half_life_ms / 1000.0,
        "roles": {name: role.word for name, role in rules.roles.items()},
        "visible": {
            "jobs": "own" if rules.hides_jobs else "all",
            "output": "all" if rules.shows_output else "own",
        },
        "source": rules.source or None,
    }


def show_queue(queue: Queue) -> dict[str, Any]:
    """Return *queue* as the API shows it; what it leaves alone is left out."""
    rule = queue.rule
    shown: dict[str, Any] = {
        "backfill": str(rule.backfill) if rule.backfill else None,
        "weight": -rule.weight or None,
        "preempts": _shown_preempts(rule.preempts),
        "preempt": show_yields(queue.yields) if queue.yields else None,
        "users": list(queue.users) or None,
        "defaults": dict(queue.defaults) or None,
        "time_max_s": None if queue.time_ms is None else queue.time_ms / 1000.0,
        "cores_max": queue.cores,
        "memory_max": queue.memory,
        "gpus_max": queue.gpus,
    }
    return {name: value for name, value in shown.items() if value is not None}


def _shown_preempts(preempts: bool | frozenset[str]) -> Any:
    return sorted(preempts) if isinstance(preempts, frozenset) else preempts or None


def show_yields(yields: Yields) -> dict[str, Any]:
    """Return how a queue makes room as the API shows it; what it leaves is left out."""
    shown: dict[str, Any] = {
        "mode": yields.mode,
        "min_run_s": yields.min_run_ms / 1000.0 or None,
        "grace_s": None if yields.grace_ms is None else yields.grace_ms / 1000.0,
        "max_per_job": yields.max_per_job,
        "max_share": yields.max_share,
        "per_hour": yields.per_hour,
    }
    return {name: value for name, value in shown.items() if value is not None}


def show_limit(limit: Limit) -> dict[str, Any]:
    """Return *limit* as the API shows it; what it leaves alone is left out."""
    block_ms = limit.block_time_ms
    shown: dict[str, Any] = {
        limit.kind: limit.name,
        "jobs": limit.jobs,
        "cores": limit.cores,
        "memory": limit.memory,
        "gpus": limit.gpus,
        "licences": dict(limit.licences) or None,
        "starts_per_minute": limit.starts[0] if limit.starts else None,
        "queued": limit.queued,
        "blocks": limit.blocks,
        "block_time_s": None if block_ms is None else block_ms / 1000.0,
        "set_by": limit.set_by if limit.live else None,
        "but_not": sorted(limit.but_not) or None,
    }
    return {name: value for name, value in shown.items() if value is not None}

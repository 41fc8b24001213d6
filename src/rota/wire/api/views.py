"""What is answered: views, each with its schema; frozen from release 1."""

from __future__ import annotations

from typing import Any

from rota.wire.api.chain import ChainView
from rota.wire.api.words import Bytes, Instant, Seconds, View

JOB_SCHEMA = "rota.job/1"
JOBS_SCHEMA = "rota.jobs/1"
TASKS_SCHEMA = "rota.tasks/1"
HISTORY_SCHEMA = "rota.history/1"
SERIES_SCHEMA = "rota.series/1"
NODES_SCHEMA = "rota.nodes/1"
QUEUES_SCHEMA = "rota.queues/1"
LICENCES_SCHEMA = "rota.licences/1"
CONFIG_SCHEMA = "rota.config/1"
STAT_SCHEMA = "rota.stat/1"


class ReasonView(View, kw_only=True, omit_defaults=True):
    """Why: a code for programs, a sentence for people."""

    code: str
    text: str
    evidence: dict[str, Any] | None = None


class GrantView(View, kw_only=True):
    """What an attempt holds of one node."""

    host: str
    cores: list[int]
    gpus: list[int]


class AttemptView(View, kw_only=True):
    """One try at a task."""

    n: int
    node: str
    started_at: Instant | None
    ended_at: Instant | None
    exit_code: int | None
    signal: int | None
    reason: ReasonView | None
    placed_at: Instant | None = None
    usage: dict[str, Any] = {}
    task: int | None = None


class ProgressView(View, kw_only=True):
    """How far it is; for an array: how many of its tasks have ended."""

    done: float
    total: float | None
    percent: float | None
    eta_s: Seconds | None
    text: str


class ArrayView(View, kw_only=True):
    """The many of an array job; ``waiting``: indexes that were never placed."""

    indexes: str
    limit: int | None
    tasks: int
    counts: dict[str, int]
    waiting: str = ""


class RequestView(View, kw_only=True):
    """What one task needs."""

    cores: int
    memory: Bytes
    gpus: int
    resources: dict[str, int]
    licences: dict[str, int]
    time: Seconds | None
    mode: str
    n: int
    threads: int
    host: str | None
    group: list[str]
    not_group: list[str]
    require: list[str]
    min_cores: int
    min_memory: Bytes
    exclusive: bool
    pool: str | None


class JobView(View, kw_only=True):
    """A job, or one task of an array: the same shape, with ``task`` given."""

    schema: str = JOB_SCHEMA
    id: int
    task: int | None
    name: str
    user: str
    account: str
    queue: str
    state: str
    phase: str | None
    reason: ReasonView | None
    priority: int
    request: RequestView
    nodes: list[GrantView]
    attempt: int
    attempts: list[AttemptView]
    exit_code: int | None
    signal: int | None
    submitted_at: Instant
    started_at: Instant | None
    ended_at: Instant | None
    progress: ProgressView | None
    usage: dict[str, Any]
    array: ArrayView | None
    tags: list[str]
    flags: list[str]
    key: str | None
    after: list[str]
    info: str
    restartable: bool
    begin_at: Instant | None
    spec: dict[str, Any] | None = None
    deadline_at: Instant | None = None
    every: str | None = None
    next_at: Instant | None = None
    chain: ChainView | None = None


class JobsPage(View, kw_only=True):
    """Jobs, newest first; ``seq`` is where an event stream goes on without a gap."""

    schema: str = JOBS_SCHEMA
    jobs: list[JobView]
    next: str | None
    seq: int


class TasksPage(View, kw_only=True):
    """Tasks of an array, in order."""

    schema: str = TASKS_SCHEMA
    tasks: list[JobView]
    next: str | None


class HistoryLine(View, kw_only=True):
    """One thing that happened."""

    seq: int
    at: Instant
    job: int
    task: int | None
    attempt: int | None
    move: str
    before: str | None
    after: str
    reason: ReasonView | None
    source: str


class HistoryPage(View, kw_only=True):
    """What happened, oldest first."""

    schema: str = HISTORY_SCHEMA
    history: list[HistoryLine]
    next: str | None


class SampleView(View, kw_only=True):
    """What an attempt used, measured at one instant."""

    at: Instant
    cpu_s: Seconds
    rss: Bytes
    read_bytes: Bytes
    written_bytes: Bytes
    procs: int


class SeriesView(View, kw_only=True):
    """What an attempt used over time."""

    schema: str = SERIES_SCHEMA
    id: int
    task: int
    attempt: int
    samples: list[SampleView]


class SubmittedJob(View, kw_only=True):
    """A job that was taken in; ``existing``: its key had named it before."""

    id: int
    tasks: int
    name: str
    existing: bool


class Submitted(View, kw_only=True):
    """All jobs of a submission, in order."""

    jobs: list[SubmittedJob]


class AskedJob(View, kw_only=True):
    """What a verb did to one target."""

    id: int
    task: int | None
    result: str
    tasks: int | None = None


class Asked(View, kw_only=True):
    """What a verb did, target by target."""

    jobs: list[AskedJob]


class RunningOn(View, kw_only=True):
    """An attempt on a node."""

    id: int
    task: int | None
    attempt: int
    name: str
    user: str
    state: str
    cores: list[int]


class NodePilot(View, kw_only=True):
    """The allocation that a node is part of; ``id``: what the pool's system calls it."""

    pool: str
    kind: str
    n: int
    id: str | None


class NodeView(View, kw_only=True):
    """A machine: what it has, what is used; ``serves``: the only user, null: not one."""

    name: str
    state: str
    cores: int
    cores_used: int
    memory: Bytes
    memory_used: Bytes
    gpus: int
    gpus_used: int
    resources: dict[str, int]
    resources_used: dict[str, int]
    labels: list[str]
    serves: str | None
    reason: ReasonView | None
    running: list[RunningOn]
    seen_at: Instant | None
    load: float | None
    memory_free: Bytes | None
    disk_free: Bytes | None
    facts: dict[str, Any]
    pilot: NodePilot | None = None


class NodesPage(View, kw_only=True):
    """All nodes, by name."""

    schema: str = NODES_SCHEMA
    nodes: list[NodeView]


class NodesAsked(View, kw_only=True):
    """The nodes that a verb was applied to."""

    nodes: list[str]


class QueueView(View, kw_only=True):
    """A queue, what its operator says, and its live tasks by state."""

    name: str
    counts: dict[str, int]
    rules: dict[str, Any]
    limits: list[dict[str, Any]]


class QueuesPage(View, kw_only=True):
    """All queues."""

    schema: str = QUEUES_SCHEMA
    queues: list[QueueView]


class LicenceView(View, kw_only=True):
    """A licence: how many there are, are held, are free, and who holds how many.

    foreign: how many others had out when it was last measured, at *measured_at*
    note:    what else is to be said: a silent or lying probe, a denied checkout
    """

    name: str
    count: int
    held: int
    free: int
    users: dict[str, int]
    foreign: int = 0
    measured_at: str | None = None
    note: str = ""


class LicencesPage(View, kw_only=True):
    """All licences that are declared or held."""

    schema: str = LICENCES_SCHEMA
    licences: list[LicenceView]


class ConfigView(View, kw_only=True):
    """What is in force; *source* is the file it was read from, *file* where one may be."""

    schema: str = CONFIG_SCHEMA
    file: str
    source: str | None
    policy: str
    queues: dict[str, dict[str, Any]]
    limits: list[dict[str, Any]]
    licences: dict[str, int]
    windows: list[dict[str, Any]]
    shares: dict[str, Any]
    half_life_s: float
    roles: dict[str, str]
    visible: dict[str, str]


class UserStat(View, kw_only=True):
    """What one user has in the system now."""

    name: str
    counts: dict[str, int]
    cores_used: int


class ChannelStat(View, kw_only=True):
    """How it goes with one way of telling people: "mail", or a channel of config.yaml.

    ``error``: what was in the way of the last try, "" when it works.
    """

    name: str
    waiting: int
    sent: int
    failed: int
    error: str
    tried_at: Instant | None
    next_at: Instant | None


class StatView(View, kw_only=True):
    """Totals: how much there is, how much is used, by whom."""

    schema: str = STAT_SCHEMA
    at: Instant
    counts: dict[str, int]
    cores: int
    cores_used: int
    memory: Bytes
    memory_used: Bytes
    gpus: int
    gpus_used: int
    nodes: dict[str, int]
    users: list[UserStat]
    channels: list[ChannelStat]


class ErrorView(View, kw_only=True):
    """A refusal: a sentence, and every field that is wrong with its remedy."""

    kind: str
    error: str
    complaints: list[dict[str, str]]

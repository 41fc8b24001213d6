"""What a user submits, as values: JobSpec, its array, its dependencies, and names.

    12     a job       12[7]     task 7 of array job 12      12[7]#2     its second attempt

A ``JobSpec`` is what was asked for, complete and checked (``formats`` makes it from text);
what became of it lives in ``engine`` while it lives and in the store for ever.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from rota.core.indexes import IndexSet
from rota.core.remedy import Remedy
from rota.core.resources import Request

GRACE_MS_DEFAULT = 10_000
TROUBLE_MAX = 10
"""After so many infrastructure failures a task is held, with the reason ``trouble``."""

POISON_NODES = 3
"""A task that ran on so many nodes when they were lost is held, as ``poison``."""

REQUEUES_MAX = 20
"""So often a task may ask to be run elsewhere or later; then that counts as a failure."""


class TaskRef(NamedTuple):
    """A task: its job and its index; a job without an array is its task 0."""

    job: int
    task: int


class AttemptRef(NamedTuple):
    """One try at a task; ``n`` counts from 1 and only grows.  Travels as [job, task, n]."""

    job: int
    task: int
    n: int


_NOTHING: Mapping[str, Any] = {}


def _nothing() -> Mapping[str, Any]:
    """Return what all jobs share that say nothing here; it is to be read only."""
    return _NOTHING


@dataclass(frozen=True, slots=True)
class After:
    """One dependency: this job waits until *job* ended (or began) as *kind* says.

    kind: ok (ended well), notok (ended otherwise), any (ended), start (began).
    elementwise: task i waits for task i of *job* only; both arrays have equal indexes.
    task: all of this job waits for this one task of *job*, an array.
    """

    kind: str
    job: int
    elementwise: bool = False
    task: int | None = None

    @property
    def by_task(self) -> bool:
        """Whether it is not all of *job* that is waited for."""
        return self.elementwise or self.task is not None

    def __str__(self) -> str:
        which = "" if self.task is None else f"[{self.task}]"
        return f"{self.kind}:{self.job}{'[*]' if self.elementwise else which}"


@dataclass(frozen=True, slots=True)
class Array:
    """The many of an array job.

    Shapes:
        indexes: which task numbers there are
        limit:   how many may be placed or running at a time; None: no limit
        values:  {name: (text for the first index, for the second, …)}, all as long as
                 *indexes*; the names are placeholders in the command and ROTA_VAR_<name>
    """

    indexes: IndexSet
    limit: int | None = None
    values: Mapping[str, tuple[str, ...]] = field(default_factory=_nothing)


class Checkpoint(NamedTuple):
    """How a job is told to save its work: a signal, and so long for it, milliseconds."""

    signal: str = "USR1"
    wait_ms: int = 60_000


@dataclass(frozen=True, slots=True)
class JobSpec:
    """All that a job says; exactly one of ``argv``, ``command``, ``script`` is given.

    Shapes:
        argv:      words, no shell;  command: shell text;  script: a whole file,
                   called with the words ``args``
        cwd:       an absolute path, or None for a fresh folder of the attempt's own
        formulas:  {licence: formula} of those not asked for by a number, for an edit
        env:       what the job gets besides ROTA_*; HOME, USER, PATH are added if absent
        output, error: patterns of paths, {job} {task} {attempt} {name}; None: our place
        output_mode: "new" (a name that is taken gets a number), "append", "truncate"
        terminal:  "24x80": it runs on a terminal of so many rows and columns
        container: the image it runs in, by a program that gets *container_args*, too
        origin:    {what: text} of the system whose front door it came through; "system"
                   names it, and the job sees that system's variables, too
        inputs, outputs, expect: rules of ``core.globs``; outputs None: what is new, if
                   there is a tree
        freeze:    the folder that was copied;  tree: the digest of what was stored
        begin_at:  milliseconds since the epoch
        deadline_at: likewise; what can not be over by then, by its limit, does not start
        every:     "6h", or a cron line with its zone: a template, from which a job is made
                   each time; overlap: "skip" or "queue", while the one before lives
        expected_ms: how long it will probably run, its owner says; it only ever orders
        on_impossible: "hold" or "fail", when what it comes after can never be so
        success_codes: exit codes that count as done
        grace_ms:  between TERM and KILL
        checkpoint: how it saves its work before it makes room; None: it can not
        warn_ms:   so long before the time limit ``warn_signal`` is sent; None: never
        retries:   how often a failed task is tried again, by cause; "any" is the rest
        remedies:  what changes when it is, by cause
        monitor:   globs of files below its folder that may be followed while it runs
        fail_if, pass_if: expressions of which one makes it fail, or one must be found
        stall_ms:  without other progress;  output_max: bytes of each output; None: no limit
        requeue_codes: exit codes that mean "run me elsewhere or later": no failure
        share:     who else sees output, files and environment, by name; "*": everybody
        notify:    {address or channel: when it is told, "start,end,fail,digest"}
        retry_delay_ms: before the first retry; doubles each time, at most 64-fold
    """

    argv: tuple[str, ...] | None = None
    command: str | None = None
    script: str | None = None
    args: tuple[str, ...] = ()
    name: str = ""
    cwd: str | None = None
    env: Mapping[str, str] = field(default_factory=_nothing)
    formulas: Mapping[str, str] = field(default_factory=_nothing)
    setup: str | None = None
    shell: str = "/bin/sh"
    stdin: str | None = None
    terminal: str | None = None
    container: str | None = None
    container_args: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] | None = None
    expect: tuple[str, ...] = ()
    freeze: str | None = None
    tree: str | None = None
    output: str | None = None
    error: str | None = None
    output_mode: str = "new"
    request: Request = field(default_factory=Request)
    queue: str = "default"
    account: str = ""
    priority: int = 0
    begin_at: int | None = None
    deadline_at: int | None = None
    every: str | None = None
    overlap: str = "skip"
    expected_ms: int | None = None
    after: tuple[After, ...] = ()
    array: Array | None = None
    on_impossible: str = "hold"
    max_fails: int | None = None
    retries: Mapping[str, int] = field(default_factory=_nothing)
    remedies: Mapping[str, Remedy] = field(default_factory=_nothing)
    requeue_codes: tuple[int, ...] = ()
    monitor: tuple[str, ...] = ()
    fail_if: tuple[str, ...] = ()
    pass_if: tuple[str, ...] = ()
    stall_ms: int | None = None
    output_max: int | None = None
    retry_delay_ms: int = 0
    restartable: bool = True
    success_codes: tuple[int, ...] = (0,)
    grace_ms: int = GRACE_MS_DEFAULT
    warn_signal: str = "TERM"
    warn_ms: int | None = None
    checkpoint: Checkpoint | None = None
    progress: str | None = None
    held: bool = False
    tags: tuple[str, ...] = ()
    share: tuple[str, ...] = ()
    info: str = ""
    notify: Mapping[str, str] = field(default_factory=_nothing)
    key: str | None = None
    origin: Mapping[str, str] = field(default_factory=_nothing)

    @property
    def latest_at(self) -> int | None:
        """When it must have begun to be over by its deadline; None: no deadline."""
        if self.deadline_at is None:
            return None
        return self.deadline_at - (self.request.time_ms or 0)


_TASK = re.compile(r"(\d{1,18})(?:\[(\d{1,10})\])?")


def task_name(job: int, task: int | None) -> str:
    """Return "12", or "12[7]" for a task of an array."""
    return str(job) if task is None else f"{job}[{task}]"


def parse_task(text: str) -> tuple[int, int | None]:
    """Return (job, task or None) that *text*, such as "12" or "12[7]", names.

    Raises:
        ValueError: it names neither.
    """
    found = _TASK.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is not a job such as 12 or a task such as 12[7]")
    return int(found[1]), int(found[2]) if found[2] else None


def show_name(spec: JobSpec) -> str:
    """Return the job's name: the one given, else the first word of what it runs."""
    if spec.name:
        return spec.name
    if spec.argv:
        return spec.argv[0].rsplit("/", 1)[-1]
    if spec.command:
        words = spec.command.split()
        return words[0].rsplit("/", 1)[-1] if words else "command"
    return "script"


def facts_of(spec: JobSpec, index: int, position: int) -> dict[str, Any]:
    """Return the named values of task *index*, the *position*-th of its array."""
    values = spec.array.values if spec.array else {}
    return {name: row[position] for name, row in values.items()}

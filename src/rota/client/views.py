"""What the server answers, with names: Job, Task, Node, and pages of them.

A view is the JSON object as it came (``raw``) with properties for what programs ask
most; ``view["request"]`` reaches the rest.  The keys are those of the frozen schema
``rota.job/1``: times are ISO-8601 texts in UTC, sizes bytes, durations seconds.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

FINAL = frozenset({"done", "failed", "cancelled"})
TIME_LIMIT, NOT_EXECUTABLE, NOT_FOUND, OURS = 124, 126, 127, 125
_BY_REASON = {
    "time_limit": TIME_LIMIT,
    "not_found": NOT_FOUND,
    "not_executable": NOT_EXECUTABLE,
    "oom": 137,
    "lost": OURS,
    "lease": OURS,
}


class View:
    """A JSON object of the API."""

    __slots__ = ("raw",)

    def __init__(self, raw: dict[str, Any]) -> None:
        self.raw = raw

    def __getitem__(self, key: str) -> Any:
        return self.raw[key]

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.raw == self.raw

    __hash__ = None  # type: ignore[assignment]  # a view holds what can change

    def get(self, key: str, default: Any = None) -> Any:
        """Return what stands under *key*, or *default*."""
        return self.raw.get(key, default)


class Job(View):
    """A job, or one task of an array: its ``task`` is the index then."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<Job {self.label} {self.state}>"

    @property
    def id(self) -> int:
        """The job's number."""
        return int(self.raw["id"])

    @property
    def task(self) -> int | None:
        """The index within the array; None for a whole job."""
        task = self.raw.get("task")
        return None if task is None else int(task)

    @property
    def label(self) -> str:
        """How people name it: "12", or "12[7]"."""
        return str(self.id) if self.task is None else f"{self.id}[{self.task}]"

    @property
    def name(self) -> str:
        """Its name, which may be empty."""
        return str(self.raw.get("name") or "")

    @property
    def state(self) -> str:
        """One of held, queued, placed, running, suspended, done, failed, cancelled."""
        return str(self.raw["state"])

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen to it by itself."""
        return self.state in FINAL

    @property
    def is_ok(self) -> bool:
        """Whether it ended well."""
        return self.state == "done"

    @property
    def reason(self) -> str:
        """Why it waits, or how it ended, as a sentence; "" when there is nothing to say."""
        return str((self.raw.get("reason") or {}).get("text", ""))

    @property
    def counts(self) -> dict[str, int]:
        """How many of its tasks are in which state."""
        array = self.raw.get("array")
        return dict(array["counts"]) if array else {self.state: 1}

    @property
    def tasks(self) -> int:
        """How many tasks it has."""
        array = self.raw.get("array")
        return int(array["tasks"]) if array else 1

    @property
    def exit_code(self) -> int:
        """What a command that waited for it exits with; see ``exit_code_of``."""
        return exit_code_of(self.raw)


class Submitted(View):
    """A job that was just taken."""

    __slots__ = ()

    @property
    def id(self) -> int:
        """The job's number."""
        return int(self.raw["id"])

    @property
    def tasks(self) -> int:
        """How many tasks it has."""
        return int(self.raw.get("tasks", 1))

    @property
    def existing(self) -> bool:
        """Whether an earlier submit with the same key had already made it."""
        return bool(self.raw.get("existing"))


class Node(View):
    """A machine that runs jobs, with what of it is in use."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.raw["name"])

    @property
    def state(self) -> str:
        """One of up, drained, unreachable, unhealthy."""
        return str(self.raw["state"])


class Page:
    """Some of the jobs asked for.

    Shapes:
        next: where the next page begins, None when this is the last
        seq:  the last history line that the page knows of: where to start listening
    """

    __slots__ = ("jobs", "next", "raw", "seq")

    def __init__(self, raw: dict[str, Any]) -> None:
        self.raw = raw
        self.jobs: Sequence[Job] = [
            Job(row) for row in raw.get("jobs", raw.get("tasks", ()))
        ]
        self.next: str | None = raw.get("next")
        self.seq: int | None = raw.get("seq")

    def __iter__(self) -> Iterator[Job]:
        return iter(self.jobs)

    def __len__(self) -> int:
        return len(self.jobs)


def exit_code_of(view: dict[str, Any]) -> int:
    """Return the exit code that stands for the end of a job or task.

    0 ended well · its own code · 128 + signal · 124 time limit · 126 not executable ·
    127 not found · 125 lost by us.  An array that failed gives 1: its tasks know better.
    """
    state, code = view["state"], view.get("exit_code")
    if state == "done":
        return 0
    reason = (view.get("reason") or {}).get("code")
    if reason in _BY_REASON:
        return _BY_REASON[reason]
    if view.get("signal"):
        return 128 + int(view["signal"])
    if state == "cancelled":
        return 143
    return int(code) if code else 1

"""A licence checkout that was denied is no failure of the job: it waits, and tries again.

exit code, or a pattern
in the output: ``denied`` ──→ licence_denied ──→ queued, after 1, 2, 4 … 64 minutes
                                 │                    held after DENIED_MAX in a row
                                 ╰──→ nothing of that licence is given for a while
"""

from __future__ import annotations

from rota.core.reasons import Reason, reason
from rota.engine.events import Finished
from rota.engine.live import Task
from rota.engine.meter import SHORT_MS, run_short
from rota.engine.state import Memory

DENIED = "licence_denied"
DENIED_MAX = 10
"""After so many a task is held: somebody should look at the licences."""

BACKOFF_MAX = 64


def denied(memory: Memory, task: Task, report: Finished, *, at: int) -> Reason | None:
    """Return the reason if *report* tells of a denied checkout; the licence is short."""
    names, how = _who_denied(memory, task, report)
    if not names:
        return None
    run_short(memory, names, at=at)
    return reason(
        DENIED, what=" and ".join(names), how=how, code=report.exit_code, most=DENIED_MAX,
        count=task.failures.get(DENIED, 0) + 1,
    )  # fmt: skip


def _who_denied(memory: Memory, task: Task, report: Finished) -> tuple[list[str], str]:
    """Return the licences that were denied, and what says so."""
    rules = memory.rules.metering
    asked = [name for name, _ in task.job.spec.request.licences if name in rules]
    pattern = report.reason.evidence.get("denied")
    if pattern and report.reason.code in ("exit_code", "signal", "pattern"):
        names = [name for name in asked if rules[name].pattern == pattern]
        return names, f"its output has {pattern!r}"
    if report.signal is not None or report.reason.code != "exit_code":
        return [], ""
    names = [name for name in asked if report.exit_code in rules[name].exit_codes]
    return names, f"exit code {report.exit_code}"


def pause_ms(task: Task) -> int:
    """Return how long *task* waits after its latest denied checkout."""
    return int(SHORT_MS * min(BACKOFF_MAX, 1 << (task.failures[DENIED] - 1)))


def is_held(task: Task, why: Reason) -> bool:
    """Whether *task*, denied again as *why* says, has tried often enough."""
    return why.code == DENIED and task.failures.get(DENIED, 0) >= DENIED_MAX

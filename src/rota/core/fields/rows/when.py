"""Job keys that say when it may start."""

from __future__ import annotations

from typing import Tuple

from rota.core.fields import forms
from rota.core.fields.field import Field
from rota.core.fields.kinds import Choice, Flag

ROWS: Tuple[Field, ...] = (
    Field(
        "priority", "when", forms.PRIORITY,
        "Larger is sooner: −1000 to 999, or low (−500), med (0), high (500); or block:"
        " the next free machine, before everybody, as far as the limit blocks allows.",
        "priority", "0", "high", "--priority",
        akin=("prio", "nice", "urgency"),
    ),
    Field(
        "begin", "when", forms.BEGIN,
        "Not before this time. A time without a zone is the submitting machine's.",
        "begin_at", "at once", "2026-05-01T18:00+02:00", "--begin",
        akin=("start", "start_at", "not_before", "begin_at"),
    ),
    Field(
        "deadline", "when", forms.BEGIN,
        "Over by then: what could not be, by its time limit (or has not begun by then, if"
        " it has none), does not start any more: it is held, or fails, as on_impossible"
        " says. What runs past it runs on, with the flag late.",
        "deadline_at", "none", "2026-05-02T08:00+02:00", "--deadline",
        akin=("due", "finish_by"),
    ),
    Field(
        "every", "when", forms.EVERY,
        "A template: a job like it is made each time, first at once (6h), or when the cron"
        " line says, by the clock of its zone (0 3 * * * Europe/Berlin).",
        "every", "once", "0 3 * * * Europe/Berlin", "--every",
        akin=("cron", "schedule", "repeat", "scrontab"),
    ),
    Field(
        "overlap", "when", Choice("skip", "queue"),
        "With every: what if the job made before is not over: this time is left out, or"
        " the new one waits for it.",
        "overlap", "skip", "queue", "--overlap",
        akin=("concurrency", "concurrency_policy"),
    ),
    Field(
        "after", "when", forms.AFTER,
        "Waits for other jobs: ok:12 (ended well), notok:12 (ended otherwise), any:12"
        " (ended), start:12 (began). A number alone means ok. ok:12[7]: task 7 of"
        " job 12. ok:12[*]: task i of this"
        " array waits for task i of that one. Jobs of one file are named by their names.",
        "after", "", ["ok:12", "any:13"], "--after",
        akin=("dependency", "depend", "depends", "depends_on", "hold_jid", "needs"),
    ),
    Field(
        "on_impossible", "when", Choice("hold", "fail"),
        "What becomes of it when a job it waits for did not end as asked: it is held, for"
        " you to decide, or it fails, too.",
        "on_impossible", "hold", "fail", "--on-impossible",
        akin=("on_dependency_failure", "kill_on_invalid_dep"),
    ),
    Field(
        "held", "when", Flag(),
        "Whether it waits for `rota release`.",
        "held", "false", True, "--held",
        aliases=("hold",),
    ),
)  # fmt: skip

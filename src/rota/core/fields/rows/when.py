"""Job keys that say when it may start."""

from __future__ import annotations

from typing import Tuple

from rota.core.fields import forms
from rota.core.fields.field import Field
from rota.core.fields.kinds import Choice, Flag

ROWS: Tuple[Field, ...] = (
    Field(
        "priority", "when", forms.PRIORITY,
        "Larger is sooner: −1000 to 1000, or low (−500), med (0), high (500).",
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
        "after", "when", forms.AFTER,
        "Waits for other jobs: ok:12 (ended well), notok:12 (ended otherwise), any:12"
        " (ended), start:12 (began). A number alone means ok. ok:12[*]: task i of this"
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

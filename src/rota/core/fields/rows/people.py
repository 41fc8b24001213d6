"""Job keys that say whose it is and what people see of it."""

from __future__ import annotations

from typing import Tuple

from rota.core.fields import forms
from rota.core.fields.field import Field
from rota.core.fields.kinds import Text

ROWS: Tuple[Field, ...] = (
    Field(
        "account", "people", forms.WORD,
        "Whom its usage is charged to.",
        "account", "the user", "project7", "--account",
        akin=("project", "charge"),
    ),
    Field(
        "tags", "people", forms.WORDS,
        "Words to find it by.",
        "tags", "", ["paper", "fig3"], "--tag",
        aliases=("tag",),
    ),
    Field(
        "info", "people", Text(longest=10_000),
        "A note for people; nothing reads it.",
        "info", "", "third try, finer grid", "--info",
        akin=("comment", "note", "description"),
    ),
    Field(
        "notify", "people", forms.NOTIFY,
        "Who is told: addresses of mail, or channels of the server's config.yaml; at its"
        " end, or say start, end, fail or digest (how far an array is) of each.",
        "notify", "nobody", {"ann@example.org": ["end"], "lab": "fail"}, "--notify",
        akin=("mail_user", "mail", "email", "mail_type"),
    ),
    Field(
        "share", "people", forms.PEOPLE,
        "Who else may see its output, its files and its environment: names of users, or"
        ' "*": everybody here.',
        "share", "nobody", ["bob", "cyd"], "--share",
        akin=("visible_to", "readers", "permissions"),
    ),
    Field(
        "key", "people", forms.LINE,
        "A second submit with the same key finds the first job instead of making another.",
        "key", "", "nightly-2026-05-01", "--key",
        akin=("idempotency_key", "unique"),
    ),
    Field(
        "origin", "people", forms.ORIGIN,
        "Of the system whose commands or file it came by: its name as system, and what"
        " that calls things. A job of slurm sees SLURM_*, one of gridengine SGE_*.",
        "origin", "", {"system": "slurm", "ntasks": "4"},
    ),
    Field(
        "progress", "people", Text(longest=1000, never=Text.LINE, shape="a pattern"),
        "A regular expression that finds progress in its output: one group is a"
        " percentage, two are done and total; or the status file of an Abaqus job, with"
        " the total time of its analysis if you know it: *.sta 2.5.",
        "progress", "i / n and NN%", r"step (\d+) of (\d+)", "--progress",
    ),
)  # fmt: skip

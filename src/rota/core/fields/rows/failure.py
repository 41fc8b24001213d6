"""Job keys that say what happens when it fails."""

from __future__ import annotations

from typing import Tuple

from rota.core.fields import forms
from rota.core.fields.field import Field
from rota.core.fields.kinds import Duration, Flag, Size

ROWS: Tuple[Field, ...] = (
    Field(
        "retries", "failure", forms.RETRIES,
        "How often a failed task is tried again: a number, or one for each cause, with"
        " any for the rest. Instead of its number a cause may have a remedy: times, memory"
        " and time (factors), cap and time_cap, elsewhere, delay.",
        "retries", "0",
        {"oom": {"times": 2, "memory": "x2", "cap": "64GB"}, "any": 1}, "--retries",
        akin=("retry", "max_retries", "attempts", "tries"),
    ),
    Field(
        "requeue_codes", "failure", forms.CODES,
        "The exit codes that mean: run me again, elsewhere or later. They cost no retry,"
        " up to 20 times.",
        "requeue_codes", "none", [99], "--requeue-codes",
        akin=("requeue_code", "rerun_codes", "requeue_exit_codes"),
    ),
    Field(
        "retry_delay", "failure", Duration(zero=True),
        "The wait before the first retry; it doubles each time, up to 64-fold.",
        "retry_delay_ms", "0s", "30s", "--retry-delay",
        akin=("backoff", "delay"),
    ),
    Field(
        "restartable", "failure", Flag(),
        "Whether it may run again by itself when its node was lost while it ran.",
        "restartable", "true", False, "--restartable",
        akin=("requeue", "rerunnable", "restart"),
    ),
    Field(
        "success_codes", "failure", forms.CODES,
        "The exit codes that count as done.",
        "success_codes", "0", [0, 3], "--success-codes",
        akin=("ok_codes", "exit_codes", "success"),
    ),
    Field(
        "fail_if", "failure", forms.PATTERNS,
        "Regular expressions: it has failed if one of them is found in what it wrote,"
        " whatever its exit code.",
        "fail_if", "none", ["ERROR", "has diverged"], "--fail-if",
        akin=("fail_pattern", "error_pattern"),
    ),
    Field(
        "pass_if", "failure", forms.PATTERNS,
        "Regular expressions: it is done only if one of them is found in what it wrote,"
        " and its exit code is a good one.",
        "pass_if", "none", ["COMPLETED SUCCESSFULLY"], "--pass-if",
        akin=("success_pattern", "pass_pattern"),
    ),
    Field(
        "stall", "failure", Duration(none=True),
        "It is stopped when it has told no other progress for so long; see progress.",
        "stall_ms", "none", "30m", "--stall",
        akin=("stall_limit", "idle_limit", "heartbeat"),
    ),
    Field(
        "output_limit", "failure", Size(),
        "The most that each of its outputs may take on disk: head and tail are kept, what"
        " is left out is marked. At least 64KiB.",
        "output_max", "none", "100MB", "--output-limit",
        akin=("max_output", "log_limit", "output_max"),
    ),
    Field(
        "grace", "failure", Duration(zero=True),
        "The time between TERM and KILL when it is stopped.",
        "grace_ms", "10s", "1m", "--grace",
        akin=("kill_delay", "grace_period"),
    ),
    Field(
        "warn", "failure", Duration(none=True),
        "So long before its time limit it is sent warn_signal.",
        "warn_ms", "none", "5m", "--warn",
        akin=("warning",),
    ),
    Field(
        "warn_signal", "failure", forms.SIGNAL,
        "The signal that warns it of its time limit.",
        "warn_signal", "TERM", "USR1", "--warn-signal",
        akin=("signal",),
    ),
    Field(
        "checkpoint", "failure", forms.CHECKPOINT,
        "It can save its work: sent signal (USR1) it does so and ends within wait (1m)."
        " A queue that makes room by checkpoint asks for it, and runs it again later.",
        "checkpoint", "it cannot", {"signal": "USR2", "wait": "5m"}, "--checkpoint",
        akin=("checkpoint_signal", "ckpt"),
    ),
)  # fmt: skip

"""How an attempt ended, from the evidence: who stopped it, the kernel, or it itself.

    ordered to stop (killed, time_limit, lease, oom by the watchdog, shutdown)  → that
    the kernel killed in its cgroup for want of memory                          → oom
    a signal                                                                    → signal
    exit code 0, but its output has what fail_if names, or not what pass_if wants → pattern
    exit code 0                                                                 → ok
    another code, and the disk it writes to is full                             → disk
    another code                                                                → exit_code

137 alone never means out of memory: it is what any KILL looks like (G20).
"""

from __future__ import annotations

import os
import signal
from typing import Any, Mapping, Optional

from rota.agent.book import Attempt
from rota.agent.matches import against, denial
from rota.agent.watchdog import out_of_memory
from rota.core.reasons import Reason, reason

FULL_BYTES = 64 << 10
"""A file system with less than this to give is full."""

SAID_BYTES, SAID_MAX = 4 << 10, 300
"""So much of the end is looked at for the last line, and so much of that is told."""

_OWN_FAULT = frozenset(
    (
        "exit_code", "signal", "oom", "time_limit", "disk", "pattern", "stalled",
        "output_limit", "disk_limit",
    )
)  # fmt: skip
"""Ends that the job's own last words may explain."""

_OK = reason("ok", code=0)._replace(evidence={}).to_dict()


def take_status(attempt: Attempt, status: int) -> None:
    """Note in *attempt* what ``wait`` said of its first process."""
    if os.WIFSIGNALED(status):
        attempt.signal = os.WTERMSIG(status)
    else:
        attempt.exit_code = os.WEXITSTATUS(status)


def why_ended(attempt: Attempt) -> Mapping[str, Any]:
    """Return why *attempt* ended, as a Reason in JSON."""
    if attempt.killing is not None:
        return attempt.killing
    if attempt.cage is not None and attempt.exit_code != 0:
        kills = attempt.cage.oom_kills()
        if kills:
            limit = attempt.recipe.memory
            used = attempt.cage.peak() or limit
            return out_of_memory(used, limit, f"kernel: {kills} killed").to_dict()
    asked = attempt.recipe.slot.asked_again()
    if asked is not None:
        return _again(attempt, asked)
    if attempt.exit_code == 0:
        recipe = attempt.recipe
        if recipe.fail_if or recipe.pass_if:
            paths = (attempt.out, attempt.err)
            found = against(paths, fail_if=recipe.fail_if, pass_if=recipe.pass_if)
            if found is not None:
                return found.to_dict()
        return _OK
    if attempt.signal is not None:
        return reason("signal", signal=signal_name(attempt.signal)).to_dict()
    full = _full_disk(attempt)
    return (full or reason("exit_code", code=attempt.exit_code)).to_dict()


def _again(attempt: Attempt, asked: str) -> Mapping[str, Any]:
    """Return that *attempt* asks to be run again, elsewhere or later, and its words."""
    shown = "".join(c if c.isprintable() else " " for c in asked).strip()[:SAID_MAX]
    text = "asked by $ROTA_REQUEUE to be run again" + (f": {shown}" if shown else "")
    evidence = {"code": attempt.exit_code, "said": shown}
    return (
        reason("requeue", code=attempt.exit_code)
        ._replace(text=text, evidence=evidence)
        .to_dict()
    )


def with_last_words(why: Mapping[str, Any], attempt: Attempt) -> Mapping[str, Any]:
    """Return *why* with the last line that a failed *attempt* wrote, as ``said``.

    It tells failures apart, also when its node is not there any more to be asked.
    """
    why = _with_denial(why, attempt)
    if why["code"] not in _OWN_FAULT:
        return why
    said = _last_line(attempt.err) or _last_line(attempt.out)
    if not said:
        return why
    return {**why, "evidence": {**why.get("evidence", {}), "said": said}}


def _with_denial(why: Mapping[str, Any], attempt: Attempt) -> Mapping[str, Any]:
    """Return *why* with what a failed *attempt* wrote of a denied licence, as ``denied``.

    Whose licence that is, and what comes of it, is for the server to say.
    """
    patterns = attempt.recipe.denied_if
    if not patterns or why["code"] not in ("exit_code", "signal", "pattern"):
        return why
    found = denial((attempt.out, attempt.err), patterns)
    return {**why, "evidence": {**why.get("evidence", {}), **found}} if found else why


def _last_line(path: str) -> str:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        # It never wrote any, or has removed it.
        return ""
    try:
        size = os.fstat(fd).st_size
        data = os.pread(fd, SAID_BYTES, max(0, size - SAID_BYTES))
    except OSError:
        # A terminal, a fifo: nothing that has an end to be read.
        return ""
    finally:
        os.close(fd)
    for line in reversed(data.decode("utf-8", "replace").splitlines()):
        shown = "".join(c if c.isprintable() else " " for c in line).strip()
        if shown:
            return shown[:SAID_MAX]
    return ""


def signal_name(number: int) -> str:
    """Return "9 (SIGKILL)"."""
    try:
        return f"{number} ({signal.Signals(number).name})"
    except ValueError:
        return str(number)


def _full_disk(attempt: Attempt) -> Optional[Reason]:
    for path in (attempt.out, attempt.err):
        try:
            space = os.statvfs(os.path.dirname(path))
        except OSError:
            continue
        # The reserve that others may not touch is root's to use.
        free = space.f_bfree if os.getuid() == 0 else space.f_bavail
        left = free * space.f_frsize
        if space.f_blocks and left < FULL_BYTES:
            why = reason("disk", what=path)
            code = attempt.exit_code
            return why._replace(evidence={"what": path, "free_bytes": left, "code": code})
    return None

"""Whether what a job wrote says that it failed, or does not say that it succeeded.

    fail_if: ["ERROR", "diverged"]     one of them found      ─▶ failed: pattern
    pass_if: ["COMPLETED"]             none of them found     ─▶ failed: pattern

Both outputs are looked through when a job has ended well, the last MiB of each, line by
line; an expression that takes too long on it is not believed to have been found.
"""

from __future__ import annotations

import os
import re
import signal
from typing import Dict, List, Optional, Sequence

from rota.core.reasons import Reason, reason

TAIL_MAX = 1 << 20
LINE_MAX = 4_000
SECONDS_MAX = 0.5


def against(
    paths: Sequence[str], *, fail_if: Sequence[str], pass_if: Sequence[str]
) -> Optional[Reason]:
    """Return what the outputs at *paths* have against success, or None."""
    lines = [line for path in dict.fromkeys(paths) for line in _lines(path)]
    for pattern in fail_if:
        found = find(pattern, lines)
        if found is not None:
            why = reason("pattern", what=f"its output has {pattern!r}, which fail_if names")
            return why._replace(evidence={"fail_if": pattern, "line": found[:300]})
    if pass_if and not any(find(pattern, lines) is not None for pattern in pass_if):
        named = " or ".join(repr(pattern) for pattern in pass_if)
        why = reason("pattern", what=f"its output has not {named}, which pass_if wants")
        return why._replace(evidence={"pass_if": list(pass_if)})
    return None


def denial(paths: Sequence[str], patterns: Sequence[str]) -> Dict[str, str]:
    """Return which of *patterns* the outputs at *paths* have, and where; {} for none.

    Each tells that a licence server denied a job its licence.
    """
    lines = [line for path in dict.fromkeys(paths) for line in _lines(path)]
    for pattern in patterns:
        found = find(pattern, lines)
        if found is not None:
            return {"denied": pattern, "line": found[:300]}
    return {}


def find(pattern: str, lines: Sequence[str]) -> Optional[str]:
    """Return the last of *lines* that *pattern* matches somewhere, or None."""
    before = signal.signal(signal.SIGALRM, _too_long)
    signal.setitimer(signal.ITIMER_REAL, SECONDS_MAX)
    try:
        search = re.compile(pattern).search
        return next((line for line in reversed(lines) if search(line)), None)
    except (re.error, TimeoutError):
        return None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _lines(path: str) -> List[str]:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        # It never wrote any, or has removed it.
        return []
    try:
        size = os.fstat(fd).st_size
        data = os.pread(fd, TAIL_MAX, max(0, size - TAIL_MAX))
    except OSError:
        # A terminal, a fifo: nothing that has an end to be read.
        return []
    finally:
        os.close(fd)
    return [line[:LINE_MAX] for line in data.decode("utf-8", "replace").splitlines()]


def _too_long(_number: int, _frame: object) -> None:
    raise TimeoutError

"""What an attempt uses now, and what it has used when it is over.

    usage_now(roots)            one look at the whole tree: cpu, memory, io, processes
    final_usage(attempt)        from the kernel's own accounts (wait4), strays included

Memory of several processes is counted once where it is shared: their own pages together,
and the largest of their shared parts.
"""

from __future__ import annotations

import resource
from typing import Any, Dict, Iterable, List, NamedTuple

from rota.agent import procfs
from rota.agent.book import Attempt
from rota.agent.procfs import Facts

SAMPLE_FIRST_MS = 1_000
SAMPLE_MS_MIN = 5_000
SAMPLE_MS_MAX = 30_000


class UsageNow(NamedTuple):
    """One look: milliseconds of cpu so far, bytes now, bytes of storage so far."""

    cpu_ms: int
    rss: int
    read: int
    written: int
    procs: int


def usage_now(roots: Iterable[int]) -> UsageNow:
    """Return what *roots* and all below them use."""
    tree = procfs.tree(roots)
    read = written = 0
    for facts in tree:
        bytes_read, bytes_written = procfs.io_of(facts.pid)
        read += bytes_read
        written += bytes_written
    cpu_ms = sum(facts.cpu_ms for facts in tree)
    return UsageNow(cpu_ms, memory_of(tree), read, written, len(tree))


def memory_of(tree: List[Facts]) -> int:
    """Return the memory of *tree*, bytes, what they share counted once."""
    if len(tree) == 1:
        return tree[0].rss
    own, shared = 0, 0
    for facts in tree:
        part = min(procfs.shared_of(facts.pid), facts.rss)
        own += facts.rss - part
        shared = max(shared, part)
    return own + shared


def exact_memory_of(tree: List[Facts]) -> int:
    """Return the memory of *tree*, bytes, each page divided among who has it.

    Forked workers share pages that they never wrote to; a kill must not rest on counting
    those twice.  Costs milliseconds: asked only when a limit seems to be exceeded.
    """
    total = 0
    for facts in tree:
        part = procfs.proportional_of(facts.pid)
        total += facts.rss if part is None else part
    return total


def next_sample_ms(ran_ms: int) -> int:
    """Return how long after *ran_ms* to look again: 5 s at first, 30 s in the end."""
    return max(SAMPLE_MS_MIN, min(ran_ms // 12, SAMPLE_MS_MAX))


def final_usage(attempt: Attempt) -> Dict[str, Any]:
    """Return what *attempt* has used: seconds, bytes; empty when nothing ever ran."""
    rusage = attempt.rusage
    if rusage is None:
        return {}
    cpu_s = rusage.ru_utime + rusage.ru_stime + attempt.extra_cpu_s
    stood = {"suspended_s": attempt.stood_ms / 1000} if attempt.stood_ms else {}
    return {
        **stood,
        "cpu_s": round(cpu_s, 6),
        "max_rss": _peak(attempt),
        "read_bytes": rusage.ru_inblock * 512,
        "written_bytes": rusage.ru_oublock * 512,
        "wall_s": max(0, attempt.ended_at - attempt.start_boot) / 1000,
    }


def _peak(attempt: Attempt) -> int:
    """Return the most memory *attempt* had, as far as anybody saw it.

    The kernel's own figure begins with the shepherd's memory, which a child shares until
    its exec: what is not above that says nothing, unless nobody has looked in between.
    """
    told: int = attempt.rusage.ru_maxrss * 1024
    ours = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    seen = max(attempt.max_rss, attempt.cage.peak() if attempt.cage is not None else 0)
    return seen if seen and told <= ours else max(told, seen)

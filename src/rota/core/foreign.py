"""How other systems write what we know: lists of nodes, and a number for each task.

    n1 n2 n3 x05   ⇄  n[1-3],x05          Slurm's bracket form
    12[7]          ⇄  1000000120000007    one number, for programs that know no tasks

The agent uses this file too, so it runs on Python 3.9.
"""

from __future__ import annotations

import re
from typing import Iterable, Iterator, List, Optional, Tuple

RAW = 10**15
"""Numbers from here on stand for tasks of arrays; no queue counts its jobs so far."""

_TASKS = 10**7
HOSTS_MAX = 100_000
_END = re.compile(r"(.*?)([0-9]+)$", re.DOTALL)
_PART = re.compile(r"([^\[\],\s]*)(?:\[([0-9,-]*)\]([^\[\],\s]*))?(?:,|$)")
_RANGE = re.compile(r"([0-9]{1,18})(?:-([0-9]{1,18}))?")


def raw_id(job: int, task: Optional[int], last: Optional[int] = None) -> int:
    """Return one number for *task* of *job*; the array's own for its *last*, as Slurm."""
    if task is None or task == last or task >= _TASKS:
        return job
    return RAW + job * _TASKS + task


def from_raw(number: int) -> Tuple[int, Optional[int]]:
    """Return (job, task or None) of which *number* is the one of ``raw_id``."""
    if number < RAW:
        return number, None
    job, task = divmod(number - RAW, _TASKS)
    return job, task


def fold_hosts(names: Iterable[str]) -> str:
    """Return *names* in bracket form: "n[1-3,7],x05"; in order of their first."""
    groups: "dict[Tuple[str, int], List[int]]" = {}
    for name in dict.fromkeys(names):
        found = _END.match(name)
        if found and len(found[2]) <= 18:
            groups.setdefault((found[1], _padding(found[2])), []).append(int(found[2]))
        else:
            groups.setdefault((name, -1), [])
    return ",".join(_folded(stem, width, held) for (stem, width), held in groups.items())


def unfold_hosts(text: str) -> List[str]:
    """Return the names that *text*, such as "n[1-3,7],x05", stands for.

    Raises:
        ValueError: it cannot be read, or names more than ``HOSTS_MAX``.
    """
    names: List[str] = []
    at = 0
    while at < len(text):
        found = _PART.match(text, at)
        if not found or found.end() == at:
            raise ValueError(f"no list of hosts from character {at + 1} on")
        at = found.end()
        stem, inside, tail = found[1], found[2], found[3] or ""
        if inside is None:
            names += [stem] if stem else []
        else:
            names += [f"{stem}{number}{tail}" for number in _numbers(inside)]
        if len(names) > HOSTS_MAX:
            raise ValueError(f"more than {HOSTS_MAX} hosts")
    return names


def _padding(digits: str) -> int:
    return len(digits) if digits[0] == "0" and len(digits) > 1 else 0


def _folded(stem: str, width: int, held: List[int]) -> str:
    if width < 0:
        return stem
    ranges = [
        f"{a:0{width}d}" if a == b else f"{a:0{width}d}-{b:0{width}d}"
        for a, b in _runs(sorted(held))
    ]
    inside = ",".join(ranges)
    return stem + (inside if len(held) == 1 else f"[{inside}]")


def _runs(numbers: List[int]) -> Iterator[Tuple[int, int]]:
    first = last = numbers[0]
    for number in numbers[1:]:
        if number != last + 1:
            yield first, last
            first = number
        last = number
    yield first, last


def _numbers(inside: str) -> Iterator[str]:
    for part in inside.split(","):
        found = _RANGE.fullmatch(part)
        if not found:
            raise ValueError(f"{part!r} is no range of numbers")
        low, high = int(found[1]), int(found[2] or found[1])
        if high - low > HOSTS_MAX:
            raise ValueError(f"more than {HOSTS_MAX} hosts")
        width = len(found[1]) if found[1][0] == "0" else 0
        for number in range(low, high + 1):
            yield f"{number:0{width}d}"

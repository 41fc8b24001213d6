"""What stands behind sbatch's options: times, sizes, dependencies, signals, patterns.

Each function returns our own form, or raises ValueError.
"""

from __future__ import annotations

import re

from rota.core.foreign import from_raw
from rota.formats import mail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS = {
    "after": "start", "afterany": "any", "afterok": "ok", "afternotok": "notok",
    "aftercorr": "ok",
}  # fmt: skip
UNITS = {"": 20, "K": 10, "M": 20, "G": 30, "T": 40}
SIGNALS = {1: "HUP", 2: "INT", 3: "QUIT", 10: "USR1", 12: "USR2", 15: "TERM", 18: "CONT"}
NO_TASK = "4294967294"
_TIME = re.compile(
    r"(?:(?P<d>\d{1,9})-(?P<dh>\d{1,9})(?::(?P<dm>\d{1,9})(?::(?P<ds>\d{1,9}))?)?"
    r"|(?P<a>\d{1,9})(?::(?P<b>\d{1,9})(?::(?P<c>\d{1,9}))?)?)"
)
_SIZE = re.compile(r"(\d{1,15})([KMGT]?)B?", re.IGNORECASE)
_JOB = re.compile(r"(\d{1,18})(?:_(\d{1,9}|\*|\[\*\]))?(?:\+\d+)?")
_SIGNAL = re.compile(r"(?:([RB]+):)?(?:SIG)?([A-Z0-9]+)(?:@(\d{1,6}))?", re.IGNORECASE)
_HOLE = re.compile(r"%(\d{0,2})([A-Za-z%])")


def seconds(text: str) -> int | None:
    """Return the time that *text*, "5", "0:300", "1-2:3" …, means; None: without end."""
    if text.upper() in ("UNLIMITED", "INFINITE", "0"):
        return None
    found = _TIME.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text!r} is no time such as 30, 1:30:00 or 2-12")
    part = {name: int(held or 0) for name, held in found.groupdict().items()}
    if found["d"] is not None:
        hours = part["d"] * 24 + part["dh"]
        return (hours * 60 + part["dm"]) * 60 + part["ds"] or None
    if found["c"] is not None:
        return (part["a"] * 60 + part["b"]) * 60 + part["c"] or None
    return part["a"] * 60 + part["b"] or None


def size(text: str) -> int:
    """Return the bytes that *text* means: MiB, unless K, M, G or T says otherwise."""
    found = _SIZE.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text!r} is no amount of memory such as 500 or 4G")
    return int(found[1]) << UNITS[found[2].upper()]


def mail_words(text: str) -> tuple[list[str], list[str]]:
    """Return what --mail-type means: ([words of ``notify``], [words of no meaning])."""
    words = [word.strip().upper() for word in text.split(",")]
    return mail.moments(words, mail.SLURM, mail.SLURM_UNTOLD)


def count(text: str) -> int:
    """Return the number ≥ 1 that *text* is."""
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= 1_000_000:
        raise ValueError(f"{text!r} is no number from 1 on")
    return int(text)


def nodes(text: str) -> int:
    """Return how many nodes "4", "2-4" or "2k" ask for at least."""
    low = text.partition("-")[0]
    return count(low[:-1]) * 1024 if low[-1:] in ("k", "K") else count(low)


def dependencies(text: str) -> tuple[list[tuple[int, str]], bool]:
    """Return ([(job, "ok:12"), …], whether ``singleton`` is among them).

    Raises:
        ValueError: it cannot be read, or asks for any of several.
    """
    if "?" in text:
        raise ValueError("any of several dependencies (with ?) cannot be had, all (,) can")
    found: list[tuple[int, str]] = []
    single = False
    kind = ""
    for part in filter(None, text.split(",")):
        word, colon, ids = part.partition(":")
        if word.lower() == "singleton":
            single = True
            continue
        if word.lower() in KINDS and colon:
            kind = word.lower()
        else:
            ids = part
        if not kind:
            raise ValueError(f"{part!r} is no dependency such as afterok:12")
        found += [_dependency(kind, job) for job in ids.split(":")]
    return found, single


def _dependency(kind: str, text: str) -> tuple[int, str]:
    found = _JOB.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is no job id")
    job, task = from_raw(int(found[1]))
    if found[2] and found[2].isdigit():
        task = int(found[2])
    inside = "[*]" if kind == "aftercorr" else "" if task is None else f"[{task}]"
    return job, f"{KINDS[kind]}:{job}{inside}"


def warning(text: str) -> tuple[str, int, bool]:
    """Return (signal, seconds before the end, whether for the batch shell alone)."""
    found = _SIGNAL.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is no signal such as B:USR1@60")
    word = found[2].upper()
    name = SIGNALS.get(int(word), "") if word.isdigit() else word
    if name not in SIGNALS.values() and name not in ("WINCH",):
        raise ValueError(f"{text!r} names no signal that can warn")
    return name, int(found[3] or 60), "B" in (found[1] or "").upper()


def pattern(text: str, *, name: str, user: str, is_array: bool) -> str:
    """Return Slurm's file name pattern *text* as ours: "out-%j" → "out-{raw}".

    ``{raw}`` is the one number that a task has there.
    """
    if "\\" in text:
        return text.replace("\\", "")
    facts: Mapping[str, str] = {
        "A": "job", "j": "raw", "J": "raw", "a": "task" if is_array else NO_TASK,
        "N": "node", "n": "0", "t": "0", "s": "batch", "x": name, "u": user, "%": "%",
    }  # fmt: skip

    def filled(hole: re.Match[str]) -> str:
        width, letter = hole[1], hole[2]
        if letter not in facts:
            return hole[0]
        fact = facts[letter]
        if letter in "AjJNa" and fact != NO_TASK:
            return (
                "{" + fact + (f":{int(width)}" if width and letter in "AjJa" else "") + "}"
            )
        return fact.zfill(int(width or 0)) if fact.isdigit() else fact

    return _HOLE.sub(filled, text)

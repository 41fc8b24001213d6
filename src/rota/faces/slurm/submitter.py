"""Who hands in a job of Slurm's, and what only the server can add to it.

folder, host, user, variables ──▶ Submitter       ids that are gone, --dependency=
of this machine                                    singleton ──▶ what ``after`` has
"""

from __future__ import annotations

import os
import re
import time

from rota.formats.sbatch.meaning import Submitter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from rota.faces.foreign import Site

VALUE_MAX = 131_071
_NOW = re.compile(r"now(?:\+(\d+)([a-z]*))?", re.IGNORECASE)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_FACTORS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_WORDS = {"midnight": 0, "noon": 12, "teatime": 16, "elevenses": 11, "fika": 15}


def submitter(site: Site) -> Submitter:
    """Return what a job may want to know of this machine and its user."""
    return Submitter(
        folder=os.getcwd(), host=os.uname().nodename.partition(".")[0], user=user_name(),
        environ=environment(), widest=lambda: widest(site), moment=begin,
    )  # fmt: skip


def user_name() -> str:
    """Return the name of who runs this."""
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def environment() -> dict[str, str]:
    """Return the variables that can be passed on: text, and not ours."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("ROTA_")
        and name.isprintable()
        and 0 < len(name) <= 1000
        and len(value) <= VALUE_MAX
        and value.isascii() | _is_text(value)
    }


def _is_text(value: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in value)


def widest(site: Site) -> int:
    """Return how many cores the largest node has; 0 when there is none."""
    counts = [node["cores"] for node in site.client.nodes()]
    return max((c if isinstance(c, int) else len(c) for c in counts), default=0)


def completed(site: Site, doc: dict[str, Any]) -> dict[str, Any]:
    """Return *doc* with a whole folder, and only dependencies that there can be."""
    doc["cwd"] = os.path.abspath(os.path.expanduser(doc["cwd"]))
    jobs = {int(text.split(":")[1].partition("[")[0]) for text in doc.get("after", ())}
    if jobs:
        there = {job.id for job in site.client.all_jobs(ids=sorted(jobs))}
        left = [t for t in doc["after"] if int(t.split(":")[1].partition("[")[0]) in there]
        doc["after"] = left
    if doc["origin"].pop("singleton", None):
        name = "".join(f"[{c}]" if c in "*?[" else c for c in doc["name"])
        mine = site.client.all_jobs(live=True, user=[user_name()], name=[name])
        doc["after"] = [*doc.get("after", ()), *(f"any:{job.id}" for job in mine)]
    if not doc.get("after", True):
        del doc["after"]
    return doc


def begin(text: str) -> str:
    """Return when Slurm's *text* means as a time of ours.

    Raises:
        ValueError: it is no time.
    """
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(when(text, now=time.time())))


def when(text: str, *, now: float) -> float:
    """Return the instant that "now+1hour", "16:00", "tomorrow", "2026-11-21T10:00" means.

    Raises:
        ValueError: it is no time.
    """
    word = text.strip().lower()
    found = _NOW.fullmatch(word.replace("-", "+") if word.startswith("now") else word)
    if found:
        unit = (found[2] or "")[:1]
        if unit not in _FACTORS:
            raise ValueError(f"{text!r} is no time such as now+1hour")
        seconds = int(found[1] or 0) * _FACTORS[unit]
        return now - seconds if word.startswith("now-") else now + seconds
    here = time.localtime(now)
    if word in ("today", "tomorrow"):
        return now + (86400 if word == "tomorrow" else 0)
    clock = _CLOCK.fullmatch(word)
    if clock or word in _WORDS:
        hour, minute, second = (
            (int(p or 0) for p in clock.groups()) if clock else (_WORDS[word], 0, 0)
        )
        at = time.mktime((here[0], here[1], here[2], hour, minute, second, 0, 0, -1))
        return at if at >= now else at + 86400
    day = _DAY.fullmatch(text.strip().upper())
    if day:
        year, month, date, hour, minute, second = (int(p or 0) for p in day.groups())
        return time.mktime((year, month, date, hour, minute, second, 0, 0, -1))
    raise ValueError(f"{text!r} is no time such as 16:00, now+1hour or 2026-11-21T10:00")

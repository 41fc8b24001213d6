"""``sacct`` and ``sstat``: what became of jobs, what they used.

rows ──(a line for the job, one for its .batch step)──▶ columns of -o ──▶ table or a|b|c
"""

from __future__ import annotations

import sys
import time

from rota.core.getopt import MAYBE, NONE, VALUE, BadOption, Table, parse
from rota.faces.slurm import show
from rota.faces.slurm.asking import BadId, rows, wanted
from rota.faces.slurm.entry import usage_error
from rota.faces.slurm.fields import DEFAULT, FIELDS, SSTAT, Line, known
from rota.faces.slurm.states import WORDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from rota.faces.foreign import Site
    from rota.faces.slurm.rows import Row

OPTIONS = Table(
    {
        "accounts": ("A", VALUE), "allclusters": ("L", NONE), "allocations": ("X", NONE),
        "allusers": ("a", NONE), "brief": ("b", NONE), "cluster": ("", VALUE),
        "clusters": ("M", VALUE), "completion": ("c", NONE), "delimiter": ("", VALUE),
        "duplicates": ("D", NONE), "endtime": ("E", VALUE), "fields": ("", VALUE),
        "flags": ("F", VALUE), "format": ("o", VALUE), "gid": ("g", VALUE),
        "group": ("", VALUE), "help": ("h", NONE), "helpformat": ("e", NONE),
        "jobs": ("j", VALUE), "json": ("", NONE), "local": ("", NONE), "long": ("l", NONE),
        "name": ("", VALUE), "ncpus": ("I", VALUE), "nnodes": ("i", VALUE),
        "noconvert": ("", NONE), "nodelist": ("N", VALUE), "noheader": ("n", NONE),
        "parsable": ("p", NONE), "parsable2": ("P", NONE), "partition": ("r", VALUE),
        "qos": ("q", VALUE), "reason": ("R", VALUE), "starttime": ("S", VALUE),
        "state": ("s", VALUE), "timelimit-max": ("K", VALUE), "timelimit-min": ("k", VALUE),
        "truncate": ("T", NONE), "uid": ("u", VALUE), "units": ("", VALUE),
        "usage": ("", NONE), "use-local-uid": ("", NONE), "user": ("", VALUE),
        "verbose": ("v", NONE), "version": ("V", NONE), "wckeys": ("W", VALUE),
        "whole-hetjob": ("", MAYBE), "yaml": ("", NONE), "array": ("", NONE),
        "allsteps": ("", NONE), "pidformat": ("", NONE),
    }
)  # fmt: skip
_SSTAT = Table({**OPTIONS.rows, "allsteps": ("a", NONE), "allusers": ("", NONE)})


def run(words: list[str], site: Site) -> int:
    """List what became of jobs."""
    steps_only = site.command == "sstat"
    try:
        given, rest = parse(words, _SSTAT if steps_only else OPTIONS)
    except BadOption as error:
        return usage_error(site, error)
    asked: dict[str, list[str]] = {}
    for name, value in given:
        asked.setdefault(name, []).append(value or "")
    if "help" in asked or "usage" in asked:
        print(f"Usage: {site.command} [options]")
        return 0
    if "helpformat" in asked:
        _list_fields()
        return 0
    try:
        columns = columns_of(asked, steps_only)
        asked.setdefault("jobs", []).extend(rest)
        found = select(site, asked, live_only=steps_only)
    except BadId as error:
        site.error(f"Invalid job id: {error}")
        return 1
    except ValueError as error:
        site.error(str(error))
        return 1
    if "json" in asked:
        import json

        from rota.faces.slurm.documents import job_document

        print(json.dumps({"meta": {}, "errors": [], "jobs": [*map(job_document, found)]}))
        return 0
    lines = list(_lines(found, asked, steps_only))
    _print(lines, columns, asked)
    return 0


def select(
    site: Site, asked: dict[str, list[str]], *, live_only: bool = False
) -> list[Row]:
    """Return the rows that are asked for.

    Raises:
        ValueError: a time or state makes no sense;  BadId: an id is none.
    """
    ids = show.listed(asked.get("jobs", []))
    conditions: dict[str, Any] = {}
    now = time.time()
    start, end = _window(asked, now=now, by_id=bool(ids))
    users = show.listed(asked.get("uid", []) + asked.get("user", []))
    if not ids:
        from rota.faces.slurm.submitter import user_name

        if not users and "allusers" not in asked:
            users = [user_name()]
        ago = max(1, int(now - start) + 1)
        conditions["there_since"] = f"{ago}s"
    if users:
        conditions["user"] = [_named(user) for user in users]
    names = show.listed(asked.get("name", []))
    if names:
        conditions["name"] = [
            "".join(f"[{c}]" if c in "*?[" else c for c in n) for n in names
        ]
    if queues := show.listed(asked.get("partition", [])):
        conditions["queue"] = queues
    conditions["live"] = live_only
    states = _states(asked)
    found = rows(
        site.client, jobs=wanted(ids) if ids else None, ended=not live_only, **conditions
    )
    return [
        row
        for row in found
        if (states is None or row.state in states)
        and (row.submitted or 0) <= end
        and (row.ended is None or row.ended >= start)
    ]


def _window(asked: dict[str, list[str]], *, now: float, by_id: bool) -> tuple[float, float]:
    """Return from when to when jobs are asked for; today, unless they are named."""
    from rota.faces.slurm.submitter import when

    here = time.localtime(now)
    midnight = time.mktime((here[0], here[1], here[2], 0, 0, 0, 0, 0, -1))
    start, end = 0.0 if by_id else midnight, now + 60
    if "starttime" in asked:
        start = _when(asked["starttime"][-1], now=now, by=when)
    if "endtime" in asked:
        end = _when(asked["endtime"][-1], now=now, by=when) + 1
    return start, end


def _when(text: str, *, now: float, by: Any) -> float:
    """Return the instant of -S or -E: a clock time is today's, MMDD is this year's."""
    word = text.strip()
    here = time.localtime(now)
    if len(word) == 4 and word.isdigit():
        word = f"{here[0]}-{word[:2]}-{word[2:]}"
    elif word.count(":") and "-" not in word and word.replace(":", "").isdigit():
        word = time.strftime("%Y-%m-%d", here) + "T" + word.rjust(5, "0")
    return float(by(word, now=now))


def _states(asked: dict[str, list[str]]) -> set[str] | None:
    if "state" not in asked:
        return None
    found = set()
    for word in show.listed(asked["state"]):
        if word.upper() not in WORDS:
            raise ValueError(f"Invalid state: {word}")
        found.add(WORDS[word.upper()])
    return found


def columns_of(asked: dict[str, list[str]], steps_only: bool) -> list[tuple[str, int]]:
    """Return [(field, width; negative: left)] of -o, or the usual ones.

    Raises:
        ValueError: there is no such field.
    """
    usual = SSTAT if steps_only else DEFAULT
    if "brief" in asked:
        usual = "JobID,State,ExitCode"
    texts = asked.get("format", []) + asked.get("fields", [])
    columns = []
    for part in show.listed(texts or [usual]):
        name, percent, width = part.partition("%")
        field = known(name)
        if field is None:
            raise ValueError(f'Invalid field requested: "{name}"')
        digits = width.lstrip("-")
        wide = int(digits) if percent and digits.isdigit() else FIELDS[field][0]
        columns.append((field, -wide if width.startswith("-") else wide))
    return columns


def _lines(
    found: Iterable[Row], asked: dict[str, list[str]], steps_only: bool
) -> Iterator[Line]:
    for row in found:
        is_batch = row.origin.get("system") == "slurm" or not row.origin
        began = row.view.get("started_at") is not None and not row.pending
        if not steps_only:
            yield Line(row)
        if (steps_only or "allocations" not in asked) and began and is_batch:
            yield Line(row, step="batch")


def _print(
    lines: Sequence[Line], columns: Sequence[tuple[str, int]], asked: dict[str, list[str]]
) -> None:
    headings = [field for field, _ in columns]
    out: list[str] = []
    if "parsable" in asked or "parsable2" in asked:
        bar = asked.get("delimiter", ["|"])[-1]
        tail = bar if "parsable" in asked else ""
        if "noheader" not in asked:
            out.append(bar.join(headings) + tail)
        for line in lines:
            cells = [show.cell(line.of(field), None) for field in headings]
            out.append(bar.join(cells) + tail)
    else:
        if "noheader" not in asked:
            out.append(_cells(headings, columns))
            out.append("".join("-" * abs(width) + " " for _, width in columns))
        out += [_cells([line.of(f) for f in headings], columns) for line in lines]
    if out:
        sys.stdout.write("\n".join(out) + "\n")


def _cells(texts: Sequence[str], columns: Sequence[tuple[str, int]]) -> str:
    return "".join(
        show.plus(text, abs(width), left=width < 0 or field == "JobID") + " "
        for text, (field, width) in zip(texts, columns, strict=True)
    )


def _list_fields() -> None:
    names = sorted(FIELDS, key=str.lower)
    for start in range(0, len(names), 4):
        print(" ".join(name.ljust(19) for name in names[start : start + 4]))


def _named(user: str) -> str:
    from rota.faces.slurm.squeue import _name_of

    return _name_of(user)

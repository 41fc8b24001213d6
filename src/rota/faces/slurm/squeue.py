"""``squeue``: what waits and runs, in the columns that were asked for.

rows ──filter, sort──▶ Format (-o, -O or the usual one) ──▶ lines
"""

from __future__ import annotations

import os
import sys
import time

from rota.core.getopt import MAYBE, NONE, VALUE, BadOption, Table, parse
from rota.faces.foreign import tell
from rota.faces.slurm.asking import MIN_AGE_S, BadId, expanded, rows, wanted
from rota.faces.slurm.entry import usage_error
from rota.faces.slurm.formats import LONG, STANDARD, START, STEPS, by_codes, by_names
from rota.faces.slurm.show import listed
from rota.faces.slurm.states import LIVE, WORDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from rota.faces.foreign import Site
    from rota.faces.slurm.formats import Format
    from rota.faces.slurm.rows import Row

OPTIONS = Table(
    {
        "account": ("A", VALUE), "all": ("a", NONE), "array": ("r", NONE),
        "array-unique": ("", NONE), "clusters": ("M", VALUE), "federation": ("", NONE),
        "format": ("o", VALUE), "Format": ("O", VALUE), "help": ("", NONE),
        "hide": ("", NONE), "iterate": ("i", VALUE), "jobs": ("j", MAYBE),
        "json": ("", NONE), "licenses": ("L", VALUE), "local": ("", NONE),
        "long": ("l", NONE), "me": ("", NONE), "name": ("n", VALUE),
        "noconvert": ("", NONE), "nodelist": ("w", VALUE), "noheader": ("h", NONE),
        "only-job-state": ("", NONE),
        "partition": ("p", VALUE), "priority": ("P", NONE), "qos": ("q", VALUE),
        "reservation": ("R", VALUE), "sibling": ("", NONE), "sort": ("S", VALUE),
        "start": ("", NONE), "states": ("t", VALUE), "steps": ("s", MAYBE),
        "usage": ("", NONE), "user": ("u", VALUE), "users": ("", VALUE),
        "verbose": ("v", NONE), "version": ("V", NONE),
    }
)  # fmt: skip


def run(words: list[str], site: Site) -> int:
    """List jobs."""
    try:
        given, rest = parse(_joined(words), OPTIONS)
    except BadOption as error:
        return usage_error(site, error)
    asked: dict[str, list[str]] = {}
    for name, value in given:
        asked.setdefault(name, []).append(value or "")
    if "help" in asked or "usage" in asked:
        print(f"Usage: {site.command} [OPTIONS]")
        return 0
    if rest:
        site.error(f"Unrecognized option: {rest[0]}")
        return 1
    try:
        found = select(site, asked)
        shape = format_of(asked)
    except BadId as error:
        site.error(f"Invalid job id: {error}")
        return 1
    except ValueError as error:
        site.error(str(error))
        return 1
    if found is None:
        tell("slurm_load_jobs error: Invalid job id specified")
        return 1
    if "json" in asked:
        _json(found)
        return 0
    _print(found, shape, asked)
    return 0


def select(site: Site, asked: dict[str, list[str]]) -> list[Row] | None:
    """Return the rows that are asked for; None when the only job named is not there.

    Raises:
        ValueError: a state is none;  BadId: an id is none.
    """
    states = _states(asked)
    ended = states is None or not states <= LIVE
    ids = listed(asked.get("jobs", []))
    conditions: dict[str, Any] = {}
    users = listed(asked.get("user", []) + asked.get("users", []))
    if "me" in asked:
        from rota.faces.slurm.submitter import user_name

        users.append(user_name())
    if users:
        conditions["user"] = [_name_of(user) for user in users]
    if queues := listed(asked.get("partition", [])):
        conditions["queue"] = queues
    jobs = wanted(ids) if ids else None
    if jobs is None:
        conditions["there_since"] = f"{MIN_AGE_S}s" if ended else None
        conditions["live"] = not ended
    found = rows(site.client, jobs=jobs, ended=True, **conditions)
    horizon = time.time() - MIN_AGE_S
    found = [row for row in found if row.is_live or (row.ended or 0) >= horizon]
    if jobs is not None and len(ids) == 1 and not found and not users:
        return None
    return _kept(found, asked, states)


def _kept(
    found: list[Row], asked: dict[str, list[str]], states: set[str] | None
) -> list[Row]:
    names, nodes = listed(asked.get("name", [])), listed(asked.get("nodelist", []))
    accounts = listed(asked.get("account", []))
    kept = [
        row
        for row in found
        if (states is None or row.state in states)
        and (not names or row.name in names)
        and (not nodes or set(nodes) & set(row.hosts))
        and (not accounts or row.account in accounts)
    ]
    if "array" in asked or os.environ.get("SQUEUE_ARRAY"):
        kept = list(expanded(kept))
    return _sorted(kept, asked)


_ORDER = ("COMPLETED", "CANCELLED", "FAILED", "TIMEOUT", "NODE_FAIL", "OUT_OF_MEMORY")


def _sorted(found: list[Row], asked: dict[str, list[str]]) -> list[Row]:
    """Order rows as -S asks, else as Slurm: what ended, what waits, what runs."""
    keys = listed(asked.get("sort", []))
    for key in reversed(keys):
        letter = key.lstrip("+-")
        orders = {"i": lambda r: (r.job, r.task or 0), "j": lambda r: r.name,
                  "u": lambda r: r.user, "P": lambda r: r.partition,
                  "S": lambda r: r.started or 0, "V": lambda r: r.submitted or 0,
                  "M": lambda r: r.elapsed, "t": lambda r: r.state,
                  "p": lambda r: r.view["priority"]}  # fmt: skip
        if letter in orders:
            found.sort(key=orders[letter], reverse=key.startswith("-"))
    if not keys:
        found.sort(key=lambda row: (row.is_live, row.state == "RUNNING"))
    return found


def _states(asked: dict[str, list[str]]) -> set[str] | None:
    """Return which states are asked for; None: all."""
    if "states" not in asked:
        return set(LIVE)
    found: set[str] = set()
    for word in listed(asked["states"]):
        if word.lower() == "all":
            return None
        if word.upper() not in WORDS:
            raise ValueError(
                f"Invalid job state specified: {word}\n"
                f"Valid job states include: {','.join(sorted(set(WORDS.values())))}"
            )
        found.add(WORDS[word.upper()])
    return found


def format_of(asked: dict[str, list[str]]) -> Format:
    """Return the columns: of -o, -O, the environment, or the usual ones.

    Raises:
        ValueError: -O names a field that there is not.
    """
    if "Format" in asked:
        return by_names(asked["Format"][-1])
    if "format" in asked:
        return by_codes(asked["format"][-1])
    if "steps" in asked:
        return by_codes(STEPS)
    if "start" in asked:
        return by_codes(START)
    if "long" in asked:
        return by_codes(LONG)
    if name := os.environ.get("SQUEUE_FORMAT2"):
        return by_names(name)
    return by_codes(os.environ.get("SQUEUE_FORMAT") or STANDARD)


def _print(found: Sequence[Row], shape: Format, asked: dict[str, list[str]]) -> None:
    lines: list[str] = []
    if "noheader" not in asked:
        if "long" in asked:
            lines.append(time.strftime("%a %b %d %H:%M:%S %Y"))
        lines.append(shape.header())
    if "steps" in asked:
        found = [row for row in found if row.state == "RUNNING"]
    if "start" in asked:
        found = [row for row in found if row.state == "PENDING"]
    lines += [shape.line(row) for row in found]
    if lines:
        sys.stdout.write("\n".join(lines) + "\n")


def _json(found: Sequence[Row]) -> None:
    import json

    from rota.faces.slurm.documents import job_document

    print(json.dumps({"meta": {}, "errors": [], "jobs": [job_document(r) for r in found]}))


def _name_of(user: str) -> str:
    """Return a user's name, also of one that was named by number."""
    if not user.isdigit():
        return user
    import pwd

    try:
        return pwd.getpwuid(int(user)).pw_name
    except KeyError:
        return user


def _joined(words: Sequence[str]) -> list[str]:
    """Return *words* with what follows -j or -s joined to it: its value may be apart."""
    joined: list[str] = []
    left = list(reversed(words))
    while left:
        word = left.pop()
        if word in ("-j", "--jobs", "--job") and left and not left[-1].startswith("-"):
            word = f"--jobs={left.pop()}"
        elif word in ("-s", "--steps") and left and not left[-1].startswith("-"):
            word = f"--steps={left.pop()}"
        joined.append(word)
    return joined

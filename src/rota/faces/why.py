"""``rota why``: why a job waits, all of it at once, or how it ended.

job 12 is queued: waits for 4 free cores (2 free)
  3 nodes (n1, n2, n3: 4 cores, 8 GiB): 4 free cores (2 free)
  ahead: 2 jobs (9, 11)
  start: between 12:00:10 and 12:40:00
  would start now with cores 4 → 2: rota edit 12 cores=2

Of a job that waits for others, who these wait for in turn follows (``chain``).
"""

from __future__ import annotations

import json

from rota.faces import chain
from rota.faces.connect import client_of
from rota.faces.moments import local, utc
from rota.faces.terminal import clean, out, show_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator, Mapping
    from typing import Any


INSTANTS = frozenset({"since", "not_before", "begin_at"})
"""What evidence gives as milliseconds since the epoch, and people read as a time."""


def options(parser: ArgumentParser) -> None:
    """Say what ``why`` takes."""
    parser.add_argument("which", nargs="+", metavar="JOB", help="12, 12[7], last, a name")


def run(args: Namespace) -> int:
    """Say why."""
    from rota.faces.selectors import one

    client = client_of(args)
    told = [client.why(*one(client, word)) for word in args.which]
    if args.json:
        show_json("why", told[0] if len(told) == 1 else {"jobs": told})
        return 0
    for row in told:
        out(clean(row["text"]))
        for line in _evidence(row):
            out(f"  {clean(line)}")
        for line in waiting(row.get("waits"), said=row["text"], job=row["id"]):
            out(f"  {clean(line)}")
        for line in chain.lines(row.get("chain")):
            out(f"  {clean(line)}")
    return 0


def waiting(
    waits: Mapping[str, Any] | None, *, said: str = "", job: int | None = None
) -> Iterator[str]:
    """Yield all about a wait, a line each.

    Args:
        said: what was said already and need not be said again
        job:  its number, for the command that would let it start; None: it has none yet
    """
    if not waits:
        return
    yield from (one["text"] for one in waits["reasons"] if one["text"] not in said)
    if waits["starts"]:
        yield "start: at once, there is room"
        return
    yield from (_nodes(row) for row in waits["classes"])
    if waits["ahead"]["jobs"]:
        yield _ahead(waits["ahead"])
    yield _start(waits["start"], released=bool(waits["reasons"]))
    for edit in waits["edits"]:
        words = [f"{key}={_word(value)}" for key, value in edit["set"].items()]
        command = f": rota edit {job} {' '.join(words)}" if job is not None else ""
        yield f"would start now with {edit['text']}{command}"


def _nodes(row: Mapping[str, Any]) -> str:
    names = ", ".join(row["names"]) + (" …" if row["nodes"] > len(row["names"]) else "")
    count = "1 node" if row["nodes"] == 1 else f"{row['nodes']} nodes"
    missing = "; ".join(row["missing"]) or "room for it"
    return f"{count} ({names}: {row['offers']}): {missing}"


def _ahead(ahead: Mapping[str, Any]) -> str:
    count, first = ahead["jobs"], ", ".join(map(str, ahead["first"]))
    more = " …" if count > len(ahead["first"]) else ""
    return f"ahead: {count} job{'' if count == 1 else 's'} ({first}{more})"


def _start(start: Mapping[str, Any], *, released: bool) -> str:
    earliest, latest = start["earliest"], start["latest"]
    free = "start, once nothing holds it: " if released else "start: "
    if earliest is None:
        return f"{free}never as things are: {start['unknown']}"
    if latest is None:
        return f"{free}from {local(earliest)} on; latest unknown: {start['unknown']}"
    if latest == earliest:
        return f"{free}{local(latest)}"
    return f"{free}between {local(earliest)} and {local(latest)}"


def _word(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def _evidence(row: Mapping[str, Any]) -> Iterator[str]:
    for name, value in (row.get("reason") or {}).get("evidence", {}).items():
        if value not in (None, "", [], {}) and str(value) not in row["text"]:
            yield f"{name}: {local(utc(value)) if name in INSTANTS else value}"

"""What a notice is about and what it says: from a job's row to subject, text and facts.

    row, Told ──owed──▶ [(what, mark)] ──▶ after_telling(Told)
    row, tails, groups ──written──▶ {"schema", "what", "subject", "text", "job", …}

Pure: the same words go out as mail, as the JSON of a webhook, and to a command's stdin.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

from rota.core.job import show_name
from rota.core.notify import tells
from rota.core.units import show_duration, show_size
from rota.server.feed import ENDED
from rota.server.outbox import Told
from rota.server.views import show_instant

Row = Mapping[str, Any]

SCHEMA = "rota.notice/1"
GROUPS_MAX = 10


class Owed(NamedTuple):
    """One notice to be sent.  ``mark``: what tells it from others of its job and kind."""

    what: str
    mark: int
    whom: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Failures:
    """Failures of one kind: how many, in a sentence, and of which tasks."""

    count: int
    text: str
    tasks: str


def owed(row: Row, told: Told, *, at: int, digest_ms: int) -> Iterator[Owed]:
    """Yield what is to be told of the job *row* now, of which *told* was told already."""
    notify = row["spec"].notify
    is_over, failed = str(row["state"]) in ENDED, row["counts"].get("failed", 0)
    if row["started_at"] is not None and told.started_at is None:
        yield _owed("start", row["started_at"], tells(notify, "start"))
    if is_over:
        if told.ended_at != row["ended_at"]:
            kinds = ["end", "digest"] + ["fail"] * (str(row["state"]) == "failed")
            whom = (each for kind in kinds for each in tells(notify, kind))
            yield _owed("end", row["ended_at"] or at, whom)
        return
    if failed and not told.has_failed:
        yield _owed("fail", row["started_at"] or at, tells(notify, "fail"))
    quarter = quarter_of(row)
    if quarter > told.quarter and at - told.digest_at >= digest_ms:
        yield _owed("digest", quarter, tells(notify, "digest"))


def after_telling(row: Row, told: Told, *, at: int, whats: Sequence[str]) -> Told:
    """Return what has been told once the notices *whats* of *row* are in the outbox."""
    if str(row["state"]) in ENDED:
        return replace(told, started_at=row["started_at"], ended_at=row["ended_at"])
    if told.ended_at is not None:
        # It was over and runs again: all of it is new.
        told = Told(started_at=told.started_at)
    told = replace(
        told,
        started_at=row["started_at"],
        has_failed=told.has_failed or "fail" in whats,
    )
    if "digest" in whats:
        told = replace(told, quarter=quarter_of(row), digest_at=at)
    return told


def quarter_of(row: Row) -> int:
    """Return how many quarters of an array are over, 0 of a job that is none."""
    array = row["spec"].array
    if array is None or not len(array.indexes):
        return 0
    return int(4 * _over(row) / len(array.indexes))


def written(
    what: str, row: Row, *, at: int, tails: Mapping[str, str], groups: Sequence[Failures]
) -> dict[str, Any]:
    """Return the notice *what* about *row*.

    Args:
        tails: {"stdout" or "stderr": its last lines};  groups: the largest first
    """
    facts = _facts(row, at=at)
    subject = f"job {row['id']} {show_name(row['spec'])}: {_fate(what, row, groups)}"
    lines = [subject, "", *_lines(row, facts)]
    for group in groups[:GROUPS_MAX]:
        lines.append(f"  {group.count} × {group.text} (tasks {group.tasks[:80]})")
    for stream, tail in tails.items():
        lines += ["", f"the end of its {stream}:", *(f"  {s}" for s in tail.splitlines())]
    lines += ["", *_commands(row)]
    return {
        "schema": SCHEMA, "what": what, "subject": subject, "text": "\n".join(lines) + "\n",
        "job": facts, "tails": dict(tails),
        "failures": [asdict(group) for group in groups[:GROUPS_MAX]],
    }  # fmt: skip


def _owed(what: str, mark: int, whom: Iterator[str]) -> Owed:
    return Owed(what, mark, tuple(dict.fromkeys(whom)))


def _over(row: Row) -> int:
    return sum(n for state, n in row["counts"].items() if str(state) in ENDED)


def _fate(what: str, row: Row, groups: Sequence[Failures]) -> str:
    """Return what happened in a few words: "98 % done, 3 failures in 2 groups"."""
    if what == "start":
        return "started"
    state, array = str(row["state"]), row["spec"].array
    if array is None:
        reason = row["reason"]
        told = state if state == "done" or reason is None else f"{state}: {reason.text}"
        return told[:150]
    failed = row["counts"].get("failed", 0)
    percent = 100 * row["counts"].get("done", 0) // max(1, len(array.indexes))
    share = f"{percent} % of {len(array.indexes)} tasks done"
    if failed:
        kinds = f" in {len(groups)} groups" if len(groups) > 1 else ""
        share += f", {failed} failure{'s' * (failed > 1)}{kinds}"
    return f"{state}, {share}" if state in ENDED else share


def _facts(row: Row, *, at: int) -> dict[str, Any]:
    begun, ended = row["started_at"], row["ended_at"]
    usage = row.get("usage") or {}
    reason = row["reason"]
    return {
        "id": row["id"], "name": show_name(row["spec"]), "user": row["user"],
        "queue": row["spec"].queue, "state": str(row["state"]),
        "reason": None if reason is None else {"code": reason.code, "text": reason.text},
        "exit_code": row.get("exit_code"), "signal": row.get("signal"),
        "node": row.get("node"), "counts": {str(s): n for s, n in row["counts"].items()},
        "submitted_at": show_instant(row["submitted_at"]),
        "started_at": None if begun is None else show_instant(begun),
        "ended_at": None if ended is None else show_instant(ended),
        "wait_s": ((begun or ended or at) - row["submitted_at"]) / 1000.0,
        "run_s": None if begun is None else ((ended or at) - begun) / 1000.0,
        "usage": {name: usage[name] for name in ("cpu_s", "max_rss") if name in usage},
    }  # fmt: skip


def _lines(row: Row, facts: Mapping[str, Any]) -> Iterator[str]:
    yield f"  queue      {facts['queue']}, for {facts['user']}"
    if facts["node"]:
        yield f"  ran on     {facts['node']}"
    yield f"  waited     {show_duration(round(facts['wait_s'] * 1000))}"
    if facts["run_s"] is not None:
        yield f"  ran        {show_duration(round(facts['run_s'] * 1000))}"
    request, usage = row["spec"].request, facts["usage"]
    if usage.get("cpu_s") is not None:
        cpu = show_duration(round(usage["cpu_s"] * 1000))
        yield f"  cpu time   {cpu} on {request.cores} cores"
    if usage.get("max_rss"):
        asked = f" of {show_size(request.memory)} asked for" if request.memory else ""
        yield f"  memory     {show_size(usage['max_rss'])}{asked}"
    if row["spec"].array is not None:
        counts = ", ".join(f"{n} {state}" for state, n in facts["counts"].items() if n)
        yield f"  tasks      {counts}"


def _commands(row: Row) -> Iterator[str]:
    number = row["id"]
    yield f"rota show {number}     all there is to know"
    yield f"rota log {number}      its output"
    if row["counts"].get("failed"):
        yield f"rota errors {number}   what failed, by kind"
    if row["spec"].outputs or row["spec"].tree:
        yield f"rota fetch {number}    its files"

"""Selectors: the short ways to say which jobs, turned into targets that the API knows.

    12   12[7]   12[3-9,20]     jobs and tasks by number: taken as they are
    last   last[7]              the job I submitted last
    all                         all my jobs that are not over
    fit-*   fit                 my jobs by name
    tag:paper                   my jobs by tag
    --failed                    of what was said, what failed; alone: all my failed jobs

A selector that fits nothing is an error: nothing is ever done to "no jobs" in silence.
"""

from __future__ import annotations

from rota.client.calls import PAGE_MAX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any, NoReturn

    from rota.client.http import Client

LIVE, ENDED, ANY = "live", "ended", "any"
TASKS_MAX = 100_000
HELP = "12, 12[7], 12[3-9], last, all, a name or glob, tag:WORD"


def targets(
    client: Client, words: Sequence[str], *, which: str = ANY, failed: bool = False
) -> list[str]:
    """Return the targets, "12" or "12[7]", that *words* select, without repetition.

    Args:
        which: whether names, tags and ``all`` mean ``LIVE``, ``ENDED`` or ``ANY`` jobs
        failed: of what is selected, only what failed

    Raises:
        Malformed: a word is no selector.
        Missing: a word selects nothing.
    """
    if not words and not failed:
        raise _malformed(f"say which jobs: {HELP}")
    if failed:
        return _unique(_failed(client, words or ["all"]))
    found = (_select(client, word, which=which) for word in words)
    return _unique(target for some in found for target in some)


def jobs_of(found: Iterable[str]) -> list[int]:
    """Return the job numbers of targets, in order, without repetition."""
    return list(dict.fromkeys(int(target.partition("[")[0]) for target in found))


def one(client: Client, word: str) -> tuple[int, int | None]:
    """Return the one job, and task if it names one, that *word* selects.

    Of several that fit a name the newest is meant.

    Raises:
        Malformed, Missing: as ``targets``.
    """
    found = _select(client, word, which=ANY, limit=1)
    if len(found) > 1:
        raise _malformed(f"{word!r} names {len(found)} tasks; this shows one at a time")
    job, bracket, task = found[0].partition("[")
    return int(job), int(task.rstrip("]")) if bracket else None


def _select(
    client: Client, word: str, *, which: str, limit: int | None = None
) -> list[str]:
    """Return what *word* selects; of those with a name at most the newest *limit*."""
    if word[:1].isdigit() and (word.isdigit() or "[" in word):
        return _by_number(word)
    if word == "last" or word.startswith("last["):
        last = _mine(client, limit=1) or _nothing("you have no job yet")
        return _by_number(f"{last[0]}{word[4:]}")
    conditions: dict[str, Any] = {"live": which == LIVE}
    if which == ENDED:
        conditions["state"] = ["done", "failed", "cancelled"]
    if word == "all":
        found = _mine(client, limit=limit, **{**conditions, "live": which != ENDED})
        kind = _kind(which) or _kind(LIVE)
        return [str(job) for job in found] or _nothing(f"you have no {kind}job")
    if word.startswith("tag:") and len(word) > 4:
        found = _mine(client, limit=limit, tag=[word[4:]], **conditions)
    else:
        found = _mine(client, limit=limit, name=[word], **conditions)
    return [str(job) for job in found] or _nothing(f"no {_kind(which)}job matches {word!r}")


def _by_number(word: str) -> list[str]:
    from rota.core.indexes import parse_indexes

    job, bracket, rest = word.partition("[")
    if not job.isdigit() or len(job) > 18 or (bracket and not rest.endswith("]")):
        raise _malformed(f"{word!r} is no job; write {HELP}")
    if not bracket:
        return [str(int(job))]
    try:
        indexes, limit = parse_indexes(rest[:-1])
    except ValueError as error:
        raise _malformed(f"{word!r}: {error}") from None
    if limit is not None or len(indexes) > TASKS_MAX:
        raise _malformed(f"{word!r} must name at most {TASKS_MAX} tasks, without a %")
    return [f"{int(job)}[{index}]" for index in indexes]


def _failed(client: Client, words: Sequence[str]) -> list[str]:
    found: list[str] = []
    for word in words:
        if word == "all":
            found.extend(str(job) for job in _mine(client, failed=True))
            continue
        for job in jobs_of(_select(client, word, which=ANY)):
            found.extend(_failed_of(client, job))
    return found or _nothing("nothing of that has failed")


def _failed_of(client: Client, job: int) -> list[str]:
    view = client.job(job)
    if view.get("array"):
        return [task.label for task in client.all_tasks(job, failed=True)]
    return [str(job)] if view.state == "failed" else []


def _mine(client: Client, *, limit: int | None = None, **conditions: Any) -> list[int]:
    me = client.info()["user"]
    if limit is not None:
        return [job.id for job in client.jobs(user=[me], limit=limit, **conditions)]
    found = [job.id for job in client.all_jobs(user=[me], limit=PAGE_MAX, **conditions)]
    return found[::-1]


def _unique(found: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(found))


def _kind(which: str) -> str:
    return {LIVE: "unfinished ", ENDED: "finished "}.get(which, "")


def _nothing(sentence: str) -> NoReturn:
    from rota.core.errors import Missing

    raise Missing(sentence)


def _malformed(sentence: str) -> Exception:
    from rota.core.errors import Malformed

    return Malformed(sentence)

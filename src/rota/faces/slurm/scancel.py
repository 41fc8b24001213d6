"""``scancel``: end jobs, tasks and steps, or send them a signal.

One id that is wrong does not keep the others from being cancelled.
"""

from __future__ import annotations

from rota.core.getopt import MAYBE, NONE, VALUE, BadOption, Table, parse
from rota.faces.foreign import tell
from rota.faces.slurm.asking import BadId, rows, wanted
from rota.faces.slurm.entry import usage_error
from rota.faces.slurm.show import listed
from rota.faces.slurm.states import WORDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from rota.faces.foreign import Site

OPTIONS = Table(
    {
        "account": ("A", VALUE), "batch": ("b", NONE), "clusters": ("M", VALUE),
        "ctld": ("", NONE), "cron": ("c", NONE), "full": ("f", NONE), "help": ("", NONE),
        "hurry": ("H", NONE), "interactive": ("i", NONE), "jobname": ("", VALUE),
        "me": ("", NONE), "name": ("n", VALUE), "nodelist": ("w", VALUE),
        "partition": ("p", VALUE), "qos": ("q", VALUE), "quiet": ("Q", NONE),
        "reservation": ("R", VALUE), "signal": ("s", VALUE), "sibling": ("", VALUE),
        "state": ("t", VALUE), "usage": ("", NONE), "user": ("u", VALUE),
        "verbose": ("v", NONE), "version": ("V", NONE), "wckey": ("", MAYBE),
    }
)  # fmt: skip
_FILTERS = ("name", "jobname", "user", "me", "state", "partition", "account", "nodelist")
_ENDING = frozenset({"KILL", "9"})
_INVALID = "Invalid job id specified"


def run(words: list[str], site: Site) -> int:
    """Cancel jobs."""
    try:
        given, ids = parse(words, OPTIONS)
    except BadOption as error:
        return usage_error(site, error)
    asked = {name: value or "" for name, value in given}
    ids = listed(ids)
    if not ids and not any(name in asked for name in _FILTERS):
        site.error("No job identification provided")
        return 1
    code = 0
    targets: list[str] = []
    for word in ids:
        try:
            targets += _targets(word)
        except BadId as error:
            site.error(f"Invalid job id {error}")
            code = 1
    if any(name in asked for name in _FILTERS):
        targets = _filtered(site, asked, targets if ids else None)
    for target in targets:
        code = max(code, _end(site, target, asked))
    return code


def _targets(word: str) -> list[str]:
    """Return the targets that "12", "20_[1-3]", "12.0" name, in our form.

    Raises:
        BadId: it is none.
    """
    named, dot, step = word.partition(".")
    if dot and not step.isalnum():
        raise BadId(word)
    try:
        found = wanted([named])
    except BadId:
        raise BadId(word) from None
    return [
        target
        for job, tasks in found.items()
        for target in (
            [str(job)] if tasks is None else [f"{job}[{t}]" for t in sorted(tasks)]
        )
    ]


def _filtered(site: Site, asked: dict[str, str], only: list[str] | None) -> list[str]:
    """Return the targets that fit what is asked, of *only* when there are any."""
    conditions: dict[str, Any] = {"live": True}
    from rota.faces.slurm.submitter import user_name

    user = asked.get("user") or (user_name() if "me" in asked else "")
    if user:
        conditions["user"] = listed([user])
    if asked.get("partition"):
        conditions["queue"] = listed([asked["partition"]])
    names = listed([asked.get("name") or asked.get("jobname") or ""])
    states = {WORDS.get(word.upper(), word) for word in listed([asked.get("state") or ""])}
    nodes = set(listed([asked.get("nodelist") or ""]))
    found = []
    for row in rows(site.client, **conditions):
        target = str(row.job) if row.task is None else f"{row.job}[{row.task}]"
        if (
            (not names or row.name in names)
            and (not states or row.state in states)
            and (not nodes or nodes & set(row.hosts))
            and (only is None or target in only or str(row.job) in only)
        ):
            found.append(target)
    return found


def _end(site: Site, target: str, asked: dict[str, str]) -> int:
    """End one target, or send it a signal; return the exit code."""
    from rota.core.errors import Conflict, Missing, NotAllowed

    shown = target.replace("[", "_").rstrip("]")
    signal = asked.get("signal", "").upper().removeprefix("SIG")
    if "verbose" in asked:
        verb = f"Signal {signal} to" if signal else "Terminating"
        tell(f"scancel: {verb} job {shown}")
    try:
        if signal and signal not in _ENDING:
            site.client.signal(target, signal=name_of(signal))
        else:
            site.client.kill(target, wait=False, grace_ms=0 if signal else None)
    except (Missing, Conflict):
        if "verbose" in asked:
            why = _INVALID
            tell(f"scancel: error: Kill job error on job id {shown}: {why}")
    except NotAllowed:
        site.error(f"Kill job error on job id {shown}: Access/permission denied")
        return 1
    return 0


def name_of(signal: str) -> str:
    """Return the name of *signal*, which may be a number."""
    from rota.formats.sbatch.values import SIGNALS

    return SIGNALS.get(int(signal), signal) if signal.isdigit() else signal

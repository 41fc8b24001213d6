"""``scontrol update``: keys of jobs that wait, and whether nodes take work."""

from __future__ import annotations

from rota.core.foreign import unfold_hosts
from rota.faces.foreign import tell
from rota.formats.sbatch import values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from rota.faces.foreign import Site

    Each = Callable[[Site, list[str], Callable[[str], Any]], int]

_KEYS = {
    "name": "name", "jobname": "name", "partition": "queue", "account": "account",
    "comment": "info", "timelimit": "time", "nice": "priority", "numcpus": "cores",
    "minmemorynode": "memory", "dependency": "after", "requeue": "restartable",
    "starttime": "begin", "arraytaskthrottle": "throttle",
}  # fmt: skip


def update(site: Site, words: list[str], each: Each) -> int:
    """Change what *words*, "jobid=12 timelimit=10", say."""
    pairs = dict(_pair(word) for word in words)
    if "nodename" in pairs:
        return _node(site, pairs)
    job = pairs.pop("jobid", None) or pairs.pop("job", None)
    if job is None:
        tell("No valid entity in update command")
        return 1
    unknown = [name for name in pairs if name not in _KEYS]
    if unknown:
        tell(f"Update of this parameter is not supported: {unknown[0]}")
        return 1
    try:
        changes = dict(_change(name, text) for name, text in pairs.items())
    except ValueError as error:
        site.error(str(error))
        return 1
    return each(site, [job], lambda target: _edit(site, target, changes))


def _edit(site: Site, target: str, changes: dict[str, Any]) -> None:
    held = dict(changes)
    if "throttle" in held:
        job = site.client.job(int(target.partition("[")[0]))
        limit = held.pop("throttle")
        indexes = str(job["array"]["indexes"])
        held["array"] = indexes if limit == "0" else f"{indexes}%{limit}"
    site.client.edit(target, set=held)


def _pair(word: str) -> tuple[str, str]:
    name, _, value = word.partition("=")
    return name.lower().rstrip("+-"), value


def _change(name: str, text: str) -> tuple[str, Any]:
    key = _KEYS[name]
    if key == "time":
        seconds = values.seconds(text)
        return key, "none" if seconds is None else f"{seconds}s"
    if key == "memory":
        return key, f"{values.size(text)} B"
    if key == "cores":
        return key, values.count(text)
    if key == "priority":
        return key, max(-1000, min(999, -int(text)))
    if key == "after":
        return key, [said for _, said in values.dependencies(text)[0]]
    if key == "restartable":
        return key, text not in ("0", "no")
    if key == "begin":
        from rota.faces.slurm.submitter import begin

        return key, begin(text)
    return key, text


def _node(site: Site, pairs: dict[str, str]) -> int:
    from rota.core.errors import Missing

    state = pairs.get("state", "").lower()
    try:
        names = unfold_hosts(pairs["nodename"])
        if state in ("drain", "down", "fail"):
            if not pairs.get("reason"):
                tell("You must specify a reason when DOWNING a node. Request denied")
                return 1
            site.client.drain(*names, why=pairs["reason"])
        elif state in ("resume", "idle", "undrain"):
            site.client.undrain(*names)
        else:
            tell(f"Invalid input: state={pairs.get('state', '')}")
            return 1
    except (Missing, ValueError):
        tell("Invalid node name specified")
        return 1
    return 0

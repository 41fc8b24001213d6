"""``scontrol``: show and change jobs, nodes, partitions, the configuration.

scontrol show job 12 · hold 12 · requeue 12 · update jobid=12 timelimit=10 · ping
"""

from __future__ import annotations

import os
import sys

from rota.core.foreign import fold_hosts, unfold_hosts
from rota.core.getopt import NONE, VALUE, BadOption, Table, parse
from rota.faces.foreign import tell
from rota.faces.slurm import records
from rota.faces.slurm.asking import BadId, rows, wanted
from rota.faces.slurm.entry import VERSION, usage_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from rota.faces.foreign import Site

OPTIONS = Table(
    {
        "all": ("a", NONE), "clusters": ("M", VALUE), "details": ("d", NONE),
        "federation": ("", NONE), "future": ("F", NONE), "help": ("h", NONE),
        "hide": ("", NONE), "json": ("", NONE), "local": ("", NONE),
        "oneliner": ("o", NONE), "quiet": ("Q", NONE), "sibling": ("", NONE),
        "uid": ("u", VALUE), "usage": ("", NONE), "verbose": ("v", NONE),
        "version": ("V", NONE),
    }
)  # fmt: skip
INVALID = "slurm_load_jobs error: Invalid job id specified"


def run(words: list[str], site: Site) -> int:
    """Do what the words say."""
    try:
        given, rest = parse(words, OPTIONS)
    except BadOption as error:
        return usage_error(site, error)
    flags = {name for name, _ in given}
    if not rest:
        tell("scontrol: error: no command given")
        return 1
    verb = _known(rest[0].lower(), tuple(VERBS))
    if verb is None:
        tell(f"invalid keyword: {rest[0]}")
        return 1
    return VERBS[verb](site, rest[1:], flags)


def _known(word: str, among: Sequence[str]) -> str | None:
    if word in among:
        return word
    near = [name for name in among if name.startswith(word)]
    return near[0] if near else None


def _show(site: Site, words: list[str], flags: set[str]) -> int:
    what = _known(words[0].lower(), tuple(SHOWN)) if words else None
    if what is None:
        tell(f"invalid entity: {words[0] if words else ''} for keyword:show")
        return 1
    return SHOWN[what](site, words[1:], flags)


def _job(site: Site, words: list[str], flags: set[str]) -> int:
    named = [word for word in words if not word.startswith("-")]
    if "json" in flags:
        flags = flags | {"oneliner"}
    try:
        jobs = wanted(part for word in named for part in word.split(",")) if named else None
    except BadId:
        tell(INVALID)
        return 1
    from rota.faces.slurm.asking import MIN_AGE_S

    since = {} if named else {"there_since": f"{MIN_AGE_S}s"}
    found = rows(site.client, jobs=jobs, ended=True, **since)
    if not found:
        if named:
            tell(INVALID)
            return 1
        print("No jobs in the system")
        return 0
    _emit([records.job(row, details="details" in flags) for row in found], flags)
    return 0


def _emit(found: Sequence[list[str]], flags: set[str]) -> None:
    for lines in found:
        if "oneliner" in flags:
            sys.stdout.write(" ".join(line.strip() for line in lines).rstrip() + " \n")
        else:
            sys.stdout.write("\n   ".join(lines) + "\n\n")


def _node(site: Site, words: list[str], flags: set[str]) -> int:
    nodes = {node.name: node for node in site.client.nodes()}
    code = 0
    try:
        names = unfold_hosts(words[0]) if words else list(nodes)
    except ValueError:
        names = words[:1]
    for name in names:
        if name not in nodes:
            print(f"Node {name} not found")
            code = 1
    queues = [row["name"] for row in site.client.queues()["queues"]]
    _emit([records.node(nodes[name], queues) for name in names if name in nodes], flags)
    return code


def _partition(site: Site, words: list[str], flags: set[str]) -> int:
    from rota.faces.slurm.cluster import partitions

    found = {part.name: part for part in partitions(site)}
    if words and words[0] not in found:
        print(f"Partition {words[0]} not found")
        return 1
    chosen = [found[words[0]]] if words else list(found.values())
    _emit([records.partition(part) for part in chosen], flags)
    return 0


def _config(site: Site, words: list[str], flags: set[str]) -> int:
    sys.stdout.write("\n".join(records.configuration(site)) + "\n")
    return 0


def _hostnames(site: Site, words: list[str], flags: set[str]) -> int:
    text = words[0] if words else os.environ.get("SLURM_JOB_NODELIST", "")
    if not text:
        site.error("host list is empty")
        return 0
    try:
        print("\n".join(unfold_hosts(text)))
    except ValueError:
        site.error(f"Invalid hostlist: {text}")
        return 1
    return 0


def _hostlist(site: Site, words: list[str], flags: set[str]) -> int:
    print(fold_hosts(words[0].split(",")) if words else "")
    return 0


def _reservation(site: Site, words: list[str], flags: set[str]) -> int:
    rows = site.client.reservations()["reservations"]
    found = [
        row
        for row in rows
        if row["state"] in ("coming", "on") and row["name"] in (words or [row["name"]])
    ]
    if words and not found:
        print(f"Reservation {words[0]} not found")
        return 1
    if not found:
        print("No reservations in the system")
    _emit([records.reservation(row, site.client.nodes()) for row in found], flags)
    return 0


def _ping(site: Site, words: list[str], flags: set[str]) -> int:
    site.client.info()
    print(f"Slurmctld(primary) at {os.uname().nodename} is UP")
    return 0


def _version(site: Site, words: list[str], flags: set[str]) -> int:
    print(VERSION)
    return 0


def _each(site: Site, words: list[str], do: Callable[[str], Any]) -> int:
    """Do something to each job that *words* name, whatever becomes of the others."""
    from rota.core.errors import Conflict, Missing, NotAllowed

    code = 0
    for word in (part for text in words for part in text.split(",")):
        shown = word.lower().removeprefix("jobid=").removeprefix("job=")
        try:
            found = wanted([shown])
        except BadId:
            tell(f"Invalid job id specified for job {shown}")
            code = 1
            continue
        for job, tasks in found.items():
            targets = (
                [str(job)] if tasks is None else [f"{job}[{t}]" for t in sorted(tasks)]
            )
            for target in targets:
                try:
                    do(target)
                except Missing:
                    tell(f"Invalid job id specified for job {shown}")
                    code = 1
                except NotAllowed:
                    tell(f"Access/permission denied for job {shown}")
                    code = 1
                except Conflict as error:
                    tell(f"{_conflict(error.sentence)} for job {shown}")
                    code = 1
    return code


def _conflict(sentence: str) -> str:
    if "has ended" in sentence or "is over" in sentence:
        return "Job/step already completing or completed"
    return sentence


def _simple(verb: str) -> Callable[[Site, list[str], set[str]], int]:
    def run_verb(site: Site, words: list[str], flags: set[str]) -> int:
        return _each(site, words, getattr(site.client, verb))

    return run_verb


def _requeue(site: Site, words: list[str], flags: set[str]) -> int:
    """Let what runs run again; what has ended, too; what waits is refused."""
    from rota.core.errors import Conflict

    def again(target: str) -> None:
        number, _, task = target.partition("[")
        job = site.client.job(int(number), int(task.rstrip("]")) if task else None)
        if job.is_final:
            site.client.rerun(target)
        elif job.state in ("queued", "held", "placed") and not job.counts.get("running"):
            raise Conflict("Job is pending execution")
        else:
            site.client.kill(target, requeue=True)

    return _each(site, words, again)


def _update(site: Site, words: list[str], flags: set[str]) -> int:
    from rota.faces.slurm.updates import update

    return update(site, words, _each)


VERBS: dict[str, Callable[[Site, list[str], set[str]], int]] = {
    "show": _show, "hold": _simple("hold"), "uhold": _simple("hold"),
    "release": _simple("release"), "suspend": _simple("suspend"),
    "resume": _simple("resume"), "requeue": _requeue, "update": _update, "ping": _ping,
    "version": _version,
}  # fmt: skip
SHOWN: dict[str, Callable[[Site, list[str], set[str]], int]] = {
    "job": _job, "jobid": _job, "jobs": _job, "node": _node, "nodes": _node,
    "partition": _partition, "partitions": _partition, "config": _config,
    "hostnames": _hostnames, "hostlist": _hostlist, "hostlistsorted": _hostlist,
    "reservations": _reservation, "reservation": _reservation,
}  # fmt: skip

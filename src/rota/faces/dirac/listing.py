"""``dstat``, ``dirac-wms-job-status``, ``-select-jobs``: jobs in DIRAC's columns."""

from __future__ import annotations

import json
import sys

from rota.core.getopt import BadOption
from rota.faces.dirac.words import FINAL, STATUSES, words_of
from rota.faces.foreign import tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from rota.client.views import Job
    from rota.faces.dirac.entry import Asked
    from rota.faces.foreign import Site

    Record = dict[str, str]

FIELDS = ("JobID", "Owner", "JobName", "JobGroup", "Site", "Status", "MinorStatus",
          "ApplicationStatus", "SubmissionTime", "StartExecTime", "EndExecTime",
          "UserPriority", "RescheduleCounter")  # fmt: skip
SHOWN = ("JobID", "Owner", "JobName", "JobGroup", "Site", "Status", "MinorStatus",
         "SubmissionTime")  # fmt: skip
MAXIMUM = 100


def dstat(asked: Asked, site: Site) -> int:
    """List my jobs that have not ended, or those that the options choose."""
    fields = [name for name in asked.get("Fields").split(",") if name] or list(SHOWN)
    if wrong := [name for name in fields if name not in FIELDS]:
        raise BadOption(f"--Fields {wrong[0]!r} is none of {', '.join(FIELDS)}")
    form = asked.get("Fmt") or "pretty"
    if form not in ("pretty", "csv", "json"):
        raise BadOption(f"--Fmt {form!r} is none of pretty, csv, json")
    ids = asked.ids()
    found = [record(job) for job in chosen(asked, site, ids=ids)]
    if "All" not in asked and "Status" not in asked and not ids:
        found = [one for one in found if one["Status"] not in FINAL]
    found = [{name: one[name] for name in fields} for one in found]
    if form == "json":
        print(json.dumps(found))
    elif form == "csv":
        _csv(fields, found)
    else:
        _pretty(fields, found)
    return 0


def job_status(asked: Asked, site: Site) -> int:
    """Print one line for each job: its Status, MinorStatus and Site."""
    return _each(asked, site, ("Status", "MinorStatus", "Site"))


def job_attributes(asked: Asked, site: Site) -> int:
    """Print all that is known of each job."""
    for job in needed(asked):
        print(json.dumps(record(site.client.job(job)), indent=2))
    return 0


def select_jobs(asked: Asked, site: Site) -> int:
    """Print the numbers of the jobs that fit."""
    found = [record(job)["JobID"] for job in chosen(asked, site, ids=[])]
    text = asked.get("Maximum") or str(MAXIMUM)
    if not text.isdigit():
        raise BadOption(f"--Maximum {text!r} is no number")
    most = int(text)
    conditions = " and ".join(f"{k} = {v}" for k, v in asked.options.items())
    about = f" with conditions:\n{_clean(conditions)}" if conditions else ""
    print(f"==> Selected {len(found)} jobs{about}")
    shown = found[:most] if most else found
    if shown:
        print(", ".join(shown) + (", ..." if len(shown) < len(found) else ""))
    return 0


def needed(asked: Asked) -> list[int]:
    """Return the jobs that were named.

    Raises:
        BadOption: none was.
    """
    ids = asked.ids()
    if not ids:
        raise BadOption("name the jobs, by their numbers")
    return ids


def chosen(asked: Asked, site: Site, *, ids: list[int]) -> list[Job]:
    """Return the jobs that *ids* name, or that the options choose; oldest first."""
    conditions: dict[str, Any] = {}
    if ids:
        conditions["ids"] = ids
    else:
        owner = asked.get("Owner") or asked.get("User")
        if not owner:
            from rota.faces.slurm.submitter import user_name

            owner = user_name()
        if owner not in ("*", "ALL"):
            conditions["user"] = [owner]
    if asked.get("Name"):
        conditions["name"] = [asked.get("Name")]
    if statuses := _listed(asked.get("Status")):
        for status in statuses:
            if status not in STATUSES:
                told = ", ".join(STATUSES)
                raise BadOption(f"--Status {status!r} is none of {told}")
        conditions["state"] = sorted({s for name in statuses for s in STATUSES[name]})
    jobs = sorted(site.client.all_jobs(spec=True, **conditions), key=lambda job: job.id)
    return [job for job in jobs if _fits(record(job), asked, statuses)]


def _fits(found: Record, asked: Asked, statuses: list[str]) -> bool:
    if statuses and found["Status"] not in statuses:
        return False
    for name in ("MinorStatus", "ApplicationStatus", "Site", "JobGroup"):
        if asked.get(name) and found[name] not in _listed(asked.get(name)):
            return False
    since = asked.get("Date")
    return not since or found["SubmissionTime"][:10] >= since


def record(job: Job) -> Record:
    """Return what DIRAC calls the attributes of *job*."""
    view = job.raw
    status, minor, application = words_of(view)
    origin = (view.get("spec") or {}).get("origin") or {}
    attempts = view.get("attempts") or [{}]
    nodes = view.get("nodes") or ()
    held = {
        "JobID": job.label, "Owner": str(view["user"]), "JobName": job.name,
        "JobGroup": origin.get("jobgroup", "NoGroup"),
        "Site": str(nodes[0]["host"]) if nodes else str(attempts[-1].get("node") or "ANY"),
        "Status": status, "MinorStatus": minor, "ApplicationStatus": application,
        "SubmissionTime": _day(view.get("submitted_at")),
        "StartExecTime": _day(view.get("started_at")),
        "EndExecTime": _day(view.get("ended_at")),
        "UserPriority": str(int(view.get("priority") or 0) + 1),
        "RescheduleCounter": str(max(0, int(view.get("attempt") or 1) - 1)),
    }  # fmt: skip
    return {name: _clean(text) for name, text in held.items()}


def _each(asked: Asked, site: Site, fields: Iterable[str]) -> int:
    from rota.core.errors import Missing

    code = 0
    for number in needed(asked):
        try:
            found = record(site.client.job(number))
        except Missing as error:
            tell(f"ERROR: {error.sentence}")
            code = 1
            continue
        print(f"JobID={number} " + " ".join(f"{name}={found[name]};" for name in fields))
    return code


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _day(at: str | None) -> str:
    return "" if at is None else at[:19].replace("T", " ")


def _clean(text: str) -> str:
    from rota.faces.terminal import clean

    return clean(text)


def _csv(fields: list[str], found: list[Record]) -> None:
    import csv

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(fields)
    writer.writerows([one[name] for name in fields] for one in found)


def _pretty(fields: list[str], found: list[Record]) -> None:
    rows = [dict(zip(fields, fields, strict=True)), *found]
    widths = {name: max(len(row[name]) for row in rows) for name in fields}
    lines = ["  ".join(row[n].ljust(widths[n]) for n in fields).rstrip() for row in rows]
    lines.insert(1, "=" * (sum(widths.values()) + 2 * (len(widths) - 1)))
    print("\n".join(lines))

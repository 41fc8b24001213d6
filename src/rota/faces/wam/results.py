"""``wam -get``, ``-m``, ``-w``, ``-k``: results and monitor files come here; jobs end."""

from __future__ import annotations

import os
import tempfile
import time

from rota.faces.foreign import tell
from rota.faces.terminal import clean
from rota.faces.wam.config import conf
from rota.faces.wam.entry import UsageError
from rota.faces.wam.words import numbered, origin_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rota.client.views import Job
    from rota.faces.foreign import Site
    from rota.faces.wam.entry import Asked

LINES, PAUSE_S = 25, 3.0


def get(asked: Asked, site: Site) -> int:
    """Fetch the results of a submission, or of one of its jobs, into this folder."""
    return _fetch(site, chosen(asked["get"][0], site), conf().files, force=False)


def monitor(asked: Asked, site: Site) -> int:
    """Fetch the monitor files of my running jobs into this folder, as they are now."""
    return _fetch(site, _running(site), conf().monitored, force=True)


def watch(asked: Asked, site: Site) -> int:
    """Show the end of the newest .sta file of my running jobs, until none runs."""
    shown = ""
    while jobs := _running(site):
        told = "\n".join(_tail(site, job) for job in jobs)
        if told != shown:
            print(told, flush=True)
            shown = told
        time.sleep(PAUSE_S)
    tell("wam: none of your jobs is running")
    return 0


def kill(asked: Asked, site: Site) -> int:
    """Kill submissions, or single jobs of them."""
    from rota.core.errors import Conflict

    if not asked["kill"]:
        raise UsageError("-k needs the jobs: 12, or 12:bracket")
    code = 0
    for text in asked["kill"]:
        for job in chosen(text, site):
            try:
                site.client.kill(job.id, wait=False)
                print(f"{clean(text)}: {clean(job.name)} killed")
            except Conflict as error:
                tell(f"wam: {error.sentence}")
                code = 1
    return code


def chosen(text: str, site: Site) -> list[Job]:
    """Return the jobs that "12", a whole submission, or "12:name" means.

    Raises:
        UsageError: it names none.
        Missing: there is no such submission.
    """
    number, _, name = text.partition(":")
    if not number.isdigit() or not 0 < int(number) < 10**15:
        raise UsageError(f"{text!r} is no job such as 12 or 12:bracket")
    job = site.client.job(int(number))
    submission = origin_of(job).get("submission")
    jobs = [job]
    if submission:
        jobs = list(site.client.all_jobs(tag=[f"wam.{submission}"], spec=True))
    found = sorted((j for j in jobs if name in ("", j.name)), key=lambda j: j.id)
    if not found:
        told = ", ".join(numbered(jobs).values())
        raise UsageError(f"{text!r} is none of {told}")
    return found


def _running(site: Site) -> list[Job]:
    from rota.faces.slurm.submitter import user_name

    found = site.client.all_jobs(state=["running"], user=[user_name()], spec=True)
    return [job for job in found if origin_of(job).get("system") == "wam"]


def _fetch(site: Site, jobs: list[Job], patterns: list[str], *, force: bool) -> int:
    from rota.core.errors import RotaError, Unreachable

    code = 0
    for job in jobs:
        try:
            files = site.client.fetch(job.id, *patterns, to=".", force=force)
        except Unreachable:
            raise
        except RotaError as error:
            tell(f"wam: {job.name}: {error.sentence}")
            code = 1
        else:
            print(f"{clean(job.name)}: {clean(', '.join(map(str, files)))}")
    return code


def _tail(site: Site, job: Job) -> str:
    from rota.core.errors import Missing

    with tempfile.TemporaryDirectory() as folder:
        try:
            site.client.fetch(job.id, "*.sta", to=folder)
        except Missing:
            return f"{clean(job.name)}: no .sta file yet"
        paths = [os.path.join(folder, name) for name in os.listdir(folder)]
        newest = max(paths, key=os.path.getmtime)
        with open(newest, encoding="utf-8", errors="replace") as file:
            lines = file.read().splitlines()[-LINES:]
    return "\n".join([f"== {clean(job.name)}", *map(clean, lines)])

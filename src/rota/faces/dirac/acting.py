"""``dkill``, ``dirac-wms-job-kill``, ``-delete``, ``-reschedule``: what is done to jobs."""

from __future__ import annotations

from rota.core.getopt import BadOption
from rota.faces.dirac.listing import chosen, needed
from rota.faces.foreign import tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from rota.faces.dirac.entry import Asked
    from rota.faces.foreign import Site


def dkill(asked: Asked, site: Site) -> int:
    """Kill the jobs that were named, or with -a all of mine."""
    if "All" in asked or asked.get("JobGroup"):
        ids = [job.id for job in chosen(asked, site, ids=[]) if not job.is_final]
    else:
        ids = asked.ids()
        if not ids:
            raise BadOption("name the jobs, by their numbers; -a means all of mine")
    done, code = _done(ids, lambda job: site.client.kill(job, wait=False))
    if "verbose" in asked:
        print(f"Killed jobs {','.join(map(str, done))}")
    return code


def kill(asked: Asked, site: Site) -> int:
    """Kill jobs, and say which."""
    done, code = _done(needed(asked), lambda job: site.client.kill(job, wait=False))
    if done:
        print(f"Killed jobs {','.join(map(str, done))}")
    return code


def delete(asked: Asked, site: Site) -> int:
    """Kill jobs; the record of what they did is kept until rota clean lets it go."""
    done, code = _done(needed(asked), lambda job: site.client.kill(job, wait=False))
    if done:
        print(f"Deleted jobs {','.join(map(str, done))}")
    return code


def reschedule(asked: Asked, site: Site) -> int:
    """Run jobs once more: those that have ended, and those that run, from their begin."""
    done, code = _done(needed(asked), lambda job: _again(site, job))
    if done:
        print(f"Rescheduled jobs {','.join(map(str, done))}")
    return code


def _again(site: Site, job: int) -> Any:
    if site.client.job(job).is_final:
        return site.client.rerun(job, all=True)
    return site.client.kill(job, wait=False, requeue=True)


def _done(ids: list[int], act: Callable[[int], Any]) -> tuple[list[int], int]:
    """Do *act* to each; return those it was done to, and the exit code."""
    from rota.core.errors import Refused

    done: list[int] = []
    for job in ids:
        try:
            act(job)
        except Refused as error:
            tell(f"ERROR: {error.sentence}")
        else:
            done.append(job)
    return done, int(len(done) < len(ids))

"""``qdel``: end jobs, or tasks of arrays (``12.3``, ``-t 1-4``)."""

from __future__ import annotations

from rota.faces.foreign import tell
from rota.faces.slurm.show import listed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rota.faces.foreign import Site


PRIVILEGES = "you do not have the necessary privileges to delete the job"


def run(words: list[str], site: Site) -> int:
    """End jobs."""
    from rota.core.errors import Conflict, Missing, NotAllowed
    from rota.core.indexes import parse_indexes
    from rota.faces.slurm.submitter import user_name

    left, tasks, force = [w for w in words if w != "-f"], "", "-f" in words
    if "-t" in left:
        at = left.index("-t")
        tasks = left[at + 1] if at + 1 < len(left) else ""
        del left[at : at + 2]
    if left[:1] == ["-u"]:
        mine = site.client.all_jobs(live=True, user=listed(left[1:2]))
        left = [str(job.id) for job in mine]
    code, user = 0, user_name()
    for word in listed(left):
        job, _, task = word.partition(".")
        inside = task or tasks
        try:
            number = int(job)
            indexes = list(parse_indexes(inside)[0]) if inside else []
        except ValueError:
            tell(f'denied: job "{word}" does not exist')
            code = 1
            continue
        try:
            targets = [f"{number}[{i}]" for i in indexes] or [str(number)]
            site.client.kill(*targets, wait=False, grace_ms=0 if force else None)
        except (Missing, Conflict):
            print(f'denied: job "{word}" does not exist')
            code = 1
        except NotAllowed:
            print(f'{user} - {PRIVILEGES} "{word}"')
            code = 1
        else:
            task = "has registered the job-array task"
            for index in indexes:
                print(f"{user} {task} {number}.{index} for deletion")
            if not indexes:
                print(f"{user} has registered the job {number} for deletion")
    return code

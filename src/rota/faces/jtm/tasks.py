"""``jtm-status``, ``-isalive``, ``-kill``, ``-resource-log``: about one task.

A workflow engine takes "not alive" for "its rc file is there or never comes".  So a task
whose script writes one stays alive until the file can be seen from here, for a while.
"""

from __future__ import annotations

import os

from rota.faces.jtm.entry import UsageError
from rota.faces.jtm.words import is_alive, word_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rota.client.views import Job
    from rota.faces.foreign import Site

RC_LAG_S = 120
"""So long a network file system may take to show the rc file of a task that ended."""


def status(asked: dict[str, str], site: Site) -> int:
    """Print the word for the state of a task; exit 0 while it is alive."""
    word = word_of(_job(asked, site).raw)
    print(word)
    return 0 if is_alive(word) else 1


def isalive(asked: dict[str, str], site: Site) -> int:
    """Print yes or no; exit 0 for yes."""
    job = _job(asked, site)
    alive = is_alive(word_of(job.raw)) or _rc_may_come(job)
    print("yes" if alive else "no")
    return 0 if alive else 1


def kill(asked: dict[str, str], site: Site) -> int:
    """Have a task ended, TERM before KILL; what has ended already is no error."""
    from rota.core.errors import Conflict

    try:
        site.client.kill(_number(asked), wait=False)
    except Conflict:
        if not _job(asked, site).is_final:
            raise
    return 0


def resource_log(asked: dict[str, str], site: Site) -> int:
    """Print what a task used over time, with JTM's fields, as JSON."""
    import json

    from rota.faces.series import COLUMNS, csv_of

    job = _job(asked, site)
    lines = list(csv_of(job.raw, site.client.series(job.id)["samples"]))[1:]
    origin = (job.get("spec") or {}).get("origin") or {}
    rows = []
    for line in lines:
        row = dict(zip(COLUMNS, line.split(","), strict=True))
        row.update(pool_name=origin.get("pool", ""), nwpn=origin.get("nwpn", ""))
        rows.append(row)
    print(json.dumps({"task_id": job.id, "resource_log": rows}))
    return 0


def _number(asked: dict[str, str]) -> int:
    text = asked.get("task", "")
    if not text.isdigit() or len(text) > 15 or not int(text):
        raise UsageError(f"-tid needs the number of a task, not {text!r}")
    return int(text)


def _job(asked: dict[str, str], site: Site) -> Job:
    return site.client.job(_number(asked))


def _rc_may_come(job: Job) -> bool:
    path = ((job.get("spec") or {}).get("origin") or {}).get("rc")
    if not path or job.state == "cancelled" or os.path.exists(path):
        return False
    import time

    from rota.faces.moments import ms_of

    return time.time() * 1000 - (ms_of(job.get("ended_at")) or 0) < RC_LAG_S * 1000

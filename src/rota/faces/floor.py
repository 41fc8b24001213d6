"""The price of the processes themselves: a loop that spawns, waits, and does no more.

    python -S -E floor.py JOBS SLOTS [FOLDER]     {"jobs", "slots", "wall_s", "cpu_s"}

Runs /bin/true so many times, so many at once; with a folder, what each prints goes to files
there.  Whatever a queue needs on top of this is the queue's.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

ENVIRONMENT = {"PATH": "/usr/bin:/bin"}


def main(words: Sequence[str]) -> int:
    """Run the loop, print what it took."""
    jobs, slots = int(words[0]), int(words[1])
    folder = words[2] if len(words) > 2 else None
    began = time.monotonic()
    for job in range(jobs):
        if job >= slots:
            _reap()
        os.posix_spawn(
            "/bin/true", ["/bin/true"], ENVIRONMENT, file_actions=_files(folder, job)
        )
    for _ in range(min(jobs, slots)):
        _reap()
    wall_s = time.monotonic() - began
    used = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu_s = sum(one.ru_utime + one.ru_stime for one in used)
    print(json.dumps({"jobs": jobs, "slots": slots, "wall_s": wall_s, "cpu_s": cpu_s}))
    return 0


def _files(folder: str | None, job: int) -> list[tuple[int, int, str, int, int]]:
    if folder is None:
        return []
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
    names = {1: f"{folder}/{job}.out", 2: f"{folder}/{job}.err"}
    return [(os.POSIX_SPAWN_OPEN, fd, name, flags, 0o600) for fd, name in names.items()]


def _reap() -> None:
    _, status = os.wait()
    if status:
        raise SystemExit("floor: a job failed")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

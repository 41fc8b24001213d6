"""What jobs themselves write down, and what follows from it: the judge trusts nobody else.

Each task appends "start JOB TASK ATTEMPT PID" and "end …" to one file, prints lines whose
every byte is known, and exits with a code that its number decides.  From that and from what
the server says, ``judge`` finds:

    lost         G01  an acknowledged task without its end
    doubled      G07  attempts of a task that overlap, or come in the wrong order
    late         G16  something of a job after its cancellation was confirmed
    untrue       G11  an end that is not the one the task had
    incomplete   G23  output that is not to the byte what the task printed
    leaked       G15  a process of a job that is over
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path

from rota.client.http import Client
from rota.client.views import Job

LAWS = ("lost", "doubled", "late", "untrue", "incomplete", "leaked")
LINES = 40
TASK = f"""
import os, sys, time
task, n = os.environ["ROTA_TASK_ID"], os.environ["ROTA_ATTEMPT"]
job = os.environ["ROTA_JOB_ID"]
def tell(word):
    fd = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(fd, f"{{word}} {{job}} {{task}} {{n}} {{os.getpid()}}\\n".encode())
    os.close(fd)
tell("start")
for line in range({LINES}):
    print(job, task, n, line, flush=line % 7 == 0)
    if line == {LINES} // 2:
        time.sleep(int(task) % 7 * 0.06)
while len(sys.argv) > 2:
    tell("beat")
    time.sleep(0.05)
tell("end")
sys.exit(3 if int(task) % 5 == 0 else 0)
"""

Told = dict[tuple[int, int], list[tuple[str, int]]]
"""{(job, task): [(word, attempt), …]} as the tasks wrote it."""


class Book:
    """The file the tasks write to, the program they are, and what was acknowledged.

    jobs:       {job: tasks it has}
    cancelled:  {job: lines it had in the book when its cancellation was confirmed}
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "book"
        self.task = folder / "task.py"
        self.task.write_text(TASK)
        self.path.touch()
        self.jobs: dict[int, int] = {}
        self.cancelled: dict[int, int] = {}

    def argv(self, *, for_ever: bool = False) -> list[str]:
        """Return the command of a job; *for_ever*: until it is killed."""
        words = [sys.executable, str(self.task), str(self.path)]
        return [*words, "for ever"] if for_ever else words

    def lines(self) -> list[list[str]]:
        """Return what the tasks wrote."""
        return [line.split() for line in self.path.read_text().splitlines()]

    def count(self, job: int) -> int:
        """Return how many lines *job* wrote."""
        return sum(line[1] == str(job) for line in self.lines())

    def told(self) -> Told:
        """Return the lines by task."""
        told: Told = defaultdict(list)
        for word, job, task, n, _ in self.lines():
            told[int(job), int(task)].append((word, int(n)))
        return told

    def still_running(self) -> list[int]:
        """Return which processes of tasks there still are."""
        pids = {int(line[4]) for line in self.lines()}
        return sorted(pid for pid in pids if self._is_task(pid))

    def _is_task(self, pid: int) -> bool:
        try:
            return str(self.task).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return False


def judge(
    book: Book,
    client: Client,
    *,
    exactly_once: bool = False,
    excuse: Callable[[Job], bool] = lambda _: False,
) -> list[tuple[str, str]]:
    """Return each breach as (law, sentence); all jobs must have come to their end.

    exactly_once: a second attempt is a breach too (``doubled``)
    excuse: a task whose end may be another than its own, as its node's disk was full
    """
    told = book.told()
    found: list[tuple[str, str]] = []
    for job, size in book.jobs.items():
        tasks = list(client.all_tasks(job))
        if len(tasks) != size:
            found.append(("lost", f"job {job} has {len(tasks)} tasks of {size}"))
        for task in tasks:
            entries = told[job, task["task"]]
            found += _order(task, entries, exactly_once=exactly_once)
            if not excuse(task):
                found += _end(task, entries)
                found += _output(task, client)
    for job, before in book.cancelled.items():
        if (now := book.count(job)) != before:
            found.append(("late", f"job {job} wrote {now - before} lines after its end"))
    known = {(job, i) for job, n in book.jobs.items() for i in range(n)}
    known |= {(job, 0) for job in book.cancelled}
    found += [("lost", f"{stray} ran and is no job") for stray in sorted(set(told) - known)]
    found += [("leaked", f"process {pid} is still there") for pid in book.still_running()]
    return found


def _order(
    task: Job, entries: list[tuple[str, int]], *, exactly_once: bool
) -> Iterable[tuple[str, str]]:
    name = f"{task['id']}[{task['task']}] {entries}"
    starts = [n for word, n in entries if word == "start"]
    if starts != sorted(set(starts)):
        yield "doubled", f"{name}: attempts out of order"
    for before, after in pairwise(starts):
        if before in [n for _, n in entries[entries.index(("start", after)) :]]:
            yield "doubled", f"{name}: attempts {before} and {after} overlap"
    if exactly_once and len(starts) != 1:
        yield "doubled", f"{name}: ran {len(starts)} times"


def _end(task: Job, entries: list[tuple[str, int]]) -> Iterable[tuple[str, str]]:
    name = f"{task['id']}[{task['task']}] {entries}"
    expected = 3 if task["task"] % 5 == 0 else 0
    if task["state"] not in ("done", "failed") or entries[-1:] != [
        ("end", task["attempt"])
    ]:
        yield "lost", f"{name}: {task['state']} in attempt {task['attempt']}"
    elif task["exit_code"] != expected or (task["state"] == "done") == bool(expected):
        yield "untrue", f"{name}: {task['state']}, exit code {task['exit_code']}"


def _output(task: Job, client: Client) -> Iterable[tuple[str, str]]:
    job, index, n = task["id"], task["task"], task["attempt"]
    wanted = "".join(f"{job} {index} {n} {line}\n" for line in range(LINES)).encode()
    found = b"".join(client.log(job, task=index))
    if found != wanted:
        said = f"{len(found)} bytes of {len(wanted)}"
        yield "incomplete", f"{job}[{index}] attempt {n}: {said}"

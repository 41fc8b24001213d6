"""One look at the four folders and at the server, and what follows from the two.

    in the queue, settled, not ours yet      mark it, submit it by the mark's key, mark it
    in the queue, its job has ended          out, with what became of it in process.log
    in QM_Jobs, its job has ended            process.log gets its last line, then out
    in QM_Jobs and nobody's                  QM_lost+found
    a job whose folder is in neither         it is killed

Every step may be the last one before a kill -9: the next look, by whichever process, finds
the same and does the same.  Nothing is ever deleted.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from contextlib import suppress

from rota.core.errors import Conflict, Malformed, Missing, Refused
from rota.faces.foreign import handed_in
from rota.faces.spool.folders import (
    DONE,
    INFO_MAX,
    LOST,
    QUEUE,
    RUNNING,
    Folders,
    Settling,
    add_to_log,
    last_line,
    read_mark,
    write_mark,
)
from rota.faces.spool.job import document, info_of, read_info, starts_as_script

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from rota.client.http import Client
    from rota.client.views import Job
    from rota.formats.qm import Settings

PATIENCE = 5.0
"""What cannot be read may still be growing: it has so many times the usual rest."""

FINISHED = "Job finished at:"
_OURS = frozenset({"lost", "lease"})


class Watch:
    """The four folders, and the jobs that came of them.

    Shapes:
        tell:     is called with each line for people
        settings: what QMserv.cfg says
    """

    def __init__(
        self, client: Client, folders: Folders, settings: Settings, *, settle_s: float,
        tell: Callable[[str], None],
    ) -> None:  # fmt: skip
        self.client, self.folders, self.settings = client, folders, settings
        self.settling = Settling(settle_s)
        self._tell = tell
        digest = hashlib.sha256(os.fsencode(folders.root)).hexdigest()[:12]
        self.tag = f"qm-{digest}"
        self._told: dict[str, str] = {}
        self._live: dict[int, Job] = {}
        self._seen: set[str] = set()
        self._ending: set[int] = set()
        for name in folders.unfinished():
            folders.wrap(name)

    def look(self, now: float) -> bool:
        """Look once; return whether there is anything left to wait for."""
        jobs = self.client.all_jobs(live=True, tag=[self.tag])
        self._live = {job.id: job for job in jobs}
        self._seen = set()
        busy = [self._guarded(self._queued, name, now) for name in self._by_age()]
        busy += [
            self._guarded(self._running, name, now) for name in self.folders.names(RUNNING)
        ]
        self._kill_what_is_gone()
        return any(busy)

    def _guarded(self, step: Callable[[str, float], bool], name: str, now: float) -> bool:
        try:
            return step(name, now)
        except FileNotFoundError:
            # Taken away, or started, while we looked: the next look sees where it is.
            return True
        except OSError as error:
            self._once(name, f"cannot be handled: {error.strerror}: {error.filename}")
            return False

    def _by_age(self) -> list[str]:
        """Return what is in the queue, the oldest first."""

        def age(name: str) -> tuple[int, str]:
            try:
                return os.stat(self.folders.path(QUEUE, name)).st_mtime_ns, name
            except OSError:
                return 0, name

        return sorted(self.folders.names(QUEUE), key=age)

    def _queued(self, name: str, now: float) -> bool:
        path = self.folders.path(QUEUE, name)
        if not os.path.isdir(path):
            return self._lone(name, path, now)
        mark = self._mark(path, name)
        if mark:
            job = self._job(path, mark)
            if job is None:
                return False
            if job.is_final and read_mark(path):
                self._finish(name, QUEUE, job)
            return True
        if not self.settling.is_settled(path, now):
            return True
        return self._take(name, path, now)

    def _lone(self, name: str, path: str, now: float) -> bool:
        """Take a script that lies in the queue without a folder."""
        from rota.formats.qm import is_info

        if not self.settling.is_settled(path, now):
            return True
        text = ""
        if os.path.isfile(path) and starts_as_script(path):
            with open(path, encoding="utf-8", errors="replace") as file:
                text = file.read(INFO_MAX)
        if not is_info(text):
            self._once(name, "is neither a folder nor a script with #QM lines: it is left")
            return False
        self.folders.wrap(name)
        return True

    def _take(self, name: str, path: str, now: float) -> bool:
        """Submit the folder at *path*, which has settled."""
        try:
            name.encode()
            info = info_of(path, self.settings)
            if not info[0]:
                self._once(name, f"waits for its {self.settings.job_file}")
                return False
            reading = read_info(name, info, self.settings)
            key = f"qm-{uuid.uuid4().hex}"
            root = self.folders.root
            doc = document(
                reading, name=name, info=info[0], key=key, root=root, tag=self.tag
            )
            if self.settings.is_blocking and self._live:
                doc["after"] = [f"any:{max(self._live)}"]
            if os.path.lexists(self.folders.path(RUNNING, name)):
                self._once(name, "waits: another of that name runs")
                return True
            mark = {"key": key, "name": name, "doc": doc}
            write_mark(path, mark)
            return self._job(path, mark) is not None
        except (Malformed, UnicodeEncodeError) as error:
            if not self.settling.is_settled(path, now, times=PATIENCE):
                return True
            self._lose(name, QUEUE, str(error))
            return False

    def _mark(self, path: str, name: str) -> dict[str, Any]:
        """Return the mark of a folder that is being handled, else {}."""
        mark = read_mark(path)
        if mark.get("done") or mark.get("name") != name:
            return {}
        self._seen.add(str(mark["key"]))
        return mark

    def _job(self, path: str, mark: dict[str, Any]) -> Job | None:
        """Return the job of a marked folder, submitted again if that is not known to be."""
        number = mark.get("job")
        name, place = str(mark["name"]), os.path.basename(os.path.dirname(path))
        self._seen.add(str(mark["key"]))
        if number is None:
            try:
                done = handed_in(
                    self.client,
                    [mark["doc"]],
                    say=lambda text: self._tell(f"{name}: {text}"),
                )[0]
            except Refused as error:
                self._lose(name, place, error.sentence)
                return None
            number = done.id
            self._live[number] = self.client.job(number)
            self._tell(f"{name}: job {number}")
            try:
                write_mark(path, {**mark, "job": number})
            except FileNotFoundError:
                # It has begun already; where it is now, its key finds it.
                return self.client.job(number)
        if number in self._live:
            return self._live[number]
        try:
            return self.client.job(number)
        except Missing:
            self._lose(name, place, f"the server knows no job {number}")
            return None

    def _running(self, name: str, now: float) -> bool:
        path = self.folders.path(RUNNING, name)
        if not os.path.isdir(path):
            return False
        said = read_mark(path)
        if said.get("done") and said.get("name") == name:
            self.folders.move(name, RUNNING, str(said["done"]))
            return False
        mark = self._mark(path, name)
        if not mark:
            if self.settling.is_settled(path, now):
                self._lose(name, RUNNING, "it was not started by this spooler")
            return True
        job = self._job(path, mark)
        if job is not None and job.is_final:
            self._finish(name, RUNNING, job)
            return False
        if job is not None and (percent := (job.get("progress") or {}).get("percent")):
            self._once(name, f"{percent:.0f} %")
        return job is not None

    def _finish(self, name: str, source: str, job: Job) -> None:
        """Put the folder of *job*, which has ended, where the results are looked for."""
        path = self.folders.path(source, name)
        reason = job.get("reason") or {}
        target = LOST if reason.get("code") in _OURS else DONE
        if not last_line(path).startswith(FINISHED):
            told = [] if job.is_ok or not job.reason else [f"Job {job.state}: {job.reason}"]
            ended = _local(job["ended_at"])
            add_to_log(path, *told, f"{FINISHED} {ended} with code {job.exit_code}")
        write_mark(path, {**read_mark(path), "done": target})
        called = self.folders.move(name, source, target)
        told_as = "done" if job.is_ok else job.reason or job.state
        self._tell(f"{name}: {told_as}, in {target}/{called}")

    def _lose(self, name: str, source: str, why: str) -> None:
        """Put what cannot be understood aside, with a note."""
        path = self.folders.path(source, name)
        add_to_log(path, f"Job invalid: {path}", *why.splitlines())
        if read_mark(path):
            write_mark(path, {**read_mark(path), "done": LOST})
        called = self.folders.move(name, source, LOST)
        self._tell(f"{name}: {why}; it is in {LOST}/{called}")

    def _kill_what_is_gone(self) -> None:
        """End the jobs whose folders were moved out of our four, or deleted."""
        for job in self._live.values():
            keys = [str(tag) for tag in job["tags"] if str(tag) != self.tag]
            if job.id in self._ending or not self._seen.isdisjoint(keys):
                continue
            if not self._is_there(keys):
                self._tell(f"{job.name}: its folder is gone, job {job.id} is ended")
                self._ending.add(job.id)
                # It may just have ended by itself.
                with suppress(Conflict, Missing):
                    self.client.kill(job.id, wait=False)

    def _is_there(self, keys: list[str]) -> bool:
        """Look again, in the order in which folders move on: none slips by."""
        for place in (QUEUE, RUNNING):
            for name in self.folders.names(place):
                if read_mark(self.folders.path(place, name)).get("key") in keys:
                    return True
        return False

    def _once(self, name: str, text: str) -> None:
        if self._told.get(name) != text:
            self._told[name] = text
            self._tell(f"{name}: {text}")


def _local(instant: str) -> str:
    """Return an instant of the server's as this machine's clock shows it."""
    from datetime import datetime

    return datetime.fromisoformat(instant).astimezone().strftime("%Y-%m-%dT%H:%M:%S")

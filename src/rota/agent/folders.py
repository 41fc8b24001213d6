"""The folders of a node's home that outlive attempts.

HOME/out/JOB/TASK.N.out|err     output; a link when the job names its own place
HOME/work/JOB.TASK.N/           fresh working folder; removed when left empty
HOME/tmp/                       see ``slots``
"""

from __future__ import annotations

import os
from typing import Iterable, List, Sequence, Set

from rota.agent import monitor
from rota.agent.book import Attempt, Ref
from rota.agent.clock import note
from rota.agent.recipe import Places
from rota.agent.spawn import Started
from rota.wire.steps import is_step

_MADE_MAX = 10_000


class Folders:
    """See the head of the file."""

    def __init__(self, home: str) -> None:
        """Make the folders of *home*.

        Raises:
            OSError: it cannot be written.
        """
        self.home = os.path.abspath(home)
        self.tmp = os.path.join(self.home, "tmp")
        self.places = Places(*(os.path.join(self.home, n) for n in ("out", "work")))
        self._made: Set[int] = set()
        for path in (*self.places, self.tmp):
            os.makedirs(path, 0o700, exist_ok=True)

    def make_out(self, job: int) -> None:
        """Make the folder for the outputs of *job*.

        Raises:
            OSError: the home cannot be written.
        """
        if job not in self._made:
            os.makedirs(os.path.join(self.places.out, str(job)), exist_ok=True)
            if len(self._made) > _MADE_MAX:
                self._made.clear()
            self._made.add(job)

    def link_outputs(self, place: str, started: Started) -> None:
        """Leave links at *place* to the files that were really opened."""
        for path, ending in ((started.stdout, ".out"), (started.stderr, ".err")):
            name = place + ending
            try:
                if path != name:
                    os.makedirs(os.path.dirname(name), exist_ok=True)
                    os.symlink(path, name)
            except OSError as error:
                # The job runs; only ``rota log`` will not find what it writes.
                note(f"{name}: {error.strerror}")

    def note_watched(self, place: str, cwd: str, *, globs: Sequence[str]) -> None:
        """Leave a note at *place* of which files below *cwd* are watched."""
        try:
            monitor.leave_note(f"{place}.{monitor.ENDING}", cwd=cwd, globs=globs)
        except OSError as error:
            # The job runs; only ``rota log --file`` will not find them.
            note(f"{place}: {error.strerror}")

    def drop_steps(self, refs: Iterable[Ref]) -> None:
        """Remove what ranks of ``rota spread`` wrote: whoever waited has read it."""
        for job, task, n in refs:
            if is_step(job):
                self._drop(os.path.join(self.places.out, str(job)), f"{task}.{n}.")
                self._made.discard(job)

    def _drop(self, folder: str, stem: str) -> None:
        try:
            for name in os.listdir(folder):
                if name.startswith(stem):
                    os.unlink(os.path.join(folder, name))
            os.rmdir(folder)
        except OSError:
            # Others of its job are still there.
            return

    def own_of(self, attempt: Attempt) -> List[str]:
        """Return the folders that are an attempt's own: its fresh one, and its TMPDIR."""
        own = [attempt.recipe.slot.tmpdir]
        if attempt.recipe.is_fresh:
            own.append(self._work_of(attempt.ref))
        return own

    def remove_work(self, ref: Ref) -> None:
        """Remove the working folder of an attempt, if it has left nothing there."""
        try:
            os.rmdir(self._work_of(ref))
        except OSError:
            # What it holds is the user's; or it was never made.
            return

    def _work_of(self, ref: Ref) -> str:
        return os.path.join(self.places.work, "{}.{}.{}".format(*ref))

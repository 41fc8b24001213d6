"""The folders of a node's home, and what an attempt finds and leaves there.

    HOME/out/JOB/TASK.N.out|err     output; a link when the job names its own place
    HOME/work/JOB.TASK.N/           fresh working folder; removed when left empty
    HOME/tmp/ALLOC/                 hosts, script, progress, tmp/ (TMPDIR): of one strip

One TMPDIR serves a strip, whose tasks run one after another; it is empty whenever a task
begins.  What a task leaves there may be large: it is moved aside and deleted in a thread.
"""

from __future__ import annotations

import os
import threading
from typing import Optional

from rota.agent.book import Ref
from rota.agent.clock import note
from rota.agent.recipe import Places, Recipe
from rota.agent.spawn import Started

_TRASH = ".trash"
_PROGRESS_MAX = 4096


class Folders:
    """See the head of the file."""

    def __init__(self, home: str) -> None:
        """Make the folders of *home*.

        Raises:
            OSError: it cannot be written.
        """
        self.home = os.path.abspath(home)
        self.places = Places(*(os.path.join(self.home, n) for n in ("out", "work", "tmp")))
        self._count = 0
        for path in self.places:
            os.makedirs(path, 0o700, exist_ok=True)

    def make(self, recipe: Recipe) -> None:
        """Make what the tasks of *recipe* share.

        Raises:
            OSError: the home cannot be written.
        """
        if os.path.isdir(recipe.folder):
            self._throw_away(recipe.folder)
        os.makedirs(recipe.tmpdir, 0o700)
        os.makedirs(os.path.join(self.places.out, str(recipe.job)), exist_ok=True)
        _write(recipe.hosts_path, recipe.hosts, 0o600)

    def add(self, recipe: Recipe) -> None:
        """Add the script of *recipe*, if it has one and it is not there yet.

        Raises:
            OSError: the home cannot be written.
        """
        if recipe.script is not None and not os.path.exists(recipe.script_path):
            _write(recipe.script_path, recipe.script, 0o700)

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

    def last_progress(self, recipe: Recipe) -> str:
        """Return the end of what a task wrote to its progress file; "": nothing."""
        try:
            fd = os.open(recipe.progress_path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError:
            return ""
        try:
            size = os.fstat(fd).st_size
            text = os.pread(fd, _PROGRESS_MAX, max(0, size - _PROGRESS_MAX))
            return text.decode("utf-8", "replace")
        except OSError as error:
            # A fifo or a folder of that name: not what it is for.
            note(f"{recipe.progress_path}: {error.strerror}")
            return ""
        finally:
            os.close(fd)

    def clean(self, recipe: Recipe, ref: Ref) -> None:
        """Remove what an attempt has left, but for its output and its work."""
        try:
            if os.listdir(recipe.tmpdir):
                self._throw_away(recipe.tmpdir)
                os.mkdir(recipe.tmpdir, 0o700)
            if os.path.lexists(recipe.progress_path):
                os.unlink(recipe.progress_path)
        except OSError as error:
            self._renew(recipe, error)
        if recipe.is_fresh:
            fresh = os.path.join(self.places.work, "{}.{}.{}".format(*ref))
            _remove_if_empty(fresh)

    def remove(self, recipe: Recipe) -> None:
        """Remove what the tasks of *recipe* have shared."""
        os.chdir("/")
        for path in (recipe.hosts_path, recipe.script_path):
            _unlink(path)
        if not _remove_if_empty(recipe.tmpdir) or not _remove_if_empty(recipe.folder):
            self._throw_away(recipe.folder)

    def remove_left(self, alloc: int) -> None:
        """Remove what a shepherd that was killed has left of *alloc*."""
        self._throw_away(os.path.join(self.places.tmp, str(alloc)))

    def _renew(self, recipe: Recipe, error: OSError) -> None:
        # The job has removed or replaced its own TMPDIR; the next one shall have one.
        note(f"{recipe.tmpdir}: {error.strerror}")
        try:
            os.makedirs(recipe.tmpdir, 0o700, exist_ok=True)
        except OSError as again:
            note(f"{recipe.tmpdir}: {again.strerror}")

    def _throw_away(self, path: str) -> None:
        self._count += 1
        trash = os.path.join(self.places.tmp, f"{_TRASH}.{os.getpid()}.{self._count}")
        try:
            os.rename(path, trash)
        except FileNotFoundError:
            return
        except OSError as error:
            note(f"{path}: {error.strerror}")
            return
        threading.Thread(target=remove_tree, args=(trash,), daemon=True).start()

    def empty_trash(self) -> None:
        """Delete what an earlier shepherd had no time to delete."""
        for name in os.listdir(self.places.tmp):
            if name.startswith(_TRASH):
                path = os.path.join(self.places.tmp, name)
                threading.Thread(target=remove_tree, args=(path,), daemon=True).start()


def remove_tree(path: str, parent: Optional[int] = None) -> None:
    """Remove the folder *path* and all in it, following no link (G25)."""
    try:
        folder = _open_folder(path, parent)
        try:
            with os.scandir(folder) as entries:
                for entry in list(entries):
                    if entry.is_dir(follow_symlinks=False):
                        remove_tree(entry.name, folder)
                    else:
                        os.unlink(entry.name, dir_fd=folder)
        finally:
            os.close(folder)
        os.rmdir(path, dir_fd=parent)
    except OSError as error:
        note(f"cannot remove {path}: {error.strerror}")


def _open_folder(path: str, parent: Optional[int]) -> int:
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        return os.open(path, flags, dir_fd=parent)
    except PermissionError:
        # Its maker has shut it; it is ours all the same.
        os.chmod(path, 0o700, dir_fd=parent)
        return os.open(path, flags, dir_fd=parent)


def _write(path: str, text: str, mode: int) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    fd = os.open(path, flags, mode)
    try:
        data = text.encode("utf-8", "surrogateescape")
        while data:
            data = data[os.write(fd, data) :]
    finally:
        os.close(fd)


def _remove_if_empty(path: str) -> bool:
    try:
        os.rmdir(path)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
    except OSError as error:
        note(f"{path}: {error.strerror}")

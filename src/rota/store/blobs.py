"""What a store of files must do, and the one that is a folder.

    HOME/blobs/ann/9f/9f86d0…          a file of ann's, whole and verified, read-only
    HOME/blobs/ann/9f/9f86d0….part     on its way; what is there need not be sent again
    HOME/blobs/ann/pins/12             files of job 12 stay

Files are named by the sha256 of what is in them, so the same input of a thousand jobs is
one file.  Each user has a folder: nobody learns what others have stored, and a quota is
what lies in it.  Nothing here knows which file belongs to which job: trees say that
(``wire.trees``), and whoever throws away asks them first.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol
from urllib.parse import quote

from rota.core.errors import Conflict, Full, Malformed, Missing, Refused

PIECE = 1 << 20
PART = ".part"
PINS = "pins"


class Held(NamedTuple):
    """A stored file: *used_at* is when it was stored or last asked for, ms."""

    digest: str
    size: int
    used_at: int


class Upload(Protocol):
    """A file on its way in; ``close`` lets go of it, complete or not."""

    def write(self, data: bytes) -> None:
        """Add *data*.

        Raises:
            Full: the disk is;  Malformed: it is longer than was said.
        """

    def finish(self) -> bool:
        """Return whether it is complete; then it is verified and on disk (G01).

        Raises:
            Malformed: what came is not what its digest says; nothing of it is kept.
        """

    def close(self) -> None:
        """Let go; what came stays for whoever goes on."""


class Blobs(Protocol):
    """See the head of the file.  Methods block and may be called from any thread."""

    def size_of(self, user: str, digest: str) -> int | None:
        """Return how many bytes a stored file has; None: it is not stored."""

    def touch(self, user: str, digest: str) -> bool:
        """Return whether a file is stored; then it counts as used now."""

    def begun(self, user: str, digest: str) -> int:
        """Return how many bytes are there of a file that is on its way."""

    def open(self, user: str, digest: str) -> BinaryIO:
        """Return a stored file, to be read from anywhere.

        Raises:
            Missing: *user* has no such file.
        """

    def upload(self, user: str, digest: str, *, at: int, size: int) -> Upload:
        """Take bytes of a file of *size* bytes from byte *at* on.

        Raises:
            Conflict: another one is sending it, or it does not go on at *at*.
        """

    def held(self, user: str) -> Iterator[Held]:
        """Yield all files of *user*, whole ones and parts."""

    def users(self) -> list[str]:
        """Return who has files here."""

    def used(self, user: str) -> int:
        """Return how many bytes *user* has here."""

    def pin(self, user: str, job: int) -> None:
        """Note that the files of *job* are to stay."""

    def unpin(self, user: str, job: int) -> None:
        """Undo ``pin``."""

    def pins(self, user: str) -> list[int]:
        """Return the jobs of *user* whose files are to stay, in order."""

    def remove(self, user: str, digest: str) -> None:
        """Throw a file away, whole or not, if it is there."""


class FolderBlobs:
    """Files in folders; see the head of the file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._used: dict[str, int] = {}

    def size_of(self, user: str, digest: str) -> int | None:
        """See ``Blobs``."""
        try:
            return self._path(user, digest).stat().st_size
        except FileNotFoundError:
            return None

    def touch(self, user: str, digest: str) -> bool:
        """See ``Blobs``."""
        try:
            os.utime(self._path(user, digest))
        except FileNotFoundError:
            return False
        return True

    def begun(self, user: str, digest: str) -> int:
        """See ``Blobs``."""
        try:
            return self._path(user, digest + PART, digest).stat().st_size
        except FileNotFoundError:
            return 0

    def open(self, user: str, digest: str) -> BinaryIO:
        """See ``Blobs``."""
        path = self._path(user, digest)
        try:
            file = path.open("rb")
        except FileNotFoundError:
            raise Missing(f"no file {digest} is stored for {user}") from None
        os.utime(path)
        return file

    def upload(self, user: str, digest: str, *, at: int, size: int) -> FolderUpload:
        """See ``Blobs``."""
        path = self._path(user, digest)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            upload = FolderUpload(path, digest=digest, size=size)
        except OSError as error:
            raise full_of(error) from None
        if upload.at != at:
            upload.close()
            raise Conflict(f"of {digest} there are {upload.at} bytes: go on there")
        if user in self._used:
            self._used[user] += size - at
        return upload

    def held(self, user: str) -> Iterator[Held]:
        """See ``Blobs``."""
        root = self._folder / name_of(user)
        for folder, folders, names in os.walk(root):
            folders[:] = [name for name in folders if name != PINS]
            for name in names:
                try:
                    state = Path(folder, name).stat()
                except FileNotFoundError:
                    continue
                digest = name.removesuffix(PART)
                yield Held(digest, state.st_size, state.st_mtime_ns // 1_000_000)

    def users(self) -> list[str]:
        """See ``Blobs``."""
        from urllib.parse import unquote

        if not self._folder.is_dir():
            return []
        return sorted(unquote(path.name) for path in self._folder.iterdir())

    def used(self, user: str) -> int:
        """See ``Blobs``."""
        if user not in self._used:
            self._used[user] = sum(held.size for held in self.held(user))
        return self._used[user]

    def pin(self, user: str, job: int) -> None:
        """See ``Blobs``."""
        folder = self._pins(user)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / str(job)).touch(0o600)
        _sync_folder(folder)

    def unpin(self, user: str, job: int) -> None:
        """See ``Blobs``."""
        (self._pins(user) / str(job)).unlink(missing_ok=True)

    def pins(self, user: str) -> list[int]:
        """See ``Blobs``."""
        folder = self._pins(user)
        return (
            sorted(int(path.name) for path in folder.iterdir()) if folder.is_dir() else []
        )

    def path_of(self, user: str, digest: str) -> Path:
        """Return where a whole file lies."""
        return self._path(user, digest)

    def _pins(self, user: str) -> Path:
        return self._folder / name_of(user) / PINS

    def remove(self, user: str, digest: str) -> None:
        """See ``Blobs``."""
        self._path(user, digest).unlink(missing_ok=True)
        self._path(user, digest + PART, digest).unlink(missing_ok=True)
        self._used.pop(user, None)

    def _path(self, user: str, name: str, digest: str | None = None) -> Path:
        return self._folder / name_of(user) / (digest or name)[:2] / name


class FolderUpload:
    """A part that grows; a lock that the kernel takes back says whose it is."""

    def __init__(self, path: Path, *, digest: str, size: int) -> None:
        self._path, self._digest, self._size = path, digest, size
        self._part = path.with_name(path.name + PART)
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        self._fd = os.open(self._part, flags, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._fd)
            raise Conflict(f"{digest} is being sent by somebody else; try later") from None
        self.at = os.lseek(self._fd, 0, os.SEEK_END)

    def write(self, data: bytes) -> None:
        """See ``Upload``."""
        if self.at + len(data) > self._size:
            raise Malformed(f"{self._digest} is longer than the {self._size} bytes it has")
        left = memoryview(data)
        try:
            while left:
                count = os.write(self._fd, left)
                self.at += count
                left = left[count:]
        except OSError as error:
            raise full_of(error) from None

    def finish(self) -> bool:
        """See ``Upload``."""
        if self.at < self._size:
            return False
        if self._digest_there() != self._digest:
            os.ftruncate(self._fd, 0)
            raise Malformed(f"what came for {self._digest} has another digest")
        try:
            os.fchmod(self._fd, 0o400)
            os.fdatasync(self._fd)
            self._part.rename(self._path)
            _sync_folder(self._path.parent)
        except OSError as error:
            raise full_of(error) from None
        return True

    def close(self) -> None:
        """See ``Upload``."""
        os.close(self._fd)

    def _digest_there(self) -> str:
        os.lseek(self._fd, 0, os.SEEK_SET)
        with open(self._fd, "rb", closefd=False) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def blobs_at(where: str | None, home: Path) -> Blobs:
    """Return the store of files at *where*: s3://…, a folder, or None for the home's own.

    Raises:
        Refused: it is no such place, or its driver is not installed.
    """
    own = home / "blobs"
    if where is None:
        return FolderBlobs(own)
    if "://" not in where:
        folder = Path(where)
        if not folder.is_dir():
            raise Refused(f"--blobs {where} is no folder; make it, for this user alone")
        return FolderBlobs(folder)
    try:
        from rota.store.bucket import BucketBlobs
    except ImportError as error:
        raise Refused(
            f"files in a bucket need a driver that is not installed ({error.name}): "
            "pip install 'rota[s3]'"
        ) from None
    return BucketBlobs(where, own)


def full_of(error: OSError) -> Full:
    """Return the refusal that a failing disk means: nothing more can be promised."""
    return Full(f"the server cannot store files now: {error.strerror}; make room there")


def name_of(user: str) -> str:
    """Return what the folder of *user* is called: no name leads anywhere else."""
    return quote(user, safe="").replace(".", "%2E") or "%"


def _sync_folder(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)

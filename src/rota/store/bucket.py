"""A store of files in a bucket: Amazon S3, or what speaks as it does.

    PREFIX/ann/9f/9f86d0…     a file of ann's, whole and verified
    PREFIX/ann/used/9f86d0…   empty; its age says when the file was last asked for
    PREFIX/ann/pins/12        empty; files of job 12 stay

What is on its way lies in a folder here (``FolderBlobs``) until it is whole and verified;
only then it goes to the bucket, and is gone here once it is there.  A bucket that does not
answer is ``Unreachable``: agents and clients ask again, and what came already stays.

Keys and endpoint are those of the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
AWS_REGION, AWS_ENDPOINT_URL.
"""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import unquote

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from rota.core.errors import Conflict, Missing, Refused, Unreachable
from rota.store.blobs import PINS, FolderBlobs, Held, Upload, name_of

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

USED = "used"
USED_EVERY_S = 3600.0
"""So often it is noted that a file was asked for."""

PATIENCE_S = 30
READ_AHEAD = 4 << 20


class BucketBlobs:
    """See the head of the file, and ``blobs.Blobs`` for what each method promises."""

    def __init__(self, url: str, spool: Path) -> None:
        """Use the bucket at *url*, s3://BUCKET/PREFIX; what comes in lies in *spool*.

        Raises:
            Refused: it is no such address.
        """
        self.url = url
        self._spool = FolderBlobs(spool)
        self._store = _store_at(url)
        self._used: dict[str, int] = {}
        self._noted: dict[tuple[str, str], float] = {}

    def size_of(self, user: str, digest: str) -> int | None:
        """See ``Blobs``."""
        with self._told_apart():
            try:
                return int(obstore.head(self._store, _key(user, digest))["size"])
            except FileNotFoundError:
                return None

    def touch(self, user: str, digest: str) -> bool:
        """See ``Blobs``."""
        if self.size_of(user, digest) is None:
            return False
        self._note_use(user, digest)
        return True

    def _note_use(self, user: str, digest: str) -> None:
        now = time.monotonic()
        if now - self._noted.get((user, digest), -USED_EVERY_S) >= USED_EVERY_S:
            self._mark(f"{name_of(user)}/{USED}/{digest}")
            self._noted[user, digest] = now

    def _mark(self, key: str) -> None:
        with self._told_apart():
            obstore.put(self._store, key, b"")

    def begun(self, user: str, digest: str) -> int:
        """See ``Blobs``."""
        whole = self._spool.size_of(user, digest)
        return self._spool.begun(user, digest) if whole is None else whole

    def open(self, user: str, digest: str) -> BinaryIO:
        """See ``Blobs``."""
        with self._told_apart():
            try:
                file = obstore.open_reader(
                    self._store, _key(user, digest), buffer_size=READ_AHEAD
                )
            except FileNotFoundError:
                raise Missing(f"no file {digest} is stored for {user}") from None
        self._note_use(user, digest)
        return io.BufferedReader(_Reading(self, file), buffer_size=1 << 20)

    def upload(self, user: str, digest: str, *, at: int, size: int) -> Upload:
        """See ``Blobs``."""
        whole = self._spool.size_of(user, digest)
        if whole is None:
            part = self._spool.upload(user, digest, at=at, size=size)
            return _Sending(self, part, user=user, digest=digest)
        if at != whole:
            raise Conflict(f"of {digest} there are {whole} bytes: go on there")
        return _Sending(self, None, user=user, digest=digest)

    def send(self, user: str, digest: str) -> None:
        """Bring a whole file from the spool to the bucket."""
        path = self._spool.path_of(user, digest)
        with self._told_apart():
            obstore.put(self._store, _key(user, digest), path)
        self._used[user] = self._used.get(user, 0) + path.stat().st_size
        self._spool.remove(user, digest)

    def held(self, user: str) -> Iterator[Held]:
        """See ``Blobs``."""
        used: dict[str, int] = {}
        files: dict[str, tuple[int, int]] = {}
        for key, size, at in self._listed(f"{name_of(user)}/"):
            folder, _, name = key.partition("/")
            if folder == USED:
                used[name] = at
            elif folder != PINS:
                files[name] = (size, at)
        for digest, (size, at) in files.items():
            yield Held(digest, size, max(at, used.get(digest, 0)))
        yield from self._spool.held(user)

    def _listed(self, prefix: str) -> Iterator[tuple[str, int, int]]:
        """Yield (key after *prefix*, bytes, ms of its last write)."""
        with self._told_apart():
            for page in obstore.list(self._store, prefix=prefix):
                for row in page:
                    at = int(row["last_modified"].timestamp() * 1000)
                    yield str(row["path"]).removeprefix(prefix), int(row["size"]), at

    def users(self) -> list[str]:
        """See ``Blobs``."""
        with self._told_apart():
            folders = obstore.list_with_delimiter(self._store)["common_prefixes"]
        return sorted({*map(unquote, folders), *self._spool.users()})

    def used(self, user: str) -> int:
        """See ``Blobs``."""
        if user not in self._used:
            self._used[user] = sum(held.size for held in self.held(user))
        return self._used[user]

    def pin(self, user: str, job: int) -> None:
        """See ``Blobs``."""
        self._mark(f"{name_of(user)}/{PINS}/{job}")

    def unpin(self, user: str, job: int) -> None:
        """See ``Blobs``."""
        self._delete(f"{name_of(user)}/{PINS}/{job}")

    def pins(self, user: str) -> list[int]:
        """See ``Blobs``."""
        return sorted(int(key) for key, _, _ in self._listed(f"{name_of(user)}/{PINS}/"))

    def remove(self, user: str, digest: str) -> None:
        """See ``Blobs``."""
        self._delete(_key(user, digest))
        self._delete(f"{name_of(user)}/{USED}/{digest}")
        self._noted.pop((user, digest), None)
        self._spool.remove(user, digest)
        self._used.pop(user, None)

    def _delete(self, key: str) -> None:
        with self._told_apart():
            try:
                obstore.delete(self._store, key)
            except FileNotFoundError:
                return

    @contextmanager
    def _told_apart(self) -> Iterator[None]:
        """Turn what the bucket's library raises into an error of ours."""
        try:
            yield
        except (BaseError, OSError) as error:
            if isinstance(error, FileNotFoundError):
                raise
            why = str(error).partition("\n")[0]
            raise Unreachable(
                f"the files in {self.url} cannot be had now: {why}; ask again later"
            ) from error

    def read_into(self, file: Any, buffer: WriteableBuffer) -> int:
        """Fill *buffer* from *file*; return how many bytes there were."""
        view = memoryview(buffer)
        with self._told_apart():
            data = file.read(len(view))
        view[: len(data)] = data
        return len(data)


class _Reading(io.RawIOBase):
    """A file of the bucket, read from anywhere."""

    def __init__(self, blobs: BucketBlobs, file: Any) -> None:
        self._blobs, self._file = blobs, file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        return self._blobs.read_into(self._file, buffer)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        return int(self._file.tell())


class _Sending:
    """An upload: here until it is whole, then on to the bucket."""

    def __init__(
        self, blobs: BucketBlobs, part: Upload | None, *, user: str, digest: str
    ) -> None:
        self._blobs, self._part = blobs, part
        self._user, self._digest = user, digest

    def write(self, data: bytes) -> None:
        """See ``Upload``."""
        if self._part is not None:
            self._part.write(data)

    def finish(self) -> bool:
        """See ``Upload``."""
        if self._part is not None and not self._part.finish():
            return False
        self._blobs.send(self._user, self._digest)
        return True

    def close(self) -> None:
        """See ``Upload``."""
        if self._part is not None:
            self._part.close()


def _key(user: str, digest: str) -> str:
    return f"{name_of(user)}/{digest[:2]}/{digest}"


def _store_at(url: str) -> S3Store:
    where = url.removeprefix("s3://")
    bucket, _, prefix = where.partition("/")
    if not url.startswith("s3://") or not bucket:
        raise Refused(f"{url} is no bucket; write s3://BUCKET/PREFIX")
    endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
    return S3Store(
        bucket,
        prefix=prefix.strip("/") or None,
        client_options={
            "allow_http": endpoint.startswith("http://"),
            "timeout": f"{PATIENCE_S}s",
            "connect_timeout": "5s",
        },
        retry_config={
            "max_retries": 3, "retry_timeout": timedelta(seconds=PATIENCE_S),
        },
    )  # fmt: skip

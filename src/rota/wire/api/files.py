"""Files: what is asked of the store and of jobs about them, and what is answered."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from rota.wire.api.words import Body, Bytes, Digest, Index, Instant, Query, View

CLEAN_SCHEMA = "rota.clean/1"
FILES_SCHEMA = "rota.files/1"


class FilesQuery(Query, kw_only=True):
    """Which attempt's outputs, or which tree of its owner's."""

    task: Index | None = None
    attempt: Annotated[int, Meta(ge=1)] | None = None
    tree: Digest | None = None


class BlobQuery(Query, kw_only=True):
    """Whose files: those of an attempt's owner, JOB.TASK.N; else one's own."""

    attempt: Annotated[str, Meta(max_length=64)] | None = None


class LackingBody(Body, kw_only=True):
    """Files that somebody wants to send: the sha256 and the size of each."""

    blobs: Annotated[list[tuple[str, int]], Meta(max_length=10_000)]


class SnapBody(Body, kw_only=True):
    """Which files of a running job: patterns, as in ``outputs``."""

    patterns: Annotated[list[str], Meta(min_length=1, max_length=1000)]
    task: Index | None = None


class PutBody(Body, kw_only=True):
    """What to lay into the folder of a running job."""

    tree: Digest
    task: Index | None = None


class InputBody(Body, kw_only=True):
    """What is typed to a running job, in base64; and how large its screen is now."""

    b64: Annotated[str, Meta(max_length=90_000, pattern="^[A-Za-z0-9+/]*={0,2}$")] = ""
    eof: bool = False
    rows: Annotated[int, Meta(ge=1, le=9999)] | None = None
    columns: Annotated[int, Meta(ge=1, le=9999)] | None = None
    task: Index | None = None


class SendBody(Body, kw_only=True):
    """A piece of what a running job is to read, as base64; ``end``: nothing comes after.

    *sender* names who sends, by any word that nobody else uses; *offset* counts the bytes
    that it has sent before: what is sent again is read once.
    """

    sender: Annotated[str, Meta(pattern="^[0-9A-Za-z_-]{8,64}$")]
    offset: Annotated[int, Meta(ge=0)] = 0
    data: Annotated[bytes, Meta(max_length=64 << 10)] = b""
    end: bool = False
    wait: Annotated[bool, Meta(description="until it runs, for a while")] = False
    task: Index | None = None


class SentView(View, kw_only=True):
    """How many bytes of the sender were taken, and by which attempt; 0: none runs yet."""

    attempt: int
    at: Bytes


class CleanBody(Body, kw_only=True):
    """Which stored files may go; with ``pin`` or ``unpin`` only that is done."""

    older: Annotated[str, Meta(description="of jobs over so long: 30d")] = "30d"
    dry_run: bool = False
    pin: Annotated[list[int], Meta(max_length=1000)] = []
    unpin: Annotated[list[int], Meta(max_length=1000)] = []


class CleanedJob(View, kw_only=True):
    """A job some of whose files go."""

    id: int
    ended_at: Instant


class CleanView(View, kw_only=True):
    """What went, or would."""

    schema: str = CLEAN_SCHEMA
    dry_run: bool
    jobs: list[CleanedJob]
    files: int
    bytes: Bytes
    pinned: list[int]


class FileView(View, kw_only=True, omit_defaults=True):
    """A file, with a digest; a link, with its target; or an empty folder."""

    path: str
    mode: int = 0
    size: Bytes = 0
    digest: str | None = None
    link: str | None = None


class FilesView(View, kw_only=True):
    """What was stored of an attempt; tree None: nothing was."""

    schema: str = FILES_SCHEMA
    id: int
    task: int
    attempt: int
    tree: str | None
    files: list[FileView]


class StagedView(View, kw_only=True):
    """What a node has stored, or laid into the folder of a running job."""

    attempt: int
    tree: str | None
    files: int
    bytes: Bytes


class BlobView(View, kw_only=True):
    """A stored file, or one of which more is to come."""

    digest: str
    size: Bytes
    done: bool


class LackingView(View, kw_only=True):
    """Which files are not stored: [sha256, bytes that are there already]."""

    lacking: list[tuple[str, int]]

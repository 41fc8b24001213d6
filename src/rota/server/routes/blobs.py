"""Files in and out of the store: in pieces, from any byte on, never on the loop.

    POST /blobs/lacking        which of these are to be sent, and from which byte
    PUT  /blobs/DIGEST         X-Rota-Offset, X-Rota-Size; the rest of the file as body
    GET  /blobs/DIGEST         Range: bytes=N-

An agent says which attempt it asks for, and is answered only while that lives; a user asks
for his own, or for those of an attempt of a job that he may touch.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, BinaryIO, TypeVar

from starlette.requests import ClientDisconnect
from starlette.responses import Response, StreamingResponse

from rota.core.errors import Malformed, Missing, NotAllowed
from rota.core.units import show_size
from rota.engine.live import Job
from rota.server.auth import Pass
from rota.server.parts import Parts
from rota.server.route import Call, in_time, json_response
from rota.server.routes.listing import attempt_row, job_row
from rota.server.sight import check_read
from rota.store.blobs import PIECE, Upload
from rota.wire import api, trees

BYTES_MAX = 1 << 40
"""Bytes of one file."""

PROBE = 64 << 10
WORTH = 0.9
"""Deflating is worth its time when a probe shrinks below this part of its size."""

T = TypeVar("T")


async def lacking_blobs(parts: Parts, call: Call) -> api.LackingView:
    """Say which files are not stored yet, and how much of each is there."""
    body: api.LackingBody = call.body
    user = await owner_of(parts, call, attempt=call.query.attempt)
    for digest, size in body.blobs:
        if not trees.is_digest(digest) or not 0 <= size <= BYTES_MAX:
            raise Malformed(f"{digest[:80]!r} with {size} bytes is no file to store")

    def look() -> list[tuple[str, int]]:
        found = [
            (digest, size)
            for digest, size in body.blobs
            if not parts.blobs.touch(user, digest)
        ]
        wanted = sum(size for _, size in found)
        used = parts.blobs.used(user) if wanted else 0
        quota = parts.mind.memory.rules.quota_of(user).stored
        if used + wanted > quota:
            raise NotAllowed(
                f"{show_size(wanted)} more would be over the {show_size(quota)} that "
                f"{user} may store ({show_size(used)} are); rota clean makes room"
            )
        return [(digest, parts.blobs.begun(user, digest)) for digest, _ in found]

    return api.LackingView(lacking=await aside(parts, look))


async def store_blob(parts: Parts, call: Call) -> Response:
    """Take a file, or the rest of one, whose sha256 is its name."""
    digest = digest_of(call)
    user = await owner_of(parts, call, attempt=call.query.attempt)
    at, size = _number(call, "x-rota-offset"), _number(call, "x-rota-size")
    if size > BYTES_MAX:
        raise Malformed(f"a file has at most {show_size(BYTES_MAX)}")
    if parts.blobs.size_of(user, digest) is not None:
        return json_response(api.BlobView(digest=digest, size=size, done=True))
    upload = await aside(parts, lambda: parts.blobs.upload(user, digest, at=at, size=size))
    try:
        await _pour(parts, call, upload, size_max=size - at)
        done = await aside(parts, upload.finish)
    finally:
        upload.close()
    view = api.BlobView(digest=digest, size=size, done=done)
    return json_response(view, status=201 if done else 202)


async def read_blob(parts: Parts, call: Call) -> Response:
    """Give a stored file, from a byte on; deflated for who takes that and gains by it."""
    digest = digest_of(call)
    user = await owner_of(parts, call, attempt=call.query.attempt)
    file = await aside(parts, lambda: parts.blobs.open(user, digest))
    at = _range(call)
    probe = await aside(parts, lambda: _probe(file, at))
    takes = call.request.headers.get("accept-encoding", "")
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    pieces = pieces_of(parts, file)
    if "deflate" in takes and _is_worth(probe):
        headers["Content-Encoding"] = "deflate"
        pieces = _deflated(parts, pieces)
    else:
        size = parts.blobs.size_of(user, digest) or 0
        headers["Content-Length"] = str(max(0, size - at))
    status = 206 if at else 200
    return StreamingResponse(pieces, status, headers, "application/octet-stream")


async def owner_of(parts: Parts, call: Call, *, attempt: str | None) -> str:
    """Return whose files are asked for.

    Raises:
        NotAllowed: an agent asks for what does not run;  a user for what is not his.
    """
    if attempt is None:
        if call.agent is not None:
            raise NotAllowed("an agent says which attempt it asks for: ?attempt=12.0.1")
        return call.user.name
    job, task, n = _attempt(attempt)
    live = parts.mind.memory.jobs.get(job)
    if call.agent is not None:
        if live is None or not _runs(live, task, n=n, agent=call.agent):
            raise NotAllowed(f"attempt {attempt} does not run there: it has no files")
        return live.user.name
    row = await job_row(parts, job, user=call.user)
    if not call.user.may_enter(row["user"]):
        await _check_shared(parts, call, row=row, task=task, n=n)
    return str(row["user"])


async def _check_shared(
    parts: Parts, call: Call, *, row: Mapping[str, Any], task: int, n: int
) -> None:
    """Refuse all but the outputs of an attempt whose owner shares them.

    Raises:
        NotAllowed: it is not shared, not one of them, or to be stored.
    """
    job = row["id"]
    check_read(parts.mind.memory.rules, call.user, row, what="files")
    if call.request.method != "GET":
        raise NotAllowed(f"the files of job {job} belong to {row['user']}")
    attempt = await attempt_row(parts, row, task=task, n=n)
    wanted, outputs = digest_of(call), outputs_of(attempt)
    if wanted == outputs:
        return
    if outputs is None:
        raise NotAllowed(f"of job {job} no outputs are stored")
    tree = await aside(parts, lambda: stored_tree(parts, row["user"], outputs))
    if wanted not in {file.digest for file in tree.files}:
        raise NotAllowed(f"of job {job} only the outputs are shared with you")


def _runs(job: Job, task: int, *, n: int, agent: Pass) -> bool:
    """Is that attempt alive, and may it be that *agent* runs it (G30)?"""
    found = job.tasks.get(task)
    if found is None or found.n != n or found.alloc is None:
        return False
    return agent.node is None or found.alloc.node == agent.node


async def aside(parts: Parts, work: Callable[[], T]) -> T:
    """Do *work*, which waits for a disk, in a thread."""
    return await asyncio.get_running_loop().run_in_executor(parts.movers, work)


def outputs_of(attempt: Mapping[str, Any]) -> str | None:
    """Return the tree of what an attempt left, if it was stored."""
    outputs = (attempt.get("usage") or {}).get("outputs") or {}
    digest = outputs.get("tree")
    return str(digest) if digest else None


def digest_of(call: Call) -> str:
    """Return the digest that the path of *call* names.

    Raises:
        Missing: it names none.
    """
    digest = str(call.request.path_params["digest"])
    if not trees.is_digest(digest):
        raise Missing(f"{digest[:80]!r} is no sha256")
    return digest


async def _pour(parts: Parts, call: Call, upload: Upload, *, size_max: int) -> None:
    """Write the body of *call* to *upload*, a piece at a time."""
    deflated = call.request.headers.get("content-encoding", "") == "deflate"
    inflate = zlib.decompressobj() if deflated else None
    came = 0

    def write(data: bytes) -> None:
        nonlocal came
        # A bomb is never blown up: no more is inflated than is still to come.
        clear = inflate.decompress(data, size_max - came + 1) if inflate else data
        came += len(clear)
        upload.write(clear)
        if inflate is not None and inflate.unconsumed_tail:
            raise Malformed("the body is larger than was said")

    held = bytearray()
    try:
        async for part in in_time(call.request):
            held += part
            if len(held) >= PIECE:
                data, held = bytes(held), bytearray()
                await aside(parts, lambda data=data: write(data))  # type: ignore[misc]
        await aside(parts, lambda: write(bytes(held)))
    except ClientDisconnect:
        # What came is kept: who comes back goes on there.
        await aside(parts, lambda: write(bytes(held)))
        raise Malformed("the request ended before its body did") from None
    except zlib.error as error:
        raise Malformed(f"the body is not deflated: {error}") from None


async def pieces_of(parts: Parts, file: BinaryIO) -> AsyncIterator[bytes]:
    """Yield what is left of *file*, read in a thread, and close it."""
    try:
        while piece := await aside(parts, lambda: file.read(PIECE)):
            yield piece
    finally:
        file.close()


async def _deflated(parts: Parts, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    deflate = zlib.compressobj(1)
    async for piece in pieces:
        data = await aside(parts, lambda piece=piece: deflate.compress(piece))  # type: ignore[misc]
        if data:
            yield data
    yield deflate.flush()


def _probe(file: BinaryIO, at: int) -> bytes:
    file.seek(at)
    probe = file.read(PROBE)
    file.seek(at)
    return probe


def _is_worth(probe: bytes) -> bool:
    return len(probe) > 256 and len(zlib.compress(probe, 1)) < WORTH * len(probe)


def _range(call: Call) -> int:
    text = call.request.headers.get("range")
    if text is None:
        return 0
    number = text.removeprefix("bytes=").removesuffix("-")
    if not number.isdigit():
        raise Malformed(f"Range: {text[:60]} is not understood; write bytes=N-")
    return int(number)


def _number(call: Call, name: str) -> int:
    text = call.request.headers.get(name, "")
    if not text.isdigit() or len(text) > 18:
        raise Malformed(f"the header {name} is a number of bytes, not {text[:40]!r}")
    return int(text)


def _attempt(text: str) -> tuple[int, int, int]:
    parts = text.split(".")
    if len(parts) != 3 or not all(part.isdigit() and len(part) < 19 for part in parts):
        raise Malformed(f"attempt={text[:60]} is not JOB.TASK.N such as 12.0.1")
    job, task, n = map(int, parts)
    return job, task, n


def stored_tree(parts: Parts, user: str, digest: str) -> trees.Tree:
    """Return the tree *digest* of *user*; blocks.

    Raises:
        Missing: it is not stored, or not all of it;  Malformed: it is no tree.
    """
    with parts.blobs.open(user, digest) as file:
        data = file.read(trees.LIST_MAX + 1)
    try:
        return trees.read(data)
    except trees.BadTree as error:
        raise Malformed(f"{digest} is no tree: {error}") from None


def check_tree(parts: Parts, user: str, digest: str) -> str:
    """Return what is wrong with tree *digest* of *user*, "" when all is there; blocks."""
    try:
        tree = stored_tree(parts, user, digest)
    except (Missing, Malformed) as error:
        return error.sentence
    sizes: dict[str, Any] = {file.digest: file for file in tree.files}
    for name, file in sizes.items():
        if parts.blobs.size_of(user, name) != file.size:
            return f"its file {file.path} is not stored"
    return ""

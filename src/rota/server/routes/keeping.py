"""Looking after the store: a copy of it for who asks, and whether it is whole.

GET /store/copy ──▶ home/copying/rota.db, of one instant ──▶ sent, its name gone already
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO

from starlette.responses import StreamingResponse

from rota.server.parts import Parts
from rota.server.route import Call
from rota.server.routes.blobs import aside, pieces_of
from rota.wire import api


async def copy_store(parts: Parts, call: Call) -> StreamingResponse:
    """Give a copy of the store, one SQLite file of one instant; for administrators."""
    # One at a time: each needs as much room as the store.
    async with parts.copying:
        file = await aside(parts, lambda: _copied(parts))
    size = os.fstat(file.fileno()).st_size
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        "Content-Length": str(size),
        "X-Rota-Size": str(size),
    }
    pieces: AsyncIterator[bytes] = pieces_of(parts, file)
    return StreamingResponse(pieces, 200, headers, "application/octet-stream")


async def check_store(parts: Parts, call: Call) -> api.StoreChecked:
    """Look at every page and every row of the store; for administrators, and slow."""
    return api.StoreChecked(problems=await parts.read(parts.store.check))


def _copied(parts: Parts) -> BinaryIO:
    """Return a copy that is open and has no name any more: nothing of it can be left."""
    folder = Path(parts.about.home) / "copying"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        path = folder / "rota.db"
        parts.store.backup(path)
        return path.open("rb")
    finally:
        shutil.rmtree(folder, ignore_errors=True)

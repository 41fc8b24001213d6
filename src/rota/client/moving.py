"""Files to the server's store and back: in pieces, resumed where they broke off, verified.

    stored(line, docs)          inputs and freeze of documents ──→ tree: DIGEST
    Mover.send(gathered)        what the store lacks; returns the tree's digest
    Mover.fetch(tree, folder)   files of a tree, none overwritten unasked

Over a network pieces are deflated where that helps; on one machine that would only cost.
"""

from __future__ import annotations

import json
import os
import zlib

from rota.client import calls
from rota.client.connection import Connection
from rota.client.each import asked_of
from rota.client.filing import FILE_KEYS
from rota.client.gathering import digest_of, gather
from rota.core.errors import Complaint, Conflict, Malformed, Unreachable
from rota.wire import trees

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from rota.client.calls import Call
    from rota.client.find import Address
    from rota.client.gathering import Gathered

    Told = Callable[[int, int], None]

PIECE = 4 << 20
ASKED_MAX = 5_000
TRIES_MAX = 5
_WORTH = 0.9


def has_files(docs: Sequence[Mapping[str, Any]]) -> bool:
    """Does one of *docs* name files that have not been stored yet?"""
    return any(key in doc for doc in docs for key in FILE_KEYS)


def stored(
    address: Address, docs: Sequence[Mapping[str, Any]], *, told: Told | None = None
) -> list[dict[str, Any]]:
    """Return *docs* with their files stored and named by ``tree``; alike ones once.

    Raises:
        Malformed: files that are not there, or cannot travel; all of them.
    """
    mover = Mover(address, told=told)
    known: dict[tuple[Any, ...], str] = {}
    found = []
    for doc in docs:
        if "tree" in doc or not has_files([doc]):
            found.append(dict(doc))
            continue
        inputs = doc.get("inputs") or ()
        names = (inputs,) if isinstance(inputs, str) else tuple(inputs)
        asked = asked_of(names, doc)
        key = (asked.common, asked.key, doc.get("freeze"))
        if key not in known:
            gathered = gather(
                asked.common, doc.get("freeze"), folder=os.getcwd(), own=asked.own
            )
            known[key] = mover.send(gathered)
        found.append({**doc, "tree": known[key]})
    mover.close()
    return found


class Mover:
    """Moves files over a connection of its own.

    Args:
        told:    called with (bytes moved so far, bytes in all)
        attempt: "JOB.TASK.N", to reach the files of that attempt's owner
    """

    def __init__(
        self, address: Address, *, told: Told | None = None, attempt: str | None = None
    ) -> None:
        self._line = Connection(address)
        self._told = told
        self._attempt = attempt
        self._deflates = address.kind != "unix"
        self._done = self._all = 0

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    # ── there ─────────────────────────────────────────────────────────────────────────

    def send(self, gathered: Gathered) -> str:
        """Store what the server lacks of *gathered*; return the digest of its tree."""
        sizes = {file.digest: file.size for file in gathered.tree.files}
        rows = list(sizes.items())
        lacking: dict[str, int] = {}
        for start in range(0, len(rows), ASKED_MAX):
            lacking |= self._lacking(rows[start : start + ASKED_MAX])
        self._done, self._all = 0, sum(sizes[digest] - at for digest, at in lacking.items())
        for digest, at in lacking.items():
            with open(gathered.paths[digest], "rb") as file:
                self._send_one(file, digest, size=sizes[digest], at=at)
        return self._send_list(gathered.tree)

    def _send_list(self, tree: trees.Tree) -> str:
        from io import BytesIO

        data = trees.write(tree)
        digest = trees.digest_of(data)
        lacking = self._lacking([(digest, len(data))])
        if digest in lacking:
            self._send_one(BytesIO(data), digest, size=len(data), at=lacking[digest])
        return digest

    def _lacking(self, rows: Sequence[tuple[str, int]]) -> dict[str, int]:
        told = self._ask(calls.lacking(rows, attempt=self._attempt))
        return dict(told["lacking"])

    def _send_one(self, file: Any, digest: str, *, size: int, at: int) -> None:
        file.seek(at)
        while True:
            piece = file.read(min(PIECE, size - at))
            if not piece and at < size:
                raise Conflict(f"{file.name} has become shorter while it was sent")
            call = calls.blob_sent(
                digest, piece, at=at, size=size, attempt=self._attempt,
                deflate=self._deflates and _is_worth(piece),
            )  # fmt: skip
            try:
                done = self._ask(call)["done"]
            except Malformed as error:
                if "another digest" not in error.sentence:
                    raise
                name = getattr(file, "name", digest)
                raise Conflict(f"{name} has changed while it was sent; try again") from None
            at += len(piece)
            self._moved(len(piece))
            if done:
                return

    # ── and back ──────────────────────────────────────────────────────────────────────

    def fetch(self, tree: trees.Tree, folder: str, *, force: bool = False) -> list[str]:
        """Lay *tree* into *folder*; return the paths of what was not there already.

        Raises:
            Conflict: other files of these names are there, and not *force*; all are told,
                and none is touched.
        """
        wanted = [entry for entry in tree.entries if not _is_there(entry, folder)]
        in_way = [e.path for e in wanted if os.path.lexists(os.path.join(folder, e.path))]
        in_way = [] if force else in_way
        if in_way:
            raise Conflict(
                "not overwritten: " + ", ".join(in_way[:10])
                + (f" and {len(in_way) - 10} more" if len(in_way) > 10 else "")
                + "; say another folder with --to, or --force"
            )  # fmt: skip
        self._done = 0
        self._all = sum(e.size for e in wanted if isinstance(e, trees.File))
        os.makedirs(folder, exist_ok=True)
        for entry in wanted:
            self._lay(entry, os.path.join(folder, entry.path))
        return [entry.path for entry in wanted]

    def _lay(self, entry: trees.Entry, path: str) -> None:
        if isinstance(entry, trees.Folder):
            os.makedirs(path, exist_ok=True)
            return
        os.makedirs(os.path.dirname(path), exist_ok=True)
        folder, name = os.path.split(path)
        if isinstance(entry, trees.Link):
            fresh = os.path.join(folder, f".{name[:80]}.rota-link")
            if os.path.lexists(fresh):
                os.unlink(fresh)
            os.symlink(entry.target, fresh)
        else:
            fresh = os.path.join(folder, f".{name[:80]}.{entry.digest[:12]}.rota-part")
            self._fetch_one(entry, fresh)
            os.chmod(fresh, entry.mode | 0o200)
        os.replace(fresh, path)

    def _fetch_one(self, file: trees.File, part: str) -> None:
        """Complete *part*: what a broken fetch has left of it is not fetched again."""
        for _ in range(TRIES_MAX):
            try:
                self._rest(file, part)
            except Unreachable as error:
                broken = error
                continue
            if digest_of(part)[0] == file.digest:
                return
            os.unlink(part)
            broken = Unreachable(f"{file.path} did not come as its digest says")
        raise broken

    def _rest(self, file: trees.File, part: str) -> None:
        fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        with open(fd, "wb") as out:
            at = out.seek(0, os.SEEK_END)
            if at >= file.size:
                return
            call = calls.blob(
                file.digest, at=at, attempt=self._attempt, deflate=self._deflates
            )
            answer = self._checked(call)
            inflate = None
            if answer.headers.get("content-encoding") == "deflate":
                inflate = zlib.decompressobj()
            while piece := self._line.read(answer):
                data = inflate.decompress(piece) if inflate else piece
                out.write(data)
                self._moved(len(data))

    # ── requests ──────────────────────────────────────────────────────────────────────

    def _moved(self, count: int) -> None:
        self._done += count
        if self._told is not None:
            self._told(self._done, self._all)

    def _ask(self, call: Call) -> Any:
        answer = self._checked(call)
        return json.loads(_whole(self._line, answer))

    def _checked(self, call: Call) -> Any:
        from rota.client.http import refusal

        answer = self._line.send(call)
        if answer.status >= 400:
            raise refusal(answer.status, _whole(self._line, answer))
        return answer


def tree_of(rows: Sequence[Mapping[str, Any]]) -> trees.Tree:
    """Return the files that the server lists as a tree; nothing in it is believed.

    Raises:
        Malformed: it must not be laid out.
    """
    entries: list[trees.Entry] = []
    for row in rows:
        if row.get("digest"):
            size, mode = int(row.get("size", 0)), int(row.get("mode", 0))
            entries.append(trees.File(row["path"], mode, size, row["digest"]))
        elif row.get("link"):
            entries.append(trees.Link(row["path"], row["link"]))
        else:
            entries.append(trees.Folder(row["path"]))
    try:
        return trees.tree_of(entries)
    except trees.BadTree as error:
        raise Malformed(complaints=[Complaint("files", str(error))]) from None


def _is_there(entry: trees.Entry, folder: str) -> bool:
    path = os.path.join(folder, entry.path)
    if isinstance(entry, trees.Folder):
        return os.path.isdir(path)
    if isinstance(entry, trees.Link):
        return os.path.islink(path) and os.readlink(path) == entry.target
    if os.path.islink(path) or not os.path.isfile(path):
        return False
    return os.path.getsize(path) == entry.size and digest_of(path)[0] == entry.digest


def _is_worth(piece: bytes) -> bool:
    probe = piece[:65_536]
    return len(probe) > 256 and len(zlib.compress(probe, 1)) < _WORTH * len(probe)


def _whole(line: Connection, answer: Any) -> bytes:
    pieces = []
    while piece := line.read(answer):
        pieces.append(piece)
    return b"".join(pieces)

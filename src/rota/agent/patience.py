"""A depot that is asked again, later and later, while the server is away.

fetched(cache, digest)        a file the node keeps from now on
send(tree, paths, root)       the files of a tree that the server lacks
send_list(tree)               the list that names them: the tree itself
"""

from __future__ import annotations

import os
from functools import partial
from typing import Any, Callable, Mapping, Optional

from rota.agent import laying
from rota.agent.cache import Cache, Damaged
from rota.agent.clock import boot_ms
from rota.agent.depot import Away, Denied, Depot, Gone, blob_rows
from rota.agent.halt import Halt
from rota.agent.plans import Failed, Plan, Server
from rota.core.reasons import reason
from rota.wire import trees

PAUSE_S_MIN, PAUSE_S_MAX = 0.2, 15.0
DAMAGED_MAX = 3
ASKED_MAX = 5_000
"""Files that are asked for in one request."""


class Patient:
    """A depot that is asked again while the server is away."""

    def __init__(
        self,
        server: Callable[[], Optional[Server]],
        plan: Plan,
        *,
        halt: Halt,
        give_up_ms: Optional[int],
    ) -> None:
        self._server = server
        self._plan = plan
        self._halt = halt
        self._give_up_ms = give_up_ms
        self._depot: Optional[Depot] = None
        self._moved_at = boot_ms()

    def close(self) -> None:
        """Hang up."""
        if self._depot is not None:
            self._depot.close()

    def fetched(self, cache: Cache, digest: str, *, size_max: int) -> int:
        """See that *cache* keeps *digest*; return the bytes that came."""

        def act(depot: Depot) -> int:
            return cache.fetch(
                digest,
                source=lambda name, at: depot.fetch(name, at=at),
                halt=self._halt,
                size_max=size_max,
            )

        damaged = 0
        while True:
            try:
                return int(self._again(act))
            except Damaged as error:
                damaged += 1
                if damaged >= DAMAGED_MAX:
                    why = reason("stage_in", error=str(error)).to_dict()
                    raise Failed(why, again=True) from error
            except Gone as error:
                raise Failed(reason("stage_in", error=str(error)).to_dict()) from error

    def send(self, tree: trees.Tree, paths: Mapping[str, str], root: int) -> int:
        """Store what the server lacks of the files of *tree*; return the bytes sent."""
        rows = blob_rows(tree.files)
        where = {file.digest: file.path for file in tree.files}
        sizes = dict(rows)
        sent = 0
        for start in range(0, len(rows), ASKED_MAX):
            some = rows[start : start + ASKED_MAX]
            lacking = self._again(partial(Depot.lacking, blobs=some))
            for digest in lacking:
                path = paths[where[digest]]
                sent += self._send_one(digest, sizes[digest], root=root, path=path)
        return sent

    def send_list(self, tree: trees.Tree) -> str:
        """Store the list of *tree*; return its digest."""
        data = trees.write(tree)
        digest = trees.digest_of(data)
        fd = os.memfd_create("tree", os.MFD_CLOEXEC)
        try:
            os.write(fd, data)
            self._upload(digest, len(data), fd)
        finally:
            os.close(fd)
        return digest

    def _send_one(self, digest: str, size: int, *, root: int, path: str) -> int:
        fd = laying.open_beneath(root, path)
        try:
            return self._upload(digest, size, fd)
        except ValueError as error:
            raise Failed(reason("stage_out", error=f"{path}: {error}").to_dict()) from error
        finally:
            os.close(fd)

    def _upload(self, digest: str, size: int, source: int) -> int:
        def act(depot: Depot) -> int:
            # Asked anew each time: what came before a break need not be sent again.
            lacking = depot.lacking([(digest, size)])
            if digest not in lacking:
                return 0
            at = min(lacking[digest], size)
            depot.store(digest, size=size, source=source, at=at)
            return size - at

        return int(self._again(act))

    def _again(self, act: Callable[[Depot], Any]) -> Any:
        pause = PAUSE_S_MIN
        while True:
            self._halt.check()
            try:
                result = act(self._connected())
                self._moved_at = boot_ms()
                return result
            except Away as error:
                self._give_up(error)
            except Denied as error:
                if isinstance(error, Gone):
                    raise
                code = "stage_in" if self._give_up_ms else "stage_out"
                raise Failed(reason(code, error=str(error)).to_dict()) from error
            self._halt.pause(pause)
            pause = min(pause * 2, PAUSE_S_MAX)

    def _give_up(self, error: Away) -> None:
        limit = self._give_up_ms
        if limit is not None and boot_ms() - self._moved_at > limit:
            raise Failed(reason("stage_in", error=str(error)).to_dict(), again=True)

    def _connected(self) -> Depot:
        server = self._server()
        if server is None:
            raise Away("no agent has said yet where the server is")
        if self._depot is None:
            self._depot = Depot(
                server.url, token_file=server.token_file, ref=self._plan.ref,
                halt=self._halt,
            )  # fmt: skip
        return self._depot

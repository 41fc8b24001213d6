"""The server's store of files, as an agent reaches it: by HTTP, in pieces, resumable.

    fetch(digest, at=…)    GET  /api/v1/blobs/DIGEST   from byte *at* on
    lacking(blobs)         POST /api/v1/blobs/lacking  which of them, and from which byte
    store(digest, at=…)    PUT  /api/v1/blobs/DIGEST   from byte *at* on

Over a network bytes are deflated where that helps; on one machine that would only cost.
Every request names the attempt it is made for: an agent's token opens nothing else.
"""

from __future__ import annotations

import http.client
import json
import os
import select
import socket
import zlib
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from rota.agent.dial import dial
from rota.agent.halt import Halt, Halted

PIECE = 1 << 20
ANSWER_S_MAX = 60.0
CONNECT_S_MAX = 10.0
_PROBE = 64 << 10
_WORTH = 0.9
"""Deflating is worth its time when a probe shrinks below this part of its size."""

Ref = Tuple[int, int, int]


class Away(Exception):
    """The server does not answer, or has trouble of its own: try again later."""


class Denied(Exception):
    """The server says no, and would again."""


class Gone(Denied):
    """The server has no such file."""


class Depot:
    """A connection to the store, made when it is needed; for one thread."""

    def __init__(
        self, url: str, *, token_file: Optional[str], ref: Ref, halt: Halt
    ) -> None:
        self._url = url
        self._token_file = token_file
        self._attempt = "{}.{}.{}".format(*ref)
        self._halt = halt
        self._line: Optional[http.client.HTTPConnection] = None
        self._deflates = not url.startswith("unix:")

    def fetch(self, digest: str, *, at: int = 0) -> Iterator[bytes]:
        """Yield the file *digest* from byte *at* on.

        Raises:
            Away, Denied, Gone, Halted
        """
        headers = {"Range": f"bytes={at}-"} if at else {}
        if self._deflates:
            headers["Accept-Encoding"] = "deflate"
        answer = self._ask("GET", f"/blobs/{digest}", headers=headers)
        inflate = None
        if answer.getheader("Content-Encoding") == "deflate":
            inflate = zlib.decompressobj()
        try:
            while piece := answer.read(PIECE):
                self._halt.check()
                yield inflate.decompress(piece) if inflate else piece
            if inflate:
                yield inflate.flush()
        except (OSError, http.client.HTTPException, zlib.error) as error:
            self.close()
            self._halt.check()
            raise Away(f"the line broke: {error}") from error

    def lacking(self, blobs: Sequence[Tuple[str, int]]) -> Dict[str, int]:
        """Return {digest: bytes it has of it} for those of *blobs* that are not stored.

        Shapes:
            blobs: [(digest, size), …]
        """
        body = json.dumps({"blobs": blobs}).encode()
        answer = self._ask("POST", "/blobs/lacking", body=body)
        told = self._whole(answer)
        return {str(digest): int(at) for digest, at in told["lacking"]}

    def store(self, digest: str, *, size: int, source: int, at: int = 0) -> None:
        """Send the file open as *source* from byte *at* on; it is *size* bytes long.

        Raises:
            Away, Denied, Halted;  ValueError: it has changed meanwhile.
        """
        headers = {"X-Rota-Offset": str(at), "X-Rota-Size": str(size)}
        pieces = self._pieces(source, at, size)
        if self._deflates and _is_worth(source, at):
            headers["Content-Encoding"] = "deflate"
            headers["Transfer-Encoding"] = "chunked"
            pieces = _deflated(pieces)
        else:
            headers["Content-Length"] = str(size - at)
        answer = self._ask("PUT", f"/blobs/{digest}", body=pieces, headers=headers)
        self._whole(answer)

    def close(self) -> None:
        """Hang up."""
        self._halt.guard(None)
        line, self._line = self._line, None
        if line is not None:
            line.close()

    # ── one request ───────────────────────────────────────────────────────────────────

    def _pieces(self, source: int, at: int, size: int) -> Iterator[bytes]:
        while at < size:
            self._halt.check()
            piece = os.pread(source, min(PIECE, size - at), at)
            if not piece:
                raise ValueError("it has become shorter while it was sent")
            at += len(piece)
            yield piece

    def _ask(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        headers: Optional[Mapping[str, str]] = None,
    ) -> http.client.HTTPResponse:
        self._halt.check()
        told = dict(headers or {})
        try:
            line = self._connected()
            told.update(self._token())
            target = f"/api/v1{path}?attempt={self._attempt}"
            chunked = told.get("Transfer-Encoding") == "chunked"
            line.request(method, target, body, told, encode_chunked=chunked)
            answer = line.getresponse()
        except (Halted, Away):
            self.close()
            raise
        except (OSError, http.client.HTTPException) as error:
            self.close()
            self._halt.check()
            raise Away(str(error) or type(error).__name__) from error
        if answer.status >= 400:
            self._refuse(answer)
        return answer

    def _connected(self) -> http.client.HTTPConnection:
        if self._line is None:
            made, host = _dialled(self._url)
            line = http.client.HTTPConnection(host, timeout=ANSWER_S_MAX)
            line.sock = made
            self._line = line
            self._halt.guard(made)
        return self._line

    def _token(self) -> Dict[str, str]:
        if self._token_file is None:
            return {}
        with open(self._token_file, encoding="ascii") as source:
            return {"Authorization": f"Bearer {source.read().strip()}"}

    def _whole(self, answer: http.client.HTTPResponse) -> Any:
        try:
            return json.loads(answer.read() or b"{}")
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            self._halt.check()
            raise Away(f"its answer broke off: {error}") from error

    def _refuse(self, answer: http.client.HTTPResponse) -> None:
        status = answer.status
        told = self._whole(answer)
        says = str(told.get("error") or f"it answered {status}")
        self.close()
        if status == 404:
            raise Gone(says)
        if status in (409, 429) or status >= 500:
            raise Away(says)
        raise Denied(says)


def _dialled(url: str) -> Tuple[socket.socket, str]:
    line = dial(url)
    made = line.socket
    try:
        if not url.startswith("unix:"):
            # A connect that was begun without waiting: it is through when one may write.
            if not select.select([], [made], [], CONNECT_S_MAX)[1]:
                raise OSError("no connection in time")
            number = made.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if number:
                raise OSError(number, os.strerror(number))
        made.settimeout(ANSWER_S_MAX)
        if line.tls is not None:
            made = _secured(made, url)
    except BaseException:
        made.close()
        raise
    return made, line.host


def _secured(made: socket.socket, url: str) -> socket.socket:
    from rota.agent.tls import Untrusted, secured

    try:
        return secured(made, url)
    except Untrusted as error:
        raise Away(str(error)) from error


def _is_worth(source: int, at: int) -> bool:
    probe = os.pread(source, _PROBE, at)
    return len(probe) > 256 and len(zlib.compress(probe, 1)) < _WORTH * len(probe)


def _deflated(pieces: Iterator[bytes]) -> Iterator[bytes]:
    deflate = zlib.compressobj(1)
    for piece in pieces:
        data = deflate.compress(piece)
        if data:
            yield data
    yield deflate.flush()


def blob_rows(files: Sequence[Any]) -> List[Tuple[str, int]]:
    """Return (digest, size) of *files*, each digest once."""
    return list({file.digest: file.size for file in files}.items())

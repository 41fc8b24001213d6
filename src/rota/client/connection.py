"""One connection to the server: opened when needed, kept, reopened when it went away.

    Connection.send(call) ──→ Answer, its head read      .read(answer) ──→ more of its body

``_socket`` instead of ``socket``: the latter's enums and selectors would cost a fifth of
the time that a whole ``rota submit`` takes, and a blocking client needs none of them.
"""

from __future__ import annotations

import _socket as sockets
import errno
import os
import time

from rota.client.find import elsewhere, has_others
from rota.client.http1 import Answer, Garbled, encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from rota.client.calls import Call
    from rota.client.find import Address
    from rota.core.errors import Unreachable

CONNECT_S = 10.0
FOLLOW_S = 15.0
"""So long is waited for one of several servers to lead."""

PATIENCE_S = 5.0
"""So long is waited for an answer where another server may have taken over."""

PAUSE_S = 0.2
_PIECE = 65_536
_PATH_MAX = 107  # of a unix socket, in bytes, as the kernel defines it


class Connection:
    """A socket to *address*, and the way back to it when it breaks."""

    def __init__(self, address: Address) -> None:
        self.address = self._first = address
        self._silent: Address | None = None  # hangs, if another server may lead
        self._socket: Any = None
        self._answer: Answer | None = None  # the last one: is it all read?

    def send(self, call: Call) -> Answer:
        """Send *call* and return its answer as soon as the head is there.

        Raises:
            Unreachable: nobody listens, or nobody answered in time.
        """
        fresh, follows = self._ready(), has_others(self._first)
        try:
            return self._exchange(call, PATIENCE_S if follows and call.again else None)
        except (OSError, Garbled) as error:
            self.close()
            silent = _timed_out(error)
            self._silent = self.address if silent and follows else None
            if not call.again or (not follows and (fresh or silent)):
                raise _no_answer(self.address, call, error) from None
        self._open()
        try:
            return self._exchange(call)
        except (OSError, Garbled) as error:
            self.close()
            raise _no_answer(self.address, call, error) from None

    def read(self, answer: Answer) -> bytes:
        """Return the next piece of the body; b"" when there is no more.

        Raises:
            Unreachable: the connection broke in the middle, or nothing came in time.
        """
        try:
            piece = self._more(answer)
        except (OSError, Garbled) as error:
            self.close()
            raise broke_off(self.address, error) from None
        if answer.done and not answer.reusable:
            self.close()
        return piece

    def poll(self, answer: Answer, wait_s: float) -> bytes | None:
        """Like ``read``, but None when nothing comes within *wait_s* seconds."""
        if self._socket is not None:
            self._socket.settimeout(max(wait_s, 0.001))
        try:
            return self._more(answer)
        except TimeoutError:
            return None
        except (OSError, Garbled) as error:
            self.close()
            raise broke_off(self.address, error) from None

    def _more(self, answer: Answer) -> bytes:
        while not (piece := answer.take()) and not answer.done:
            answer.feed(self._socket.recv(_PIECE))
        return piece

    def close(self) -> None:
        """Hang up; the next ``send`` connects again."""
        if self._socket is not None:
            self._socket.close()
            self._socket = self._answer = None

    def _exchange(self, call: Call, patience_s: float | None = None) -> Answer:
        address = self.address
        answer = self._answer = Answer()
        self._socket.settimeout(patient(call, patience_s))
        self._socket.sendall(encode(call, host=address.host, token=address.token))
        while not answer.status:
            answer.feed(self._socket.recv(_PIECE))
        return answer

    def _ready(self) -> bool:
        """Make sure there is a connection; say whether it is a fresh one."""
        if self._answer is not None and not self._answer.done:
            # Who asked last was interrupted: the next answer here would be his.
            self.close()
        if self._socket is not None:
            # A server that let an idle connection go has left an end of file behind.
            self._socket.settimeout(0)
            try:
                self._socket.recv(1, sockets.MSG_PEEK)
            except BlockingIOError:
                return False
            except OSError:
                self.close()
            self.close()
        self._open()
        return True

    def _open(self) -> None:
        if self._silent is not None:
            self._look_elsewhere(TimeoutError("it does not answer"))
            return
        try:
            self._socket = _connect(self.address)
        except OSError as error:
            self._look_elsewhere(error)

    def _look_elsewhere(self, error: OSError) -> None:
        """Go round all servers there may be, a while if one of them will lead soon.

        One that was silent, as it hangs, is turned to when no other leads in that time.
        """
        silent, self._silent = self._silent, None
        places = [self._first, *elsewhere(self._first)]
        until = time.monotonic() + (FOLLOW_S if has_others(self._first) else 0)
        while True:
            is_late = time.monotonic() >= until
            for place in places:
                if is_same(place, silent) and not is_late:
                    continue
                try:
                    self._socket = _connect(place)
                except OSError:
                    continue
                self.address = place
                return
            if is_late:
                raise nobody_there(self._first, error) from None
            time.sleep(PAUSE_S)


def patient(call: Call, patience_s: float | None) -> float | None:
    """Return how long to wait for an answer to *call*, which may be waited for itself."""
    if patience_s is None or call.wait_s is None:
        return call.wait_s
    return min(patience_s, call.wait_s)


def is_same(place: Address, other: Address | None) -> bool:
    """Whether both lead to the same server."""
    return other is not None and str(place) == str(other)


def _connect(address: Address) -> Any:
    if address.kind == "unix":
        made = sockets.socket(sockets.AF_UNIX, sockets.SOCK_STREAM)
        return _connected(made, address.where, by=_connect_unix)
    rows = sockets.getaddrinfo(address.where, address.port, 0, sockets.SOCK_STREAM)
    family, kind, proto, _, where = rows[0]
    made = sockets.socket(family, kind, proto)
    _connected(made, where, by=sockets.socket.connect)
    made.setsockopt(sockets.IPPROTO_TCP, sockets.TCP_NODELAY, 1)
    if address.kind == "http":
        return made
    from rota.client.tls import secure

    return secure(made, address)


def _connected(made: Any, where: Any, *, by: Any) -> Any:
    made.settimeout(CONNECT_S)
    try:
        by(made, where)
    except BaseException:
        made.close()
        raise
    return made


def _connect_unix(made: Any, path: str) -> None:
    if len(os.fsencode(path)) <= _PATH_MAX:
        made.connect(path)
        return
    # The kernel takes short paths only; a folder's file descriptor makes any path short.
    folder = os.open(os.path.dirname(path), os.O_PATH | os.O_DIRECTORY)
    try:
        made.connect(f"/proc/self/fd/{folder}/{os.path.basename(path)}")
    finally:
        os.close(folder)


def nobody_there(address: Address, error: Exception) -> Unreachable:
    """Return the error for an address where nobody listens: which, why, and the cure."""
    from rota.core.errors import Unreachable

    why = {
        errno.ENOENT: "there is no such socket",
        errno.ECONNREFUSED: "nothing listens there",
        errno.EACCES: "it may not be opened by you",
    }.get(getattr(error, "errno", None) or 0, str(error))
    home = f" --home {address.home}" if address.home else ""
    cure = f"start one with: rota up{home}" if home else "is that server up?"
    return Unreachable(f"no server at {address}: {why}; {cure}")


def broke_off(address: Address, error: Exception) -> Unreachable:
    """Return the error for a connection that ended in the middle of an answer."""
    from rota.core.errors import Unreachable

    return Unreachable(f"the server at {address} broke off: {error}")


def _no_answer(address: Address, call: Call, error: Exception) -> Unreachable:
    from rota.core.errors import Unreachable

    why = f"no answer within {call.wait_s:g} s" if _timed_out(error) else str(error)
    doubt = (
        ""
        if call.again
        else "; whether it was done is unknown: look with rota ls, "
        "or submit with --key, which is safe to repeat"
    )
    return Unreachable(f"the server at {address} did not answer: {why}{doubt}")


def _timed_out(error: Exception) -> bool:
    return isinstance(error, TimeoutError)

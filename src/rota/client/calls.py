"""Every verb of the API as a request: method, path, query and body, and nothing sent.

    Client.hold(12)  ──╮                                     ╭──→ socket
                       ├──→ asked("hold", [12]) → Call ──────┤
    AsyncClient.hold ──╯                                     ╰──→ asyncio stream

The two clients differ in how they send and wait, so only that is written twice.
Nothing here imports more than the interpreter has already: ``rota submit`` starts in
milliseconds because of it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

ROOT = "/api/v1"
PAGE_MAX = 1000

_SAFE = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~,*")


class Call:
    """One request, ready to be sent to any server.

    Shapes:
        query:  {name: value}; None is left out, True is 1, a sequence is joined by commas
        body:   what becomes JSON, or None for no body
        data:   a body of bytes, instead
        again:  it may be sent a second time when the first got no answer
        wait_s: how long an answer may take; None: as long as it takes
    """

    __slots__ = ("again", "body", "data", "headers", "method", "path", "query", "wait_s")

    def __init__(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        again: bool | None = None,
        wait_s: float | None = 60.0,
        data: bytes | None = None,
    ) -> None:
        self.data = data
        self.method = method
        self.path = path
        self.query = query or {}
        self.body = body
        self.headers = dict(headers or {})
        self.again = method == "GET" if again is None else again
        self.wait_s = wait_s

    @property
    def target(self) -> str:
        """The path and query, percent-encoded: what stands in the request line."""
        pairs = [
            f"{name}={quote(_shown(v))}" for name, v in self.query.items() if _given(v)
        ]
        return ROOT + self.path + ("?" + "&".join(pairs) if pairs else "")

    def because(self, why: str) -> Call:
        """Say *why* for the audit log; return the call itself."""
        if why and self.method != "GET":
            self.headers["X-Rota-Why"] = quote(why)
        return self


def quote(text: str) -> str:
    """Return *text* percent-encoded, safe inside a query or as one step of a path."""
    raw = text.encode("utf-8", "surrogateescape")
    return "".join(chr(b) if b in _SAFE else f"%{b:02X}" for b in raw)


def info() -> Call:
    """Ask who the server is and how it is doing."""
    return Call("GET", "")


def submit(
    jobs: Sequence[Mapping[str, Any]],
    *,
    defaults: Mapping[str, Any] | None = None,
    sources: Sequence[Mapping[str, str]] | None = None,
    key: str | None = None,
    dry_run: bool = False,
    explain: bool = False,
) -> Call:
    """Ask for *jobs*, documents with the keys of a job file, all of them or none.

    Shapes:
        defaults: keys for every job that does not say them itself
        sources:  for each job {key: where it was said}, repeated by a dry run
        key:      makes the call repeatable: the same key gives the same jobs (G02)
        explain:  with *dry_run*: also why they would wait
    """
    body: dict[str, Any] = {"jobs": list(jobs)}
    if defaults:
        body["defaults"] = dict(defaults)
    if sources:
        body["sources"] = list(sources)
    if dry_run:
        body["dry_run"] = True
    if explain:
        body["explain"] = True
    headers = {"Idempotency-Key": key} if key else {}
    safe = bool(key) or dry_run
    return Call("POST", "/jobs", body=body, headers=headers, again=safe, wait_s=600.0)


def jobs(
    *,
    ids: Iterable[int] | None = None,
    state: Sequence[str] = (),
    user: Sequence[str] = (),
    name: Sequence[str] = (),
    tag: Sequence[str] = (),
    queue: Sequence[str] = (),
    live: bool = False,
    failed: bool = False,
    since: str | None = None,
    there_since: str | None = None,
    spec: bool = False,
    limit: int = 100,
    cursor: str | None = None,
) -> Call:
    """Ask for one page of jobs, newest first; every condition given must hold.

    With *spec* each of one's own jobs says what was asked for.
    """
    query = {
        "ids": None if ids is None else [str(i) for i in ids],
        "state": state,
        "user": user,
        "name": name,
        "tag": tag,
        "queue": queue,
        "live": live,
        "failed": failed,
        "since": since,
        "there_since": there_since,
        "spec": spec,
        "limit": limit,
        "cursor": cursor,
    }
    return Call("GET", "/jobs", query=query)


def job(job: int, task: int | None = None) -> Call:
    """Ask for all that is known of a job, or of one task of an array."""
    return Call("GET", f"/jobs/{job}" + ("" if task is None else f"/tasks/{task}"))


def tasks(
    job: int,
    *,
    state: Sequence[str] = (),
    failed: bool = False,
    limit: int = 100,
    cursor: str | None = None,
) -> Call:
    """Ask for one page of the tasks of *job*, in order."""
    query = {"state": state, "failed": failed, "limit": limit, "cursor": cursor}
    return Call("GET", f"/jobs/{job}/tasks", query=query)


def history(
    job: int, *, task: int | None = None, limit: int = 100, cursor: str | None = None
) -> Call:
    """Ask for one page of what happened to a job, oldest first."""
    query = {"task": task, "limit": limit, "cursor": cursor}
    return Call("GET", f"/jobs/{job}/history", query=query)


def usage(**conditions: Any) -> Call:
    """Ask what attempts used, added up; one portion of them.

    Shapes:
        conditions: by, user, queue: lists of words; since, until, limit, cursor
    """
    return Call("GET", "/usage", query=conditions)


def series(job: int, *, task: int | None = None, attempt: int | None = None) -> Call:
    """Ask for what an attempt used over time."""
    return Call("GET", f"/jobs/{job}/series", query={"task": task, "attempt": attempt})


def errors(job: int) -> Call:
    """Ask for the failed tasks of a job, grouped by kind."""
    return Call("GET", f"/jobs/{job}/errors")


def files(
    job: int,
    *,
    task: int | None = None,
    attempt: int | None = None,
    tree: str | None = None,
) -> Call:
    """Ask which outputs were stored of an attempt, or what is in a tree of its owner's."""
    query = {"task": task, "attempt": attempt, "tree": tree}
    return Call("GET", f"/jobs/{job}/files", query=query)


def snap(job: int, patterns: Sequence[str], *, task: int | None = None) -> Call:
    """Ask to have some of what a running job has made so far stored."""
    body = {"patterns": list(patterns), "task": task}
    return Call("POST", f"/jobs/{job}/snap", body=body, again=True, wait_s=None)


def put(job: int, tree: str, *, task: int | None = None) -> Call:
    """Ask to have a stored tree laid into the folder of a running job."""
    body = {"tree": tree, "task": task}
    return Call("POST", f"/jobs/{job}/put", body=body, again=True, wait_s=None)


def clean(
    *,
    older: str = "30d",
    dry_run: bool = False,
    pin: Sequence[int] = (),
    unpin: Sequence[int] = (),
) -> Call:
    """Ask to throw away one's stored files of jobs over so long, or only to say which."""
    body = {"older": older, "dry_run": dry_run, "pin": list(pin), "unpin": list(unpin)}
    return Call("POST", "/files/clean", body=body, again=True, wait_s=600.0)


def lacking(rows: Sequence[tuple[str, int]], *, attempt: str | None = None) -> Call:
    """Ask which of *rows*, (sha256, size) of files, are not stored yet."""
    body = {"blobs": [list(row) for row in rows]}
    query = {"attempt": attempt}
    return Call("POST", "/blobs/lacking", query=query, body=body, again=True, wait_s=600.0)


def blob_sent(
    digest: str, piece: bytes, *, at: int, size: int, deflate: bool,
    attempt: str | None = None,
) -> Call:  # fmt: skip
    """Send *piece*, which begins at byte *at* of a file of *size* bytes."""
    headers = {"X-Rota-Offset": str(at), "X-Rota-Size": str(size)}
    if deflate:
        import zlib

        headers["Content-Encoding"] = "deflate"
        piece = zlib.compress(piece, 1)
    query = {"attempt": attempt}
    return Call("PUT", f"/blobs/{digest}", query=query, headers=headers, data=piece,
                wait_s=600.0)  # fmt: skip


def blob(digest: str, *, at: int, deflate: bool, attempt: str | None = None) -> Call:
    """Ask for a stored file from byte *at* on."""
    headers = {"Range": f"bytes={at}-"} if at else {}
    if deflate:
        headers["Accept-Encoding"] = "deflate"
    query = {"attempt": attempt}
    return Call("GET", f"/blobs/{digest}", query=query, headers=headers, wait_s=600.0)


def why(job: int, task: int | None = None) -> Call:
    """Ask why a job waits, or how it ended."""
    return Call("GET", f"/jobs/{job}/why", query={"task": task})


def log(
    job: int,
    *,
    task: int | None = None,
    attempt: int | None = None,
    stream: str = "stdout",
    offset: int = 0,
    limit: int | None = None,
    follow: bool = False,
) -> Call:
    """Ask for what an attempt wrote: raw bytes from *offset*, and on as it grows.

    A negative *offset* counts from the end.
    """
    query = {
        "task": task,
        "attempt": attempt,
        "stream": stream,
        "offset": offset or None,
        "limit": limit,
        "follow": follow,
    }
    wait_s = None if follow else 60.0
    return Call("GET", f"/jobs/{job}/log", query=query, wait_s=wait_s)


def asked(
    verb: str,
    targets: Iterable[int | str],
    *,
    options: Mapping[str, Any] | None = None,
    wait_s: float | None = 60.0,
) -> Call:
    """Ask for *verb* (kill hold suspend edit …) on jobs or tasks, all or none."""
    body = {"targets": [str(target) for target in targets], **(options or {})}
    return Call("POST", f"/jobs/{verb}", body=body, again=verb == "kill", wait_s=wait_s)


def nodes() -> Call:
    """Ask for all nodes and what runs on them."""
    return Call("GET", "/nodes")


def drained(
    verb: str, names: Sequence[str], *, why: str = "", for_s: int | None = None
) -> Call:
    """Ask to ``drain`` nodes, with a reason and for so long, or to ``undrain`` them."""
    body: dict[str, Any] = {"nodes": list(names), "why": why}
    if for_s is not None:
        body["for_s"] = for_s
    return Call("POST", f"/nodes/{verb}", body=body)


def tokens() -> Call:
    """Ask for the tokens there are."""
    return Call("GET", "/tokens")


def new_token(**wanted: Any) -> Call:
    """Ask for a token: scope, user, note, expires_s, node."""
    return Call("POST", "/tokens", body=wanted)


def revoked(ids: Sequence[str]) -> Call:
    """Ask that tokens open nothing any more."""
    return Call("POST", "/tokens/revoke", body={"ids": list(ids)}, again=True)


def invited(**wanted: Any) -> Call:
    """Ask for an invitation of nodes: expires_s, uses, labels, addresses, note, mine."""
    return Call("POST", "/invitations", body=wanted)


def joined(secret: str, node: str) -> Call:
    """Exchange the secret of an invitation for a token of the agent of *node*."""
    return Call("POST", "/join", body={"secret": secret, "node": node})


def pools() -> Call:
    """Ask for the pools and their pilots."""
    return Call("GET", "/pools")


def pool_asked(verb: str, name: str, *, keys: Mapping[str, Any] | None = None) -> Call:
    """Ask to add, set, remove, drain or undrain a pool, or for its ``script``."""
    body: dict[str, Any] = {"name": name}
    if keys:
        body["set"] = dict(keys)
    return Call("POST", f"/pools/{verb}", body=body)


def pool_log(name: str, *, pilot: int | None = None) -> Call:
    """Ask for the commands run for a pool, or for what one of its pilots wrote."""
    return Call("GET", "/pools/log", query={"name": name, "pilot": pilot})


def stat() -> Call:
    """Ask for totals: usage, tasks by state, use by user."""
    return Call("GET", "/stat")


def events(
    *, jobs: Sequence[int] = (), since: int | None = None, level: str = "task",
    bind: bool = False,
) -> Call:  # fmt: skip
    """Ask to be told what happens, after history line *since*, until one hangs up.

    *level*: ``task`` tells every line, ``job`` one summary for each job that changed.
    With *bind* the jobs end when one has hung up and does not come back.
    """
    asked = [str(j) for j in jobs]
    query = {"jobs": asked, "since": since, "level": level, "bind": bind}
    headers = {"Accept": "text/event-stream"}
    return Call("GET", "/events", query=query, headers=headers, wait_s=None)


def _given(value: Any) -> bool:
    return value is not None and value is not False and value != () and value != []


def _shown(value: Any) -> str:
    if value is True:
        return "1"
    if isinstance(value, str | int | float):
        return str(value)
    return ",".join(value)

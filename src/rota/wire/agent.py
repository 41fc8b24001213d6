"""What server and agent say to each other: messages, frames, versions.

    agent ── GET /api/v1/agent, Upgrade: websocket, Authorization: Bearer … ──▶ server
          ◀─────────────── text frames: [message, message, …] ───────────────▶

    agent → server   hello started suspended finished declined beat health progress
                     samples data phase staged fed
    server → agent   welcome refused beat run kill suspend signal recall forget read
                     unread input feed put snap

A message is a dict whose ``t`` names its row in ``FROM_AGENT`` or ``FROM_SERVER``: the
table is the protocol, the functions below it build what it allows.  An attempt travels as
``a`` = [job, task, n]; instants are milliseconds since the epoch, sizes bytes.

Who reads is lenient, so that programs one release apart understand each other: a type or
a key it does not know is left aside.  A message that breaks its row is left out and
complained about (``checked``); it never takes its frame along.
"""

from __future__ import annotations

import json
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from rota.core.errors import Complaint, Malformed
from rota.wire.kinds import (
    AMOUNTS,
    ATTEMPT,
    ATTEMPTS,
    FLAG,
    HOLDS,
    IDS,
    INTEGER,
    NUMBER,
    OBJECT,
    PLACES,
    REASON,
    SAMPLES,
    STAGE,
    STREAM,
    TASKS,
    TEXT,
    TEXTS,
    WHOLE,
    WORD,
    WORDS,
    Kind,
    or_none,
)

VERSION = 1
"""The newest version spoken here."""

VERSION_OLDEST = 1
"""The oldest version still understood here."""

PATH = "/api/v1/agent"
FRAME_MAX = 16 << 20
"""Bytes of a frame; who sends splits before, who reads closes the connection after."""

PIECE_MAX = 256 << 10
"""Bytes of output in one ``data`` message."""

Message = Dict[str, Any]

# Rows: what must be there, and what may.
_Row = Tuple[Mapping[str, Kind], Mapping[str, Kind]]

FROM_AGENT: Mapping[str, _Row] = {
    "hello": (
        {"v": WHOLE, "name": WORD, "instance": WORD, "boot": WORD, "cores": IDS}
        | {"memory": WHOLE, "holds": HOLDS},
        {"gpus": IDS, "resources": AMOUNTS, "labels": WORDS, "requires": WORDS}
        | {"trouble": or_none(REASON), "facts": OBJECT, "epoch": WHOLE},
    ),
    "started": ({"a": ATTEMPT, "at": WHOLE}, {"pid": WHOLE}),
    "suspended": ({"a": ATTEMPT, "at": WHOLE, "on": FLAG}, {}),
    "finished": (
        {"a": ATTEMPT, "at": WHOLE, "reason": REASON},
        {"s": or_none(WHOLE), "exit": or_none(INTEGER), "sig": or_none(WHOLE)}
        | {"usage": OBJECT},
    ),
    "declined": ({"a": ATTEMPT, "reason": REASON}, {}),
    "beat": ({"at": WHOLE}, {"load": NUMBER, "memory_free": WHOLE, "disk_free": WHOLE}),
    "health": ({"trouble": or_none(REASON)}, {}),
    "progress": (
        {"a": ATTEMPT, "done": NUMBER, "total": or_none(NUMBER)},
        {"text": TEXT},
    ),
    "samples": ({"rows": SAMPLES}, {}),
    "phase": ({"a": ATTEMPT, "phase": STAGE}, {}),
    "staged": (
        {"id": WHOLE},
        {"tree": or_none(TEXT), "files": WHOLE, "bytes": WHOLE, "error": or_none(TEXT)},
    ),
    "fed": ({"id": WHOLE}, {"at": WHOLE, "error": or_none(TEXT)}),
    "data": (
        {"id": WHOLE, "offset": WHOLE, "b64": TEXT, "size": WHOLE, "eof": FLAG},
        {"error": or_none(TEXT)},
    ),
}

FROM_SERVER: Mapping[str, _Row] = {
    "welcome": (
        {"v": WHOLE, "server": WORD, "beat_ms": WHOLE},
        {"lease_ms": or_none(WHOLE), "epoch": WHOLE, "servers": TEXTS},
    ),
    "refused": ({"reason": REASON}, {}),
    "beat": ({}, {"epoch": WHOLE, "servers": TEXTS}),
    "run": (
        {"alloc": WHOLE, "job": WHOLE, "spec_version": WHOLE, "tasks": TASKS},
        {"spec": OBJECT, "cores": IDS, "memory": WHOLE, "gpus": IDS, "nodes": PLACES}
        | {"spread": WORD},
    ),
    "kill": ({"a": ATTEMPT, "grace_ms": WHOLE, "reason": REASON}, {"signal": WORD}),
    "suspend": ({"a": ATTEMPT, "on": FLAG}, {}),
    "signal": ({"a": ATTEMPT, "signal": WORD}, {}),
    "recall": ({"alloc": WHOLE}, {}),
    "forget": ({"as": ATTEMPTS}, {}),
    "read": (
        {"id": WHOLE, "a": ATTEMPT, "stream": STREAM, "offset": WHOLE},
        {"max": WHOLE, "follow": FLAG},
    ),
    "unread": ({"id": WHOLE}, {}),
    "input": (
        {"id": WHOLE, "a": ATTEMPT},
        {"b64": TEXT, "eof": FLAG, "rows": WHOLE, "columns": WHOLE},
    ),
    "put": ({"id": WHOLE, "a": ATTEMPT, "tree": TEXT}, {}),
    "snap": ({"id": WHOLE, "a": ATTEMPT, "patterns": TEXTS}, {}),
    "feed": (
        {"id": WHOLE, "a": ATTEMPT, "sender": WORD, "offset": WHOLE, "b64": TEXT},
        {"end": FLAG},
    ),
}


# ── frames ────────────────────────────────────────────────────────────────────────────


class BadFrame(Malformed):
    """A frame that is no list of messages: whoever sent it does not speak our protocol."""

    kind = "bad_frame"


_DUMPS = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def encode(messages: Sequence[Mapping[str, Any]]) -> str:
    """Return the text frame that carries *messages*, in order."""
    return _DUMPS(messages)


def encode_one(message: Mapping[str, Any]) -> str:
    """Return *message* as JSON; frames may be joined from such texts."""
    return _DUMPS(message)


def decode_one(text: "str | bytes") -> Message:
    """Return the message, known to be one, that ``encode_one`` made *text* from."""
    message: Message = json.loads(text)
    return message


def decode(text: "str | bytes") -> List[Any]:
    """Return the messages that frame *text* carries, not yet checked.

    Raises:
        BadFrame: it is no JSON list.
    """
    try:
        messages = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadFrame(f"this frame is not JSON: {error}") from error
    if type(messages) is not list:
        raise BadFrame(f"a frame is a list of messages, not {_shape(messages)}")
    return messages


def checked(
    messages: Sequence[Any], table: Mapping[str, _Row]
) -> Tuple[List[Message], List[Complaint]]:
    """Return the messages that keep to *table*, and a complaint for each that does not.

    Types the table does not know are left out silently: a newer program may say more.
    """
    good: List[Message] = []
    complaints: List[Complaint] = []
    for place, message in enumerate(messages):
        if type(message) is not dict or type(message.get("t")) is not str:
            complaints.append(
                Complaint(
                    f"[{place}]", f"a message has a type t, {_shape(message)} has not"
                )
            )
            continue
        row = table.get(message["t"])
        if row is None:
            continue
        found = _complaint(message, row)
        if found is None:
            good.append(message)
        else:
            field, says = found
            complaints.append(Complaint(f"[{place}].{message['t']}.{field}", says))
    return good, complaints


def _complaint(message: Message, row: _Row) -> Optional[Tuple[str, str]]:
    must, may = row
    for name, kind in must.items():
        if name not in message:
            return name, f"is missing; it must be {kind.says}"
        if not kind.holds(message[name]):
            return name, f"must be {kind.says}, not {_shape(message[name])}"
    for name, kind in may.items():
        if name in message and not kind.holds(message[name]):
            return name, f"must be {kind.says}, not {_shape(message[name])}"
    return None


def _shape(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else shown[:60] + "…"


def common_version(theirs: int) -> int:
    """Return the version both sides speak when the other's newest is *theirs*.

    Raises:
        BadFrame: there is none; the sentence says which side is too old.
    """
    version = min(VERSION, theirs)
    if version < VERSION_OLDEST:
        raise BadFrame(
            f"the other side speaks version {theirs} of the agent protocol, "
            f"this one {VERSION_OLDEST} to {VERSION}; update the other side"
        )
    return version


# ── messages of the agent ─────────────────────────────────────────────────────────────


def hello(
    *,
    name: str,
    instance: str,
    boot: str,
    cores: Sequence[int],
    memory: int,
    holds: Sequence[Sequence[Any]],
    gpus: Sequence[int] = (),
    resources: Mapping[str, int] = {},
    labels: Sequence[str] = (),
    requires: Sequence[str] = (),
    trouble: Optional[Mapping[str, Any]] = None,
    facts: Mapping[str, Any] = {},
    epoch: int = 0,
) -> Message:
    """Return the first message of a connection: what the node has, and what it holds.

    Shapes:
        instance: names this start of the agent program
        holds:    [[job, task, n, phase, started_at | None], …]; phase is one of PHASES
        trouble:  why the node takes no work (a Reason as a dict), or None
        epoch:    of the newest leader that the node has spoken with
    """
    return {
        "t": "hello",
        "v": VERSION,
        "name": name,
        "instance": instance,
        "boot": boot,
        "cores": list(cores),
        "memory": memory,
        "gpus": list(gpus),
        "resources": dict(resources),
        "labels": list(labels),
        "requires": list(requires),
        "holds": [list(row) for row in holds],
        "trouble": trouble,
        "facts": dict(facts),
        "epoch": epoch,
    }


def started(a: Sequence[int], *, at: int, pid: int) -> Message:
    """Return the word that attempt *a* runs since *at*."""
    return {"t": "started", "a": list(a), "at": at, "pid": pid}


def suspended(a: Sequence[int], *, at: int, on: bool) -> Message:
    """Return the word that attempt *a* stands still (*on*), or goes on, since *at*."""
    return {"t": "suspended", "a": list(a), "at": at, "on": on}


def finished(
    a: Sequence[int],
    *,
    started_at: Optional[int],
    at: int,
    exit_code: Optional[int],
    signal: Optional[int],
    reason: Mapping[str, Any],
    usage: Mapping[str, Any],
) -> Message:
    """Return the word that attempt *a* ended at *at*; resent until it is forgotten."""
    return {
        "t": "finished",
        "a": list(a),
        "s": started_at,
        "at": at,
        "exit": exit_code,
        "sig": signal,
        "reason": reason,
        "usage": usage,
    }


def declined(a: Sequence[int], reason: Mapping[str, Any]) -> Message:
    """Return the word that attempt *a* never started and never will."""
    return {"t": "declined", "a": list(a), "reason": reason}


def beat(*, at: int, load: float, memory_free: int, disk_free: int) -> Message:
    """Return the agent's beat; the server's answer to it renews every lease."""
    return {
        "t": "beat",
        "at": at,
        "load": load,
        "memory_free": memory_free,
        "disk_free": disk_free,
    }


def health(trouble: Optional[Mapping[str, Any]]) -> Message:
    """Return the word that the node's own check changed its mind."""
    return {"t": "health", "trouble": trouble}


def progress(
    a: Sequence[int], *, done: float, total: Optional[float], text: str
) -> Message:
    """Return how far attempt *a* says it is."""
    return {"t": "progress", "a": list(a), "done": done, "total": total, "text": text}


def samples(rows: Sequence[Sequence[int]]) -> Message:
    """Return samples: [[job, task, n, at, cpu_ms, rss, read, written, procs], …]."""
    return {"t": "samples", "rows": list(rows)}


def data(
    request: int,
    *,
    offset: int,
    b64: str,
    size: int,
    eof: bool,
    error: Optional[str] = None,
) -> Message:
    """Return a piece of output that answers the ``read`` with id *request*.

    Shapes:
        offset: where the piece begins;  size: bytes the file has by now
        eof:    the attempt is over and this piece reaches the end
    """
    return {
        "t": "data",
        "id": request,
        "offset": offset,
        "b64": b64,
        "size": size,
        "eof": eof,
        "error": error,
    }

"""What agents send, as types: one decoder call turns a frame into values, checked.

    '[{"t":"finished","a":[12,7,1],…}, …]'  ──▶  [FinishedIn, …]

``wire.agent`` says in words and plain Python what may travel; here is the server's fast
reader of it.  A frame with one bad message loses that message, not its neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

import msgspec

from rota.core.job import AttemptRef
from rota.core.reasons import Reason
from rota.core.resources import Node

TEXT_MAX = 4000

Count = Annotated[int, msgspec.Meta(ge=0, le=1 << 62)]
Millis = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]


class ReasonIn(msgspec.Struct):
    """Why, as an agent says it."""

    code: Annotated[str, msgspec.Meta(max_length=64)]
    text: str
    evidence: dict[str, Any] = {}

    def take(self) -> Reason:
        """Return it as ours; over-long text is cut."""
        return Reason(self.code, self.text[:TEXT_MAX], self.evidence)


class HelloIn(msgspec.Struct, tag_field="t", tag="hello"):
    """Who is there, what the node has, which attempts it holds."""

    v: int
    name: Name
    boot: Annotated[str, msgspec.Meta(max_length=255)]
    cores: list[Count]
    memory: Count
    instance: str = ""
    gpus: list[Count] = []
    resources: dict[str, Count] = {}
    labels: list[str] = []
    requires: list[str] = []
    holds: list[tuple[int, int, int, str, Millis | None]] = []
    trouble: ReasonIn | None = None
    facts: dict[str, Any] = {}
    epoch: Count = 0

    def node(self) -> Node:
        """Return what the node has."""
        return Node(
            self.name,
            tuple(self.cores),
            self.memory,
            tuple(self.gpus),
            self.resources,
            tuple(self.labels),
            tuple(self.requires),
        )


class StartedIn(msgspec.Struct, tag_field="t", tag="started", gc=False):
    """An attempt runs."""

    a: AttemptRef
    at: Millis
    pid: int = 0


class SuspendedIn(msgspec.Struct, tag_field="t", tag="suspended", gc=False):
    """An attempt stands still, or goes on again."""

    a: AttemptRef
    at: Millis
    on: bool


class FinishedIn(msgspec.Struct, tag_field="t", tag="finished"):
    """An attempt ended."""

    a: AttemptRef
    at: Millis
    reason: ReasonIn
    s: Millis | None = None
    exit: int | None = None
    sig: int | None = None
    usage: dict[str, Any] = {}


class DeclinedIn(msgspec.Struct, tag_field="t", tag="declined"):
    """An attempt was not started and never will be."""

    a: AttemptRef
    reason: ReasonIn


class BeatIn(msgspec.Struct, tag_field="t", tag="beat"):
    """The agent is there."""

    at: Millis = 0
    load: float = 0.0
    memory_free: int | None = None
    disk_free: int | None = None


class HealthIn(msgspec.Struct, tag_field="t", tag="health"):
    """The node's own check changed its mind."""

    trouble: ReasonIn | None = None


class ProgressIn(msgspec.Struct, tag_field="t", tag="progress"):
    """How far an attempt says it is."""

    a: AttemptRef
    done: float
    total: float | None = None
    text: str = ""


class SamplesIn(msgspec.Struct, tag_field="t", tag="samples"):
    """What attempts used."""

    rows: list[tuple[int, int, int, Millis, Count, Count, Count, Count, Count]]


class DataIn(msgspec.Struct, tag_field="t", tag="data"):
    """A piece of what an attempt wrote."""

    id: int
    offset: int
    size: int
    b64: str = ""
    eof: bool = False
    error: str | None = None


class PhaseIn(msgspec.Struct, tag_field="t", tag="phase", gc=False):
    """An attempt is in another stage."""

    a: AttemptRef
    phase: Annotated[str, msgspec.Meta(pattern="^(staging_in|executing|staging_out)$")]


class StagedIn(msgspec.Struct, tag_field="t", tag="staged"):
    """Files of a running attempt were stored, or laid into its folder."""

    id: int
    tree: str | None = None
    files: int = 0
    bytes: int = 0
    error: str | None = None


class FedIn(msgspec.Struct, tag_field="t", tag="fed"):
    """What a running attempt is to read was taken, up to byte *at* of its sender's."""

    id: int
    at: int = 0
    error: str | None = None


Message = (
    HelloIn | StartedIn | SuspendedIn | FinishedIn | DeclinedIn | BeatIn | HealthIn
    | ProgressIn | SamplesIn | DataIn | PhaseIn | StagedIn | FedIn
)  # fmt: skip


class Frames:
    """Reads frames; see the head of the file."""

    _all: ClassVar = msgspec.json.Decoder(list[Message])
    _one: ClassVar = msgspec.json.Decoder(Message)
    _raw: ClassVar = msgspec.json.Decoder(list[msgspec.Raw])

    @classmethod
    def read(cls, text: str | bytes) -> tuple[list[Message], list[str]]:
        """Return the messages of a frame, and a complaint for each that makes no sense.

        Raises:
            ValueError: it is no list of messages at all.
        """
        try:
            return cls._all.decode(text), []
        except (msgspec.ValidationError, RecursionError):
            return cls._piecewise(text)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ValueError(f"not a frame: {error}") from None

    @classmethod
    def _piecewise(cls, text: str | bytes) -> tuple[list[Message], list[str]]:
        try:
            raws = cls._raw.decode(text)
        except (msgspec.DecodeError, RecursionError) as error:
            raise ValueError(f"not a frame: {error}") from None
        good: list[Message] = []
        bad: list[str] = []
        for raw in raws:
            try:
                good.append(cls._one.decode(raw))
            except (msgspec.DecodeError, RecursionError) as error:
                bad.append(f"{error}: {bytes(raw)[:200]!r}")
        return good, bad


_encode = msgspec.json.Encoder().encode


def write(
    messages: Sequence[Mapping[str, Any]], *, count_max: int, bytes_max: int
) -> tuple[str, int]:
    """Return the first of *messages* as the text of a frame, and how many they are.

    A frame ends with the message that takes it over *bytes_max*.
    """
    parts: list[bytes] = []
    size = 0
    for message in messages[:count_max]:
        parts.append(_encode(message))
        size += len(parts[-1])
        if size >= bytes_max:
            break
    return (b"[" + b",".join(parts) + b"]").decode(), len(parts)

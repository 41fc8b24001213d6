"""What one says of a pool: one table, read the same in a file, an option and a request.

pools:
  big: {kind: slurm, partition: long, time: 4h, cores: 16, memory: 64GB, max: 20}

rota pool add big --kind slurm --partition long --time 4h --cores 16 …
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from rota.core.errors import Complaint, Malformed
from rota.core.fields import Kind, forms
from rota.core.fields.groups import ListOf, MapOf
from rota.core.fields.kinds import (
    Choice,
    Duration,
    Flag,
    Note,
    Size,
    Text,
    Whole,
    Word,
)
from rota.core.fields.telling import plain, suggest
from rota.core.pool import NAME

POOL_NAME = Word(NAME, says="a name of up to 24 letters, digits and _", shape="a name")
KINDS = ("local", "slurm", "gridengine", "pbs", "htcondor", "kubernetes", "command")
SEVERAL_NODES = ("slurm", "pbs", "kubernetes")
COMMANDS = ("submit", "poll", "cancel")

_TEXT = Text(longest=1000, never=Text.LINE)
_HOST = Word(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,252}", says="a host such as me@login1")
_SHELL = Text(longest=10_000)
_SCHEME = Word(
    r"(unix:/|https?://)[!-~]{1,4000}", says="unix:/path or https://host:port#sha256=…",
    shape="a URL",
)  # fmt: skip


class PoolKey(NamedTuple):
    """One row of the table."""

    kind: Kind
    says: str
    default: str


POOL_KEYS: Mapping[str, PoolKey] = {
    "kind": PoolKey(Choice(*KINDS), "Which system its pilots are handed in to.", "none"),
    "time": PoolKey(Duration(), "How long a pilot may live.", "as the system has it"),
    "cores": PoolKey(forms.CORES, "Cores of each agent.", "all that it finds"),
    "memory": PoolKey(Size(), "Memory of each agent.", "all that it finds"),
    "gpus": PoolKey(Whole(0, 1000), "GPUs of each agent.", "0"),
    "nodes": PoolKey(Whole(1, 10_000), "Nodes of one pilot.", "1"),
    "agents": PoolKey(Whole(1, 1000), "Agents on each of its nodes.", "1"),
    "account": PoolKey(_TEXT, "Whom the other system charges.", "as the system has it"),
    "partition": PoolKey(_TEXT, "Partition, queue, or namespace.", "as the system has it"),
    "qos": PoolKey(_TEXT, "Quality of service (slurm).", "as the system has it"),
    "constraint": PoolKey(_TEXT, "What the nodes must have, in its words.", "none"),
    "cluster": PoolKey(_TEXT, "Which cluster, server, schedd or context.", "the usual one"),
    "labels": PoolKey(forms.LABELS, "Labels its nodes offer, besides pool:NAME.", "none"),
    "min": PoolKey(Whole(0, 100_000), "So many pilots are kept, work or not.", "0"),
    "max": PoolKey(Whole(0, 100_000), "Never more pilots than so many.", "1"),
    "backlog": PoolKey(
        Whole(1, 100_000), "Never more than so many that have not come yet.", "max"
    ),
    "idle": PoolKey(Duration(), "A pilot without work for so long is given back.", "5m"),
    "poll": PoolKey(Duration(), "How often its system is asked, by one command.", "10s"),
    "via": PoolKey(_HOST, "The system's commands are run on this host, over ssh.", "here"),
    "address": PoolKey(_SCHEME, "Where agents find the server.", "as the server thinks"),
    "carry": PoolKey(
        Flag(), "The script brings agent and token along: no shared folder.", "false"
    ),
    "python": PoolKey(forms.PATH, "Python 3.9 or later on the nodes.", "python3"),
    "scratch": PoolKey(forms.PATH, "Folder on the node for journals.", "$TMPDIR or /tmp"),
    "setup": PoolKey(_SHELL, "Shell lines before the agent starts.", "none"),
    "options": PoolKey(
        ListOf(_TEXT, most=100), "Further directives of the script, as they are.", "none"
    ),
    "commands": PoolKey(
        MapOf(Word("submit|poll|cancel", says="submit, poll or cancel"), _SHELL, most=3),
        "Of kind command: submit, poll and cancel, as shell lines.", "none",
    ),
}  # fmt: skip
"""{key: its row}, in the order people read them."""


class PoolKind(Kind):
    """A mapping with the keys of a pool."""

    shape = "a mapping with kind, time, cores … of a pool"

    def read(self, value: Any, note: Note) -> Any:
        """Return {key: value as it is kept}; what is wrong is noted at its key."""
        if not isinstance(value, dict):
            note(f"must be {self.shape}")
            return {}
        wrong: list[str] = []

        def noted(problem: str, remedy: str = "", at: str = "") -> None:
            wrong.append(at)
            note(problem, remedy, at)

        read = {key: _read(key, held, noted) for key, held in value.items()}
        if not wrong:
            _judge(read, note)
        return read


def read_pool(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what *said*, keys and values as in a file, is kept as.

    Raises:
        Malformed: its complaints name each key that is wrong.
    """
    wrong: list[Complaint] = []

    def note(problem: str, remedy: str = "", at: str = "") -> None:
        wrong.append(Complaint(at.lstrip("."), problem, remedy))

    read: dict[str, Any] = PoolKind().read(dict(said), note)
    if wrong:
        raise Malformed(complaints=wrong)
    return read


def merged_pool(old: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept when *said* changes *old*; a key that is null is taken back.

    Raises:
        Malformed: a key is wrong, or does not go with those that stay.
    """
    wrong: list[Complaint] = []

    def note(problem: str, remedy: str = "", at: str = "") -> None:
        wrong.append(Complaint(at.lstrip("."), problem, remedy))

    new = {key: _read(key, held, note) for key, held in said.items() if held is not None}
    kept = {key: held for key, held in old.items() if key not in said}
    if not wrong:
        _judge({**kept, **new}, note)
    if wrong:
        raise Malformed(complaints=wrong)
    return {**kept, **new}


def _read(key: str, held: Any, note: Note) -> Any:
    row = POOL_KEYS.get(key)
    if row is None:
        remedy = suggest(key, POOL_KEYS) or f"keys are {', '.join(POOL_KEYS)}"
        note("unknown key", remedy, f".{plain(key)}")
        return held

    def noted(problem: str, remedy: str = "", at: str = "") -> None:
        note(problem, remedy, f".{key}{at}")

    return row.kind.read(held, noted)


def _judge(said: Mapping[str, Any], note: Note) -> None:
    """Complain about what is well-formed and cannot go together."""
    kind = said.get("kind")
    if kind is None:
        note("is missing", f"say one of {', '.join(KINDS)}", ".kind")
        return
    if said.get("nodes", 1) > 1 and kind not in SEVERAL_NODES:
        remedy = f"raise max instead; {', '.join(SEVERAL_NODES)} can"
        note(f"{kind} starts a pilot on one node only", remedy, ".nodes")
    if said.get("min", 0) > said.get("max", 1):
        most = said.get("max", 1)
        note(f"{said['min']} is more than max, which is {most}", "raise max", ".min")
    missing = [name for name in COMMANDS if name not in said.get("commands", {})]
    if kind == "command" and missing:
        remedy = "a pool of kind command needs submit, poll and cancel"
        note(f"has no {missing[0]}", remedy, ".commands")
    if kind != "command" and "commands" in said:
        note(f"is for kind command, this is {kind}", "leave it out", ".commands")

"""A cluster file: the machines that one can reach by ssh.

ssh: ssh -F lab.config                  how to call ssh; nothing else is needed
nodes:
  - n1                                  all it has is offered
  - {host: ada@n2, cores: 8, memory: 16GB, labels: [gen4], python: /opt/py/bin/python3}

or, line by line, as wq wants it, with GB of memory:      or the same keys in TOML

    n1  16  64  gen4,fast

text ──→ SshNodes, or every complaint with its line
"""

from __future__ import annotations

import shlex
import tomllib
from dataclasses import dataclass, field
from typing import Any

from rota.core.errors import Complaint, Malformed
from rota.core.fields import forms
from rota.core.fields.groups import Keys, ListOf
from rota.core.fields.kinds import Size, Text, Whole, Word
from rota.core.fields.telling import quoted, suggest
from rota.formats.native.yamls import Tree, read_tree
from rota.formats.settings import noting
from rota.formats.spots import place

_GB = 1_000_000_000
_HOST = Word(
    r"(?:[A-Za-z0-9_][A-Za-z0-9_.+-]*@)?[A-Za-z0-9_][A-Za-z0-9_.:%-]{0,252}",
    says="a host as ssh takes it, such as n1 or ada@n1.example",
    shape="a host",
)
_PATH = Text(longest=4000, never=Text.LINE)
_NODE = Keys(
    ("host",), host=_HOST, name=forms.WORD, cores=Whole(1, 65_536), memory=Size(),
    labels=forms.WORDS, requires=forms.WORDS, resources=forms.AMOUNTS, python=_PATH,
    scratch=_PATH, probes=ListOf(_PATH, most=20),
)  # fmt: skip
_SSH = Text(longest=4000, never=Text.LINE)
KEYS = ("ssh", "nodes")


@dataclass(frozen=True, slots=True)
class SshNode:
    """A machine that agents are started on by ssh.

    Shapes:
        host:    as ssh takes it, an alias of the user's configuration too
        cores, memory: to offer; None: all there is;  memory: bytes
        python:  to run the agent with; None: the first that is new enough
        scratch: folder for the agent's own; None: $TMPDIR or /tmp
        probes:  shell lines that must end with 0 for it to take work
    """

    host: str
    name: str
    cores: int | None = None
    memory: int | None = None
    labels: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    resources: dict[str, int] = field(default_factory=dict)
    python: str | None = None
    scratch: str | None = None
    probes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cluster:
    """What a cluster file says.  ``ssh``: the command, in words."""

    nodes: tuple[SshNode, ...]
    ssh: tuple[str, ...] = ("ssh",)


def read_cluster(text: str, *, where: str) -> Cluster:
    """Return what *text* says, whichever of the three forms it has.

    Args:
        where: the name of the file; ``.toml`` says that it is TOML.

    Raises:
        Malformed: its complaints list all that is wrong, each with its line.
    """
    if where.endswith(".toml"):
        try:
            tree = Tree(tomllib.loads(text), {})
        except tomllib.TOMLDecodeError as error:
            raise Malformed(complaints=[Complaint("", str(error), "", where)]) from None
    elif _is_lines(text):
        return _from_lines(text, where=where)
    else:
        tree = read_tree(text, where=where)
    return _from_tree(tree, where=where)


def _from_tree(tree: Tree, *, where: str) -> Cluster:
    wrong: list[Complaint] = []
    said = {"nodes": tree.value} if isinstance(tree.value, list) else tree.value
    if not isinstance(said, dict) or "nodes" not in said:
        problem = "has no nodes"
        raise Malformed(
            complaints=[Complaint("nodes", problem, "write nodes: [n1, n2]", where)]
        )
    for key in said:
        if key not in KEYS:
            note = noting(wrong, key, tree=tree, where=where)
            note("unknown key", suggest(key, KEYS) or f"keys are {', '.join(KEYS)}")
    note = noting(wrong, "nodes", tree=tree, where=where)
    rows = said["nodes"] if isinstance(said["nodes"], list) else [said["nodes"]]
    full = [{"host": row} if isinstance(row, str) else row for row in rows]
    read = ListOf(_NODE, most=100_000, single=False).read(full, note)
    ssh = said.get("ssh", "ssh")
    if isinstance(ssh, list):
        words = tuple(str(word) for word in ssh)
    else:
        _SSH.read(ssh, noting(wrong, "ssh", tree=tree, where=where))
        words = tuple(shlex.split(ssh)) if isinstance(ssh, str) else ()
    if wrong:
        raise Malformed(complaints=wrong)
    return Cluster(_unlike([_node(row) for row in read], where=where), words or ("ssh",))


def _node(row: dict[str, Any]) -> SshNode:
    host = row["host"]
    lists: dict[str, Any] = {
        key: tuple(row[key]) for key in ("labels", "requires", "probes") if key in row
    }
    full: dict[str, Any] = {"name": host.rpartition("@")[2], **row, **lists}
    return SshNode(**full)


def _is_lines(text: str) -> bool:
    """Whether this is wq's form: a host, a number, …"""
    lines = (line.partition("#")[0].split() for line in text.splitlines())
    first = next((words for words in lines if words), [])
    return len(first) > 1 and first[1].isdigit() and ":" not in first[0]


def _from_lines(text: str, *, where: str) -> Cluster:
    found: dict[str, SshNode] = {}
    wrong: list[Complaint] = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        cores, memory = [*words[1:3], "", ""][:2]
        if len(words) > 4 or not cores.isdigit() or not int(cores) or not _is_gb(memory):
            problem = f"{quoted(line.strip())} is no node"
            remedy = "write: host cores GB label,label"
            wrong.append(Complaint("nodes", problem, remedy, place(where, f"{number}:1")))
            continue
        labels = tuple(word for word in "".join(words[3:]).split(",") if word)
        size = round(float(memory) * _GB) or None
        # As wq does: who stands there twice is as the last line says.
        found[words[0]] = SshNode(words[0], words[0], int(cores), size, labels)
    if wrong:
        raise Malformed(complaints=wrong)
    return Cluster(tuple(found.values()))


def _is_gb(text: str) -> bool:
    return text.replace(".", "", 1).isdigit() if text else False


def _unlike(nodes: list[SshNode], *, where: str) -> tuple[SshNode, ...]:
    names = [node.name for node in nodes]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        remedy = "give each a name of its own"
        problem = f"{', '.join(twice)} stands there twice"
        raise Malformed(complaints=[Complaint("nodes", problem, remedy, where)])
    return tuple(nodes)

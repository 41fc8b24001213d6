"""The server's part of ssh nodes: what they are given, and how they stand.

    --cluster FILE ──▶ SshNodes ──settled──▶ HOME/ssh-nodes.json
                          ╰──standing──▶ rota nodes

Each node has an agent's token of its own: it can speak for no other node.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from rota.core.errors import Refused
from rota.formats.cluster import Cluster, SshNode, read_cluster
from rota.launch.kept import Kept, write_kept
from rota.launch.ssh_nodes import SshNodes, Standing
from rota.server.auth import hash_of, name_of
from rota.server.home import Home
from rota.server.parts import Parts
from rota.server.scopes import AGENT
from rota.store.contract import Store, Token

log = logging.getLogger("rota.ssh")

AGENT_FILE = "agent.pyz"
FIRST_S_MAX = 5.0


def cluster_of(path: Path) -> Cluster:
    """Return what the cluster file at *path* says.

    Raises:
        Malformed: with all that is wrong;  Refused: it cannot be read.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"cannot read the cluster file {path}: {error}") from None
    return read_cluster(text, where=path.name)


async def keep_nodes(cluster: Cluster, home: Home, parts: Parts) -> SshNodes:
    """Start the agents of *cluster*, and return who keeps them."""
    agent = await _agent_file(home)
    secret = home.agent_token.read_bytes().strip()

    def files(node: SshNode) -> Mapping[str, bytes]:
        token = _token(parts.store, secret, node, at=parts.clock.now())
        return {"agent.pyz": agent, "token": token.encode()}

    before: dict[str, tuple[str, str]] = {}

    def told(node: SshNode, standing: Standing) -> None:
        now = (standing.state, standing.why)
        if before.get(node.name) != now and standing.state != "starting":
            why = f": {standing.why}" if standing.why else ""
            log.info("ssh node %s is %s%s", node.name, standing.state, why)
            before[node.name] = now
        if standing.state == "held":
            write_kept(home.path, _kept(nodes))

    nodes = SshNodes(
        cluster,
        socket=home.sock,
        files=files,
        key=parts.about.server[:8],
        is_up=lambda name: parts.gateway.link(name) is not None,
        told=told,
    )
    nodes.start()
    # What no node is known to have is refused: let those come that can.
    await nodes.tried(timeout_s=FIRST_S_MAX)
    return nodes


def _kept(nodes: SshNodes) -> list[Kept]:
    return [
        Kept(node, at, nodes.cluster.ssh)
        for node in nodes.cluster.nodes
        if (at := nodes.standing[node.name].settled) is not None
    ]


def _token(store: Store, secret: bytes, node: SshNode, *, at: int) -> str:
    """Return the token of *node*'s agent: the same as long as the server's is."""
    token = hmac.new(secret, f"ssh {node.name}".encode(), hashlib.sha256).hexdigest()
    if store.token(hash_of(token)) is None:
        owner = name_of(os.getuid())
        note = f"ssh node {node.host}"
        row = Token(owner, os.getuid(), AGENT, at, note, node=node.name)
        store.add_token(hash_of(token), row)
    return token


async def _agent_file(home: Home) -> bytes:
    """Return the one file that is the agent, made by this very version."""
    path = home.path / AGENT_FILE
    made = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "rota.agent.bundle", str(path), stderr=asyncio.subprocess.PIPE
    )
    _, said = await made.communicate()
    if made.returncode != 0:
        raise Refused(f"the agent file cannot be made: {said.decode(errors='replace')}")
    return path.read_bytes()

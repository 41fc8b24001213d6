"""A pool and a ticket of each kind, for tests of all launchers."""

from __future__ import annotations

from rota.core.pool import Pool
from rota.launch.contract import Command, Output, Ticket

MARKER = "rota-ab12-big-7"
PREFIX = "rota-ab12-big-"
COMMANDS = {"submit": "mysub {marker}", "poll": "mylist", "cancel": "mykill {ids}"}


def pool(kind: str, **more: object) -> Pool:
    """Return a pool that asks for all there is to ask."""
    said = {
        "time_ms": 3_600_000, "cores": 4, "memory": 8 << 30, "gpus": 1, "account": "proj7",
        "partition": "short", "constraint": "gen5", "commands": COMMANDS, **more,
    }  # fmt: skip
    return Pool("big", kind, **said)  # type: ignore[arg-type]


def ticket(**more: object) -> Ticket:
    """Return a ticket for pilot 7 of that pool."""
    said = {
        "nodes": ("big-7",), "server": "unix:/srv/rota.sock",
        "token_file": "/srv/agent-token", "agent_file": "/srv/agent.pyz",
        "kept": "/srv/pools/big/7", **more,
    }  # fmt: skip
    return Ticket(MARKER, **said)  # type: ignore[arg-type]


def output(out: str = "", *, code: int | None = 0, err: str = "") -> Output:
    """Return what a command printed."""
    return Output(Command(("prog", "-x")), code, out, err, 60.0)

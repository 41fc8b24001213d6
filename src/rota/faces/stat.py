"""``rota stat``: how busy it is: a bar for each node, totals, and who has how much.

[**..] astro01   2/4 cores   3.1 of 31 GiB   gen4, gpu                     up
[*...] big-7     1/4 cores   0 B of 8 GiB    pool:big, slurm job 1234      up
"""

from __future__ import annotations

from rota.core.units import show_size
from rota.faces import cells, terminal
from rota.faces.connect import client_of
from rota.faces.tables import Column, table, usage_bar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping, Sequence
    from typing import Any

    View = Mapping[str, Any]

NODE_COLUMNS = (*(Column("") for _ in range(4)), Column("", rare=True), Column(""))
USER_COLUMNS = (Column("USER"), Column("CORES", right=True), Column("TASKS"))


def options(parser: ArgumentParser) -> None:
    """Say what ``stat`` takes: nothing of its own."""


def run(args: Namespace) -> int:
    """Show how busy it is."""
    client = client_of(args)
    total, nodes = client.stat(), [node.raw for node in client.nodes()]
    if args.json:
        terminal.show_json("stat", {**total, "per_node": nodes})
        return 0
    for line in page(total, nodes):
        terminal.out(line)
    return 0


def page(total: View, nodes: Sequence[View]) -> list[str]:
    """Return the lines that show *total* and *nodes*."""
    lines = node_bars(nodes) or ["no node is connected; rota up starts one here"]
    lines += ["", summary(total)]
    if total["users"]:
        rows = [
            (str(user["name"]), str(user["cores_used"]), cells.counts(user["counts"]))
            for user in total["users"]
        ]
        lines += ["", *table(USER_COLUMNS, rows)]
    lines += [
        f"{each['name']} does not work, {each['waiting']} notices wait: {each['error']}"
        for each in total.get("channels", ())
        if each["error"]
    ]
    return lines


def node_bars(nodes: Sequence[View]) -> list[str]:
    """Return a line for each node, its bar first, in columns."""
    rows = [
        (
            usage_bar(node["cores_used"], node["cores"]),
            str(node["name"]),
            f"{node['cores_used']}/{node['cores']} cores",
            used_of(node["memory_used"], node["memory"]),
            ", ".join(filter(None, [*(node.get("labels") or ()), pilot_text(node)])),
            state_text(node),
        )
        for node in nodes
    ]
    return table(NODE_COLUMNS, rows)[1:]


def summary(total: View) -> str:
    """Return the totals as one line."""
    parts = [f"{total['cores_used']} of {total['cores']} cores in use"]
    if total["memory_used"]:
        parts.append(used_of(total["memory_used"], total["memory"]) + " promised")
    if total["gpus"]:
        parts.append(f"{total['gpus_used']} of {total['gpus']} gpus")
    return "; ".join([", ".join(parts), cells.counts(total["counts"]) or "no jobs waiting"])


def used_of(used: int, total: int) -> str:
    """Return sizes as "3.1 of 31 GiB"."""
    return f"{show_size(used)} of {show_size(total)}"


def pilot_text(node: View) -> str:
    """Return what the other system calls the node's allocation: "slurm job 1234", or ""."""
    pilot = node.get("pilot")
    if not pilot:
        return ""
    return f"{pilot['kind']} job {pilot['id'] or '?'}"


def state_text(node: View) -> str:
    """Return the node's state, with the reason when it takes no work."""
    state, reason = str(node["state"]), str((node.get("reason") or {}).get("text", ""))
    if reason.startswith(state):
        return reason
    return f"{state}: {reason}" if reason else state

"""Could it ever, and if not, what could: the answer a submit gets at once.

Impossible is not unavailable (promise 6): the question "ever?" is the question "now?"
asked of the same nodes with nothing running, drained and unreachable ones included.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rota.core.errors import Complaint, did_you_mean
from rota.core.pool import pool_label
from rota.core.resources import Mode, Node, Request
from rota.core.units import DISK, show_size
from rota.sched.eligible import eligible
from rota.sched.labels import named, parse
from rota.sched.modes import find, spread
from rota.sched.problem import NodeView
from rota.sched.space import space_of


def could_ever(
    request: Request,
    nodes: Sequence[Node],
    *,
    licences: Mapping[str, int] | None = None,
) -> Complaint | None:
    """Return None when idle *nodes* could run *request*, else why not and what they could.

    Without any node nothing can be said yet, and nothing is refused.

    Shapes:
        licences: {name: how many there are}; None: nobody declared any
    """
    if complaint := contradiction(request) or _licences(request, licences):
        return complaint
    if not nodes or _plainly_fits(request, nodes):
        return None
    whole = [_whole(node) for node in nodes]
    if find(request, space_of(whole, licences)) is not None:
        return None
    return _sort_of_node(request, nodes) or _too_much(request, nodes)


def contradiction(request: Request) -> Complaint | None:
    """Return what in *request* cannot go together, whatever the nodes are."""
    for text in request.require:
        try:
            parse(text)
        except ValueError as error:
            return Complaint("require", str(error), 'write for example "gpu & !slow"')
    if request.mode is Mode.BY_HOST and not request.host:
        return Complaint("host", "mode byhost needs it", "name the node, host: node01")
    if request.mode is Mode.BY_GROUP and not request.group:
        return Complaint("group", "mode bygroup needs it", "name a group, group: gen4")
    if request.mode is Mode.BY_CORE and (request.gpus or request.resources):
        field = "gpus" if request.gpus else request.resources[0][0]
        return Complaint(
            field, "cannot be had with mode bycore", "use mode bycore1 or bynode"
        )
    if request.cores % max(1, request.threads) and request.mode is not Mode.BY_NODE:
        return Complaint(
            "threads",
            f"{request.cores} cores are no multiple of {request.threads} threads",
            f"ask for {_round_up(request.cores, request.threads)} cores",
        )
    return None


def _plainly_fits(request: Request, nodes: Sequence[Node]) -> bool:
    """The usual case, answered without building anything: one node is large enough."""
    if request.mode is not Mode.BY_CORE_1:
        return False
    return any(_misses(request, node) == 0 and eligible(node, request) for node in nodes)


def _misses(request: Request, node: Node) -> int:
    """Count what *node*, idle, has too little of for *request*."""
    return (
        (len(node.cores) < request.cores)
        + (node.memory < request.memory)
        + (len(node.gpus) < request.gpus)
        + sum(node.resources.get(name, 0) < k for name, k in request.resources)
    )


def _licences(request: Request, licences: Mapping[str, int] | None) -> Complaint | None:
    known = licences or {}
    for name, amount in request.licences:
        if name not in known:
            near = did_you_mean(name, list(known))
            remedy = f"did you mean {near}?" if near else _listed("licences", known)
            return Complaint("licences", f"nobody declared a licence {name}", remedy)
        if amount > known[name]:
            return Complaint(
                "licences",
                f"there are {known[name]} of {name}, {amount} asked for",
                f"ask for at most {known[name]}",
            )
    return None


def _sort_of_node(request: Request, nodes: Sequence[Node]) -> Complaint | None:
    """Complain when no node is of the sort asked for, whatever its size."""
    names = [node.name for node in nodes]
    if request.mode is Mode.BY_HOST and request.host not in names:
        near = did_you_mean(request.host or "", names)
        remedy = f"did you mean {near}?" if near else _listed("nodes", names)
        return Complaint("host", f"there is no node {request.host}", remedy)
    offered = {label for node in nodes for label in node.labels}
    if request.pool and pool_label(request.pool) not in offered:
        pools = {name[5:] for name in offered if name.startswith(pool_label(""))}
        near = did_you_mean(request.pool, list(pools))
        remedy = f"did you mean {near}?" if near else _listed("pools", pools)
        return Complaint("pool", f"there is no pool {request.pool}", remedy)
    asked = {"group": set(request.group)}
    asked["require"] = set().union(*(named(text) for text in request.require))
    for field, words in asked.items():
        unknown = sorted(words - offered)
        if unknown and (field == "require" or not words & offered):
            remedy = _listed("groups" if field == "group" else "labels", offered)
            return Complaint(field, f"no node offers {unknown[0]}", remedy)
    if any(eligible(node, request) for node in nodes):
        return None
    for field in ("min_cores", "min_memory"):
        largest = max(_size(node, field) for node in nodes)
        if getattr(request, field) > largest:
            shown = show_size(largest) if field == "min_memory" else str(largest)
            return Complaint(field, f"the largest node has {shown}", "ask for less")
    return Complaint(
        "require" if request.require else "group",
        "no node is of that sort: each lacks a label asked for or has one excluded",
        _listed("labels", offered),
    )


def _too_much(request: Request, nodes: Sequence[Node]) -> Complaint:
    """Name the first thing that is too much, and how much there is of it."""
    able = [node for node in nodes if eligible(node, request)]
    if request.mode is Mode.BY_HOST:
        able = [node for node in able if node.name == request.host] or able
    if request.mode is Mode.BY_NODE:
        return _too_many_nodes(request, able)
    if request.mode is Mode.BY_CORE:
        total = sum(_in_ranks(len(node.cores), request.threads) for node in able)
        if total < request.cores:
            return _at_most("cores", total, "all nodes together have", request.cores)
        return Complaint(
            "memory",
            f"{show_size(-(-request.memory // request.cores))} for each core is too much",
            "ask for less memory or more cores",
        )
    return _one_node(request, able)


def _one_node(request: Request, able: Sequence[Node]) -> Complaint:
    cores = max(len(node.cores) for node in able)
    memory = max(node.memory for node in able)
    gpus = max(len(node.gpus) for node in able)
    if request.cores > cores:
        return _at_most("cores", cores, "the largest node has", request.cores)
    if request.memory > memory:
        has = f"the largest node has {show_size(memory)}"
        return Complaint(
            "memory", has, f"ask for at most {show_size(memory)}, or add a node"
        )
    if request.gpus > gpus:
        return _at_most("gpus", gpus, "no node has more than", request.gpus)
    for name, amount in request.resources:
        most = max(node.resources.get(name, 0) for node in able)
        if amount > most and name == DISK and most:
            has = f"no node has more than {show_size(most)}"
            remedy = f"ask for at most {show_size(most)}, or add a node"
            return Complaint(name, f"{show_size(amount)} asked for; {has}", remedy)
        if amount > most:
            return _at_most(name, most, "no node has more than", amount)
    best = max(able, key=lambda node: (-_misses(request, node), len(node.cores)))
    has = f"{len(best.cores)} cores, {show_size(best.memory)}, {len(best.gpus)} gpus"
    return Complaint(
        "cores", "no node has all of this at once", f"the nearest, {best.name}, has {has}"
    )


def _too_many_nodes(request: Request, able: Sequence[Node]) -> Complaint:
    share = spread(request)
    enough = sum(1 for node in able if _misses(share, node) == 0)
    if enough and enough < request.n:
        return _at_most("n", enough, "so many nodes are large enough:", request.n)
    return _one_node(share, able)


def _at_most(field: str, most: int, has: str, asked: int) -> Complaint:
    if not most:
        return Complaint(
            field, f"no node has any, {asked} asked for", "add a node that has"
        )
    thing = "nodes" if field == "n" else field
    said = f"{has} {most} {thing}" if field != "n" else f"{has} {most}"
    return Complaint(
        field, f"{asked} asked for; {said}", f"ask for at most {most}, or add a node"
    )


def _size(node: Node, field: str) -> int:
    return len(node.cores) if field == "min_cores" else node.memory


def _whole(node: Node) -> NodeView:
    return NodeView(node, node.cores, node.memory, node.gpus, node.resources)


def _in_ranks(cores: int, threads: int) -> int:
    return cores - cores % max(1, threads)


def _round_up(cores: int, threads: int) -> int:
    return -(-cores // threads) * threads


def _listed(what: str, words: Sequence[str] | Mapping[str, int] | set[str]) -> str:
    shown = sorted(words)
    if not shown:
        return f"there are no {what}"
    more = f" and {len(shown) - 12} more" if len(shown) > 12 else ""
    return f"{what} are {', '.join(shown[:12])}{more}"

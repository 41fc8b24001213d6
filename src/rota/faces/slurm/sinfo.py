"""``sinfo``: partitions and nodes, those alike in one line.

nodes ──grouped by what the columns show──▶ lines
"""

from __future__ import annotations

import re
import sys
import time

from rota.core.foreign import fold_hosts
from rota.core.getopt import MAYBE, NONE, VALUE, BadOption, Table, parse
from rota.faces.slurm import show
from rota.faces.slurm.cluster import partitions, state_of
from rota.faces.slurm.entry import usage_error
from rota.faces.slurm.show import listed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rota.client.views import Node
    from rota.faces.foreign import Site
    from rota.faces.slurm.cluster import Partition

OPTIONS = Table(
    {
        "all": ("a", NONE), "clusters": ("M", VALUE), "dead": ("d", NONE),
        "exact": ("e", NONE), "federation": ("", NONE), "format": ("o", VALUE),
        "Format": ("O", VALUE), "future": ("F", NONE), "help": ("", NONE),
        "hide": ("", NONE), "iterate": ("i", VALUE), "json": ("", NONE),
        "local": ("", NONE), "long": ("l", NONE), "list-reasons": ("R", NONE),
        "Node": ("N", NONE), "nodes": ("n", VALUE), "noconvert": ("", NONE),
        "noheader": ("h", NONE), "partition": ("p", VALUE), "reservation": ("T", NONE),
        "responding": ("r", NONE), "sort": ("S", VALUE), "states": ("t", VALUE),
        "summarize": ("s", NONE), "usage": ("", NONE), "verbose": ("v", NONE),
        "version": ("V", NONE), "x": ("", MAYBE),
    }
)  # fmt: skip
STANDARD = "%9P %.5a %.10l %.6D %.6t %N"
SUMMARY = "%9P %.5a %.10l %.16F %N"
BY_NODE = "%10N %.5D %.9P %6t"
LONG_BY_NODE = "%10N %.5D %.9P %.11T %4c %.8z %.6m %.8d %.6w %.8f %20E"
LONG = "%9P %.5a %.10l %.10s %.4r %.8h %.10g %.6D %.11T %N"
REASONS = "%20E %9u %19H %N"
_CODE = re.compile(r"%(\.?)(\d*)([A-Za-z])")


class Line:
    """Nodes of one partition that look alike."""

    def __init__(self, part: Partition, nodes: Sequence[Node]) -> None:
        self.part, self.nodes = part, list(nodes)

    @property
    def one(self) -> Node | None:
        """One of them, as they look alike."""
        return self.nodes[0] if self.nodes else None

    def amount(self, made: Callable[[Node], int]) -> str:
        """Return what all have, "4", or the smallest with a +."""
        found = sorted({made(node) for node in self.nodes})
        if not found:
            return "0"
        return str(found[0]) + ("+" if len(found) > 1 else "")

    def text(self, made: Callable[[Node], str], absent: str = "n/a") -> str:
        """Return what the first has."""
        return made(self.nodes[0]) if self.nodes else absent


def _cores(line: Line) -> str:
    busy = sum(int(node["cores_used"]) for node in line.nodes)
    total = sum(int(node["cores"]) for node in line.nodes)
    away = sum(
        int(n["cores"]) - int(n["cores_used"]) for n in line.nodes if n.state != "up"
    )
    return f"{busy}/{total - busy - away}/{away}/{total}"


def _nodes(line: Line) -> str:
    states = [state_of(node)[1] for node in line.nodes]
    idle = states.count("idle")
    busy = states.count("mix") + states.count("alloc")
    return f"{busy}/{idle}/{len(states) - busy - idle}/{len(states)}"


def _reason(node: Node) -> str:
    reason = node.get("reason") or {}
    evidence = reason.get("evidence") or {}
    return str(evidence.get("why") or reason.get("text") or "none")


def _who(node: Node) -> str:
    return str(((node.get("reason") or {}).get("evidence") or {}).get("who") or "Unknown")


def _gres(node: Node) -> str:
    return f"gpu:{node['gpus']}" if node["gpus"] else "(null)"


def _free(node: Node) -> str:
    free = node.get("memory_free")
    return "N/A" if free is None else str(int(free) >> 20)


def _load(node: Node) -> str:
    load = node.get("load")
    return "N/A" if load is None else f"{load:.2f}"


def _starred(line: Line) -> str:
    return line.part.name + ("*" if line.part.is_default else "")


CODES: dict[str, tuple[str, Callable[[Line], str]]] = {
    "P": ("PARTITION", _starred), "R": ("PARTITION", lambda o: o.part.name),
    "a": ("AVAIL", lambda o: "up"), "D": ("NODES", lambda o: str(len(o.nodes))),
    "l": ("TIMELIMIT", lambda o: show.span(o.part.limit_s, "infinite")),
    "L": ("DEFAULTTIME", lambda o: show.span(o.part.default_s, "n/a")),
    "t": ("STATE", lambda o: o.text(lambda n: state_of(n)[1])),
    "T": ("STATE", lambda o: o.text(lambda n: state_of(n)[0])),
    "N": ("NODELIST", lambda o: fold_hosts(n.name for n in o.nodes)),
    "n": ("HOSTNAMES", lambda o: o.text(lambda n: n.name, "")),
    "c": ("CPUS", lambda o: o.amount(lambda n: int(n["cores"]))),
    "C": ("CPUS(A/I/O/T)", _cores), "F": ("NODES(A/I/O/T)", _nodes),
    "m": ("MEMORY", lambda o: o.amount(lambda n: int(n["memory"]) >> 20)),
    "e": ("FREE_MEM", lambda o: o.text(_free)), "G": ("GRES", lambda o: o.text(_gres)),
    "f": ("AVAIL_FEATURES", lambda o: o.text(lambda n: ",".join(n["labels"]) or "(null)")),
    "b": ("ACTIVE_FEATURES", lambda o: o.text(lambda n: ",".join(n["labels"]) or "(null)")),
    "p": ("PRIO_TIER", lambda o: "1"), "E": ("REASON", lambda o: o.text(_reason, "none")),
    "u": ("USER", lambda o: o.text(_who, "Unknown")),
    "H": ("TIMESTAMP", lambda o: "Unknown"), "O": ("CPU_LOAD", lambda o: o.text(_load)),
    "z": ("S:C:T", lambda o: o.text(lambda n: f"{n['cores']}:1:1")),
    "X": ("SOCKETS", lambda o: o.text(lambda n: str(n["cores"]))),
    "Y": ("CORES", lambda o: "1"), "Z": ("THREADS", lambda o: "1"),
    "d": ("TMP_DISK", lambda o: "0"), "w": ("WEIGHT", lambda o: "1"),
    "s": ("JOB_SIZE", lambda o: "1-infinite"), "r": ("ROOT", lambda o: "no"),
    "h": ("OVERSUBS", lambda o: "NO"), "g": ("GROUPS", lambda o: "all"),
    "A": ("NODES(A/I)", lambda o: "/".join(_nodes(o).split("/")[:2])),
    "V": ("CLUSTER", lambda o: "rota"), "v": ("VERSION", lambda o: "22.05.8"),
    "o": ("NODE_ADDR", lambda o: o.text(lambda n: n.name, "")),
}  # fmt: skip
NAMES = {
    "nodelist": "N", "statelong": "T", "statecompact": "t", "state": "t",
    "cpusstate": "C", "memory": "m", "freemem": "e", "gres": "G", "partition": "P",
    "partitionname": "R", "nodes": "D", "cpus": "c", "time": "l", "available": "a",
    "features": "f", "reason": "E", "nodehost": "n", "nodeaddr": "o", "cpusload": "O",
    "weight": "w", "user": "u", "timestamp": "H", "defaulttime": "L", "nodeai": "A",
    "nodeaiot": "F", "prioritytier": "p", "disk": "d", "version": "v", "cluster": "V",
    "socketcorethread": "z", "sockets": "X", "cores": "Y", "threads": "Z",
}  # fmt: skip
"""{name of a field of -O: its code}."""


def run(words: list[str], site: Site) -> int:
    """List partitions and nodes."""
    try:
        given, _ = parse(words, OPTIONS)
        asked = {name: value or "" for name, value in given}
        shape = shape_of(asked)
    except BadOption as error:
        return usage_error(site, error)
    except ValueError as error:
        site.error(str(error))
        return 1
    if "json" in asked:
        import json

        nodes = [node.raw for node in site.client.nodes()]
        print(json.dumps({"meta": {}, "errors": [], "nodes": nodes}))
        return 0
    lines = _lines(site, asked, [code for code, _, _, _ in shape[1]])
    out = []
    if "noheader" not in asked:
        if "long" in asked:
            out.append(time.strftime("%a %b %d %H:%M:%S %Y"))
        out.append(_joined(shape, [CODES[code][0] for code, _, _, _ in shape[1]]))
    out += [
        _joined(shape, [CODES[c][1](line) for c, _, _, _ in shape[1]]) for line in lines
    ]
    if out:
        sys.stdout.write("\n".join(out) + "\n")
    return 0


def shape_of(asked: dict[str, str]) -> tuple[str, list[tuple[str, int | None, bool, str]]]:
    """Return (head, [(code, width, right, what follows)]) of the columns asked for.

    Raises:
        ValueError: -O names a field that there is not.
    """
    if "Format" in asked:
        columns: list[tuple[str, int | None, bool, str]] = []
        for part in listed([asked["Format"]]):
            name, _, width = part.partition(":")
            if name.lower() not in NAMES:
                raise ValueError(f"Invalid field requested: {name}")
            digits = width.lstrip(".")
            wide = int(digits) if digits.isdigit() else 20
            columns.append((NAMES[name.lower()], wide, width.startswith("."), ""))
        return "", columns
    text = asked.get("format")
    if text is None:
        is_node, is_long = "Node" in asked, "long" in asked
        text = LONG_BY_NODE if is_node and is_long else BY_NODE if is_node else STANDARD
        text = LONG if is_long and not is_node else text
        text = SUMMARY if "summarize" in asked else text
        text = REASONS if "list-reasons" in asked else text
    head, columns, at = "", [], 0
    for found in _CODE.finditer(text):
        if found[3] not in CODES:
            continue
        before = text[at : found.start()]
        if columns:
            columns[-1] = (*columns[-1][:3], before)
        else:
            head = before
        columns.append((found[3], int(found[2]) if found[2] else None, bool(found[1]), ""))
        at = found.end()
    if columns:
        columns[-1] = (*columns[-1][:3], text[at:])
    return head, columns


def _joined(
    shape: tuple[str, list[tuple[str, int | None, bool, str]]], texts: Sequence[str]
) -> str:
    cells = [
        show.cell(text, width, right=right) + tail
        for (_, width, right, tail), text in zip(shape[1], texts, strict=True)
    ]
    return shape[0] + "".join(cells)


_OF_PARTITION = frozenset("PRalLpsrhgV")


def _lines(site: Site, asked: dict[str, str], codes: Sequence[str]) -> list[Line]:
    """Return nodes grouped by what the columns show, a group for each partition."""
    wanted = set(listed([asked.get("partition", "")]))
    names, states = set(listed([asked.get("nodes", "")])), _states(asked)
    by_node, whole = "Node" in asked, "summarize" in asked or set(codes) <= _OF_PARTITION
    shown = [code for code in codes if code not in "NDCFAeO"]
    lines: list[Line] = []
    for part in partitions(site):
        if wanted and part.name not in wanted:
            continue
        nodes = [
            node
            for node in part.hosts
            if (not names or node.name in names)
            and (not states or states & set(state_of(node)))
            and ("list-reasons" not in asked or node.state != "up")
        ]
        groups: dict[tuple[str, ...], list[Node]] = {}
        for node in nodes:
            key: tuple[str, ...] = (node.name,) if by_node else ()
            if not whole and not by_node:
                key = tuple(CODES[code][1](Line(part, [node])) for code in shown)
            groups.setdefault(key, []).append(node)
        lines += [Line(part, group) for group in groups.values()]
        if not nodes and not (names or states or by_node or "list-reasons" in asked):
            lines.append(Line(part, []))
        if not set(codes) & _OF_PARTITION:
            break
    return lines


def _states(asked: dict[str, str]) -> set[str]:
    words = {word.lower() for word in listed([asked.get("states", "")])}
    return set() if "all" in words else words

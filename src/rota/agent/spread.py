"""``rota spread``: start a command on all nodes of the job that it is called in.

    rota spread hostname               once on every node
    rota spread -n 8 ./rank            eight ranks, each node filled before the next
    rota-spread-rsh NODE COMMAND…      as ssh would, for mpirun

    options + places ─▶ plan ─▶ [Seat(rank, node, variables), …] ─▶ ``spreading``

Runs on nodes, where nothing of Rota may be installed: it comes along with the agent.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from rota.agent.doors import Door, counted, read
from rota.core.foreign import fold_hosts
from rota.core.spreading import NUMBERS, OPTIONS, RANKS_MAX

FAILED = 125
"""Exit code of what is not the command's fault."""

WRONG = 2

RSH_VALUES = "bcDEeFIiJLlmOopQRSWw"
"""Options of ssh that are followed by a value; all of them are ignored."""

_OWN = ("PWD", "OLDPWD", "TMPDIR", "SHLVL", "_", "HOSTNAME", "CUDA_VISIBLE_DEVICES")
"""Variables that each node has of its own."""


class Wrong(Exception):
    """What is asked for cannot be; the text says why."""


class Seat(NamedTuple):
    """Where one rank runs, and the variables that only it has."""

    rank: int
    node: str
    env: Dict[str, str]


class Wish(NamedTuple):
    """What is to be started, and how it is shown.

    Shapes:
        label: "RANK: " before each line;  raw: bytes as they come, for a single rank
        kill:  the first rank that fails ends the others
        cwd:   None: a folder of its own on each node
    """

    argv: List[str]
    seats: List[Seat]
    cwd: Optional[str]
    label: bool = False
    raw: bool = False
    kill: bool = False
    said_by: str = "rota spread"


def main(words: Optional[List[str]] = None) -> int:
    """Do what *words*, the door's path, spread or rsh, and options say; return the exit
    code: the highest of all ranks, 128 + N for signal N."""
    path, kind, *rest = sys.argv[1:] if words is None else words
    try:
        door = _door(path)
        wish = of_rsh(rest, door) if kind == "rsh" else of_spread(rest, door)
    except Wrong as wrong:
        sys.stderr.write(f"rota spread: {wrong}\n")
        return WRONG
    from rota.agent.spreading import Spreading

    return Spreading(wish, door, environment(os.environ, door, path)).run()


def _door(path: str) -> Door:
    if not path:
        # On one node nobody has to be asked.
        return Door("", "", [(_first_host(), _ranks_here())])
    try:
        return read(path)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise Wrong(f"the job's door {path} cannot be read: {error}") from error


def _first_host() -> str:
    return os.environ.get("ROTA_NODELIST", "").partition(",")[0] or os.uname().nodename


def _ranks_here() -> int:
    text = os.environ.get("ROTA_RANKS", "")
    return int(text) if text.isdecimal() else 1


# ── rota spread ───────────────────────────────────────────────────────────────────────


def parser() -> argparse.ArgumentParser:
    """Return what reads the words after ``rota spread``."""
    made = argparse.ArgumentParser(
        prog="rota spread", allow_abbrev=False,
        usage="rota spread [options] COMMAND [ARG…]",
        description="Start a command on all nodes of the job that this is called in.",
    )  # fmt: skip
    for option in OPTIONS:
        if option.metavar is None:
            made.add_argument(*option.names, action="store_true", help=option.help)
            continue
        parse = _count if option.names[-1] in NUMBERS else str
        made.add_argument(
            *option.names, metavar=option.metavar, type=parse, help=option.help
        )
    made.add_argument("command", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    return made


def _count(text: str) -> int:
    if not (text.isdecimal() and 0 < int(text) <= RANKS_MAX):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to {RANKS_MAX}")
    return int(text)


def of_spread(words: Sequence[str], door: Door) -> Wish:
    """Return what *words* ask for on the nodes of *door*.

    Raises:
        Wrong: it has no such nodes, or no room.
    """
    args = parser().parse_args(list(words))
    command = args.command[1:] if args.command[:1] == ["--"] else args.command
    if not command:
        raise Wrong("which command? rota spread [options] COMMAND [ARG…]")
    places = _chosen(door.places, on=args.on, count=args.nodes)
    counts = _counts(places, rooms=dict(door.places), ranks=args.ranks, each=args.per_node)
    if not args.overcommit:
        _check_room(counts, dict(door.places))
    return Wish(
        command, plan(counts), args.cwd or os.getcwd(),
        label=args.label, kill=args.kill_on_failure,
    )  # fmt: skip


def _chosen(
    places: Sequence[Tuple[str, int]], *, on: Optional[str], count: Optional[int]
) -> List[Tuple[str, int]]:
    """Return the nodes that are meant, and how many ranks each gets if nothing is said."""
    names = [name for name, _ in places]
    asked = names if on is None else [name for name in on.split(",") if name]
    for name in asked:
        if name not in names:
            raise Wrong(f"{name} is not a node of this job: it has {', '.join(names)}")
    times = counted("\n".join(asked))
    if count is not None and count > len(times):
        raise Wrong(f"{count} nodes are more than there are: {', '.join(times)}")
    return list(times.items())[:count]


def _counts(
    chosen: Sequence[Tuple[str, int]], *, rooms: Mapping[str, int],
    ranks: Optional[int], each: Optional[int],
) -> List[Tuple[str, int]]:  # fmt: skip
    """Return how many ranks each node gets; nodes with none are left out."""
    if ranks is None:
        return [(node, each or times) for node, times in chosen]
    counts, left = [], ranks
    for node, _ in chosen:
        counts.append((node, min(each or rooms[node], left)))
        left -= counts[-1][1]
    for at in range(left):
        node, count = counts[at % len(counts)]
        counts[at % len(counts)] = node, count + 1
    return [(node, count) for node, count in counts if count]


def _check_room(counts: Sequence[Tuple[str, int]], rooms: Mapping[str, int]) -> None:
    full = [f"{n} on {node} ({rooms[node]})" for node, n in counts if n > rooms[node]]
    if full:
        ranks, whole = sum(count for _, count in counts), sum(rooms.values())
        raise Wrong(
            f"{ranks} ranks are more than there is room for ({whole} in all): "
            f"{', '.join(full)}; --overcommit starts them all the same"
        )


def plan(counts: Sequence[Tuple[str, int]]) -> List[Seat]:
    """Return a seat for each rank: *counts* says how many each node gets, in order."""
    total = sum(count for _, count in counts)
    nodes = fold_hosts(node for node, _ in counts)
    seats: List[Seat] = []
    for at, (node, count) in enumerate(counts):
        for local in range(count):
            rank = len(seats)
            env = {
                "ROTA_RANK": str(rank), "ROTA_RANKS": str(total),
                "ROTA_LOCAL_RANK": str(local), "ROTA_LOCAL_RANKS": str(count),
                "ROTA_NODE_RANK": str(at), "ROTA_NODE": node,
            }  # fmt: skip
            if "SLURM_JOB_ID" in os.environ:
                env.update(_slurm(env, nodes=nodes, count=len(counts)))
            seats.append(Seat(rank, node, env))
    return seats


def _slurm(own: Mapping[str, str], *, nodes: str, count: int) -> Dict[str, str]:
    """Return the variables that a program started by srun expects."""
    step = os.environ.get("SLURM_STEP_ID", "0")
    return {
        "SLURM_PROCID": own["ROTA_RANK"], "SLURM_LOCALID": own["ROTA_LOCAL_RANK"],
        "SLURM_NODEID": own["ROTA_NODE_RANK"], "SLURM_NTASKS": own["ROTA_RANKS"],
        "SLURM_NPROCS": own["ROTA_RANKS"], "SLURM_STEP_NUM_TASKS": own["ROTA_RANKS"],
        "SLURM_STEP_NUM_NODES": str(count), "SLURM_STEP_NODELIST": nodes,
        "SLURM_STEP_ID": step, "SLURM_STEPID": step, "SLURMD_NODENAME": own["ROTA_NODE"],
    }  # fmt: skip


# ── rota-spread-rsh ───────────────────────────────────────────────────────────────────


def of_rsh(words: Sequence[str], door: Door) -> Wish:
    """Return what *words* ask for, as ssh reads them: options, NODE, COMMAND.

    Raises:
        Wrong: no command is named, or a node that is not the job's.
    """
    left = list(words)
    while left and left[0].startswith("-") and left[0] != "-":
        option = left.pop(0)
        if len(option) == 2 and option[1] in RSH_VALUES and left:
            left.pop(0)
    if len(left) < 2:
        raise Wrong("rota-spread-rsh NODE COMMAND… starts a command and nothing else")
    node = left[0].rpartition("@")[2]
    names = {name.partition(".")[0]: name for name, _ in door.places}
    found = names.get(node.partition(".")[0])
    if found is None:
        raise Wrong(f"{node} is not a node of this job: it has {', '.join(names.values())}")
    # As sshd does: the words are one text, and the shell of the user reads it.
    argv = ["/bin/sh", "-c", " ".join(left[1:])]
    seat = Seat(0, found, {"ROTA_NODE": found})
    return Wish(argv, [seat], os.getcwd(), raw=True, said_by="rota-spread-rsh")


def environment(environ: Mapping[str, str], door: Door, path: str) -> Dict[str, str]:
    """Return what of *environ* goes to other nodes: all that is not this node's own."""
    programs = os.path.join(os.path.dirname(path), "bin")
    env = {
        name: text
        for name, text in environ.items()
        if name not in _OWN and not name.startswith("ROTA_")
    }
    folders = [item for item in env.get("PATH", "").split(":") if item != programs]
    if "PATH" in env:
        env["PATH"] = ":".join(folders)
    kept = {k: v for k, v in environ.items() if k.startswith(("ROTA_VAR_", "ROTA_ITEM"))}
    for name in ("ROTA_TASK_ID", "ROTA_ATTEMPT"):
        if name in environ:
            kept[name] = environ[name]
    return {**env, **kept}

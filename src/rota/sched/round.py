"""The round: numbered steps, each a call into the files beside this one.

1  the machine      space.py, mirror.py     what is free
2  the order        roster.py, lineup.py    whose turn it is, by policy.py
3  who may not yet  limits.py               quotas, rates
4  where            modes.py, room.py       a place that disturbs no promise
5  who may pass     backfill.py, future.py  EASY, conservative, strict, by queue
6  who must go      preempt.py              where a queue allows it
7  why not          why.py                  a reason for each line that stays
"""

from __future__ import annotations

from collections.abc import Iterator

from rota.core.reasons import Reason, reason
from rota.sched.backfill import Backfill, walk_queues
from rota.sched.lineup import Head, Lineup, parts
from rota.sched.mirror import Mirror
from rota.sched.modes import find
from rota.sched.preempt import preempt
from rota.sched.problem import Line, Plan, Promise, Snapshot
from rota.sched.room import NodeRoom
from rota.sched.roster import Roster
from rota.sched.space import Space, space_of
from rota.sched.why import Reasons, why_not


def plan(snapshot: Snapshot) -> Plan:
    """Return what starts where now, who was promised what, and why the rest waits.

    Costs what the shapes and the starts cost, when nodes and lines are kept from round to
    round (``Mirror``, ``Roster``); lists of them are put in order first.
    """
    space, cores = _space(snapshot)
    lines = snapshot.lines
    roster = lines if isinstance(lines, Roster) else Roster(lines)
    rules, usual = snapshot.queues, snapshot.policy.backfill
    every = usual is Backfill.CONSERVATIVE or any(
        own.backfill is Backfill.CONSERVATIVE for own in rules.values()
    )
    room = NodeRoom(snapshot, space, keeps=every)

    def rule(head: Head) -> Backfill:
        own = rules.get(head.queue)
        return own.backfill if own and own.backfill else usual

    # On a busy machine no shape fits, and nobody's turn matters.
    groups = roster.groups.values()
    moves = every or any(own.preempts for own in rules.values())
    if moves or not all(room.hopeless(group) for group in groups):
        queue = Lineup(snapshot, roster, cores=cores, hopeless=room.hopeless, every=every)
        stays = walk_queues(queue, room, rule)
        if every:
            room.settle()
        preempts = preempt(snapshot, stays, space)
        done = queue.done
    else:
        preempts, done = [], set()
    reasons = Reasons(_Stays(roster, done), lambda at: _explain(at, roster[at], room))
    if isinstance(snapshot.nodes, Mirror):
        snapshot.nodes.took(room.taken)
    return Plan(room.starts, reasons, room.promises, preempts)


def keep(decided: Plan) -> dict[int, Promise]:
    """Return what the next snapshot is to know of the promises of *decided*."""
    return {promise.job: promise for promise in decided.promises}


def _space(snapshot: Snapshot) -> tuple[Space, int]:
    nodes = snapshot.nodes
    if isinstance(nodes, Mirror):
        return nodes.space, nodes.cores
    space = space_of(nodes, snapshot.licences)
    return space, sum(len(node.cores) for node in space.nodes)


class _Stays:
    """The numbers of the lines that keep a job waiting, without making a list of them."""

    def __init__(self, roster: Roster, done: set[int]) -> None:
        self._roster, self._done = roster, done

    def __len__(self) -> int:
        return len(self._roster) - len(self._done)

    def __iter__(self) -> Iterator[int]:
        return (n for n in self._roster.numbers() if n not in self._done)

    def __contains__(self, number: object) -> bool:
        return number in self._roster and number not in self._done


def _explain(number: int, line: Line, room: NodeRoom) -> Reason:
    held_back = room.held_back.get(number)
    if held_back is not None and held_back.code != "limit":
        return held_back
    for request in parts(line):
        if find(request, room.space) is None:
            lacks = why_not(request, room.space)
            if held_back is None:
                return lacks
            return held_back._replace(text=f"{held_back.text}; besides, {lacks.text}")
    if held_back is not None:
        return held_back
    return reason("priority", ahead="jobs that come first")

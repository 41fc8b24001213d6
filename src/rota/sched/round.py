"""The round: numbered steps, each a call into the files beside this one.

1  the machine      space.py, grants.py     what is free
2  the order        lineup.py, policy.py    whose turn it is
3  who may not yet  limits.py               quotas, rates
4  where            modes.py, room.py       a place that disturbs no promise
5  who may pass     backfill.py, future.py  EASY, conservative, strict, by queue
6  who must go      preempt.py              where a queue allows it
7  why not          why.py                  a reason for each line that stays
"""

from __future__ import annotations

from rota.core.reasons import Reason, reason
from rota.sched.backfill import Backfill, walk_queues
from rota.sched.grants import Ids
from rota.sched.lineup import Head, Lineup, parts
from rota.sched.modes import find
from rota.sched.preempt import preempt
from rota.sched.problem import Plan, Snapshot
from rota.sched.room import NodeRoom
from rota.sched.space import space_of
from rota.sched.why import Reasons, why_not


def plan(snapshot: Snapshot) -> Plan:
    """Return what starts where now, who was promised what, and why the rest waits.

    Costs what the lines and the starts cost: a line whose head does not fit is dropped,
    its other jobs ask for the same and would not fit either.
    """
    space = space_of(snapshot.nodes, snapshot.licences)
    room = NodeRoom(snapshot, space, Ids(snapshot.nodes))
    cores = sum(len(node.cores) for node in space.nodes)
    queue = Lineup(snapshot, cores)
    rules, usual = snapshot.queues, snapshot.policy.backfill

    def rule(head: Head) -> Backfill:
        own = rules.get(head.queue)
        return own.backfill if own and own.backfill else usual

    stays = walk_queues(queue, room, rule)
    preempts = preempt(snapshot, stays, space)
    lines = queue.stayed
    reasons = Reasons(lines, lambda index: _explain(lines[index], room))
    return Plan(room.starts, reasons, room.promises, preempts)


def _explain(head: Head, room: NodeRoom) -> Reason:
    if held_back := room.held_back.get(head.index):
        return held_back
    for request in parts(head.line):
        if find(request, room.space) is None:
            return why_not(request, room.space)
    return reason("priority", ahead="jobs that come first")

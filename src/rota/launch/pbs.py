"""Pilots as jobs of PBS (OpenPBS, PBS Professional, Torque): qsub, qstat, qdel.

Torque takes names of 15 letters, so the marker travels in a variable too, and is read from
there: ``qstat -f`` shows it in ``Variable_List``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from rota.core.pool import Pool
from rota.launch.body import body
from rota.launch.contract import (
    ENDED,
    QUEUED,
    RUNNING,
    STUCK,
    Command,
    Output,
    Seen,
    Ticket,
    refusal,
)

NAME_MAX = 15

STATES: Mapping[str, str] = {
    "Q": QUEUED, "W": QUEUED, "T": QUEUED, "M": QUEUED, "H": STUCK,
    "R": RUNNING, "E": RUNNING, "S": RUNNING, "U": RUNNING, "B": RUNNING,
    "C": ENDED, "F": ENDED, "X": ENDED,
}  # fmt: skip
"""{letter of qstat: ours}; source: qstat(1B) of OpenPBS and Torque."""

_JOB = re.compile(r"^Job Id: (\S+)$", re.M)
_MARKER = re.compile(r"ROTA_MARKER=([\w-]+)")


class Pbs:
    """See the head of the file."""

    def script(self, pool: Pool, ticket: Ticket) -> str:
        lines = ["#!/bin/sh", *(f"#PBS {word}" for word in _asked(pool, ticket))]
        head = "\n".join(lines) + "\n"
        if pool.nodes == 1:
            return head + body(pool, ticket)
        inside = body(pool, ticket, rank="${PBS_NODENUM:-0}")
        return (
            f"{head}pilot=$(mktemp) || exit 71\ncat >\"$pilot\" <<'END_OF_PILOT'\n{inside}"
            'END_OF_PILOT\nexec pbsdsh -u -- sh -c "$(cat "$pilot")"\n'
        )

    def submit(self, script: str, *, pool: Pool, marker: str) -> Command:
        return Command(("qsub",), script)

    def submitted(self, output: Output) -> str:
        words = output.out.split()
        if output.code == 0 and words and words[-1][0].isdigit():
            return words[-1]
        raise refusal(output, what="the submit", cure="`qstat -Q` lists the queues")

    def poll(self, ids: Sequence[str], *, pool: Pool, prefix: str) -> Command:
        return Command(("qstat", "-f"))

    def polled(self, output: Output) -> Mapping[str, Seen]:
        if output.code != 0:
            raise refusal(output, what="listing jobs")
        return dict(_rows(output.out))

    def cancel(self, ids: Sequence[str], *, pool: Pool) -> Command:
        return Command(("sh", "-c", 'qdel "$@" || true', "qdel", *ids))


def _rows(text: str) -> Iterator[tuple[str, Seen]]:
    # A long value goes on in lines that begin with a tab.
    whole = text.replace("\n\t", "")
    parts = _JOB.split(whole)[1:]
    for number, said in zip(parts[::2], parts[1::2], strict=True):
        fields = {
            key.strip(): value.strip()
            for key, equals, value in (line.partition(" = ") for line in said.splitlines())
            if equals
        }
        letter = fields.get("job_state", "")
        found = _MARKER.search(fields.get("Variable_List", ""))
        name = found[1] if found else fields.get("Job_Name", "")
        word = f"{letter}: {fields['comment']}" if "comment" in fields else letter
        yield number, Seen(STATES.get(letter, RUNNING), name, word)


def _asked(pool: Pool, ticket: Ticket) -> Iterator[str]:
    yield f"-N {ticket.marker[:NAME_MAX]}"
    yield f"-v ROTA_MARKER={ticket.marker}"
    yield "-r n"
    yield "-j oe"
    yield f"-o {ticket.kept}/batch.out" if ticket.kept else "-o /dev/null"
    chunk = [f"select={pool.nodes}", f"ncpus={(pool.cores or 1) * pool.agents}"]
    if pool.memory:
        chunk.append(f"mem={-(-pool.memory * pool.agents // (1 << 20))}mb")
    if pool.gpus:
        chunk.append(f"ngpus={pool.gpus * pool.agents}")
    if pool.constraint:
        chunk.append(pool.constraint)
    yield f"-l {':'.join(chunk)}"
    if pool.time_ms is not None:
        seconds = -(-pool.time_ms // 1000)
        yield f"-l walltime={seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    where = f"@{pool.cluster}" if pool.cluster else ""
    if pool.partition or where:
        yield f"-q {pool.partition or ''}{where}"
    if pool.account:
        yield f"-A {pool.account}"
    yield from pool.options

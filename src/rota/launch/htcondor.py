"""Pilots as jobs of HTCondor: condor_submit, condor_q, condor_rm.

The lines of the submit description stand in the script as ``#CONDOR`` lines; the submit
host keeps the script in ~/.rota-pilots, as HTCondor reads it when the job starts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from rota.core.pool import Pool
from rota.launch.body import body
from rota.launch.contract import (
    ENDED,
    QUEUED,
    RUNNING,
    STUCK,
    Command,
    LaunchFailed,
    Output,
    Seen,
    Ticket,
    refusal,
)

STATES: Mapping[int, tuple[str, str]] = {
    1: (QUEUED, "Idle"), 2: (RUNNING, "Running"), 3: (ENDED, "Removed"),
    4: (ENDED, "Completed"), 5: (STUCK, "Held"), 6: (RUNNING, "Transferring Output"),
    7: (RUNNING, "Suspended"),
}  # fmt: skip
"""{JobStatus: (ours, HTCondor's word)}; source: its manual, job ClassAd attributes."""

_SUBMIT = """
umask 077
mkdir -p "$HOME/.rota-pilots" || exit 1
file=$HOME/.rota-pilots/$1.sh
cat >"$file" && chmod 700 "$file" || exit 1
{ sed -n 's/^#CONDOR //p' "$file"; echo "executable = $file"; echo queue; } |
  condor_submit -terse -
"""

_SHOWN = "ClusterId,ProcId,JobStatus,JobBatchName,HoldReason"


class HTCondor:
    """See the head of the file."""

    def script(self, pool: Pool, ticket: Ticket) -> str:
        lines = ["#!/bin/sh", *(f"#CONDOR {word}" for word in _asked(pool, ticket))]
        return "\n".join(lines) + "\n" + body(pool, ticket)

    def submit(self, script: str, *, pool: Pool, marker: str) -> Command:
        return Command(("sh", "-c", _SUBMIT, "rota-launch", marker), script)

    def submitted(self, output: Output) -> str:
        first = output.out.split(" - ")[0].strip()
        if output.code == 0 and first.replace(".", "", 1).isdigit():
            return first
        raise refusal(output, what="the submit")

    def poll(self, ids: Sequence[str], *, pool: Pool, prefix: str) -> Command:
        where = ("-name", pool.cluster) if pool.cluster else ()
        ours = f'regexp("^{prefix}", JobBatchName)'
        return Command(
            ("condor_q", *where, "-json", "-attributes", _SHOWN, "-constraint", ours)
        )

    def polled(self, output: Output) -> Mapping[str, Seen]:
        if output.code != 0:
            raise refusal(output, what="listing jobs")
        try:
            # Nothing found is nothing printed.
            rows = json.loads(output.out) if output.out.strip() else []
            return dict(_rows(rows))
        except (ValueError, KeyError, TypeError) as error:
            raise LaunchFailed(f"this is no answer of condor_q: {error!r}") from None

    def cancel(self, ids: Sequence[str], *, pool: Pool) -> Command:
        where = ("-name", pool.cluster) if pool.cluster else ()
        words = ("condor_rm", *where, *ids)
        return Command(("sh", "-c", '"$@" || true', "condor_rm", *words))


def _rows(rows: Sequence[Mapping[str, object]]) -> Iterator[tuple[str, Seen]]:
    for row in rows:
        state, word = STATES.get(int(str(row["JobStatus"])), (RUNNING, "unknown"))
        why = row.get("HoldReason")
        word = f"{word}: {why}" if state == STUCK and why else word
        name = str(row.get("JobBatchName", ""))
        yield f"{row['ClusterId']}.{row['ProcId']}", Seen(state, name, word)


def _asked(pool: Pool, ticket: Ticket) -> Iterator[str]:
    yield "universe = vanilla"
    yield f"batch_name = {ticket.marker}"
    where = f"{ticket.kept}/batch" if ticket.kept else ""
    yield f"output = {where}.out" if where else "output = /dev/null"
    yield f"error = {where}.err" if where else "error = /dev/null"
    yield "should_transfer_files = if_needed"
    yield "getenv = false"
    yield "kill_sig = SIGTERM"
    yield f"request_cpus = {(pool.cores or 1) * pool.agents}"
    if pool.memory:
        yield f"request_memory = {-(-pool.memory * pool.agents // (1 << 20))}"
    if pool.gpus:
        yield f"request_gpus = {pool.gpus * pool.agents}"
    if pool.time_ms is not None:
        yield f"+MaxRuntime = {-(-pool.time_ms // 1000)}"
        over = f"JobStatus == 2 && time() - EnteredCurrentStatus > {pool.time_ms // 1000}"
        yield f"periodic_remove = {over}"
    # Put back after an eviction it would come again under a name that was written off.
    yield "on_exit_remove = true"
    yield "periodic_hold = NumJobStarts > 1"
    if pool.account:
        yield f"accounting_group = {pool.account}"
    if pool.constraint:
        yield f"requirements = {pool.constraint}"
    yield from pool.options

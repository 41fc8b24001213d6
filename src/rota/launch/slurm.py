"""Pilots as jobs of Slurm: sbatch, squeue, scancel.

All that is asked stands in the script as #SBATCH lines, so that ``--dry-run`` shows it.
"""

from __future__ import annotations

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

MIB = 1 << 20

STATES: Mapping[str, str] = {
    "PENDING": QUEUED, "CONFIGURING": QUEUED, "REQUEUED": QUEUED, "REQUEUE_FED": QUEUED,
    "REQUEUE_HOLD": STUCK, "SPECIAL_EXIT": STUCK, "RESV_DEL_HOLD": STUCK,
    "RUNNING": RUNNING, "COMPLETING": RUNNING, "SUSPENDED": RUNNING, "STOPPED": RUNNING,
    "SIGNALING": RUNNING, "STAGE_OUT": RUNNING, "RESIZING": RUNNING,
    "BOOT_FAIL": ENDED, "CANCELLED": ENDED, "COMPLETED": ENDED, "DEADLINE": ENDED,
    "FAILED": ENDED, "NODE_FAIL": ENDED, "OUT_OF_MEMORY": ENDED, "PREEMPTED": ENDED,
    "REVOKED": ENDED, "TIMEOUT": ENDED,
}  # fmt: skip
"""{Slurm's state: ours}; source: squeue(1), "JOB STATE CODES"."""

NEVER: Mapping[str, str] = {
    "PartitionTimeLimit": "the time asked for is longer than the partition allows,"
    " `sinfo` lists what they allow",
    "PartitionNodeLimit": "more nodes than the partition has",
    "BadConstraints": "no node meets the constraint",
    "PartitionInactive": "the partition is inactive",
    "PartitionDown": "the partition is down",
    "AccountNotAllowed": "the account may not use the partition",
    "QOSNotAllowed": "the QOS may not be used here",
    "InvalidAccount": "the account is not valid",
    "InvalidQOS": "the QOS is not valid",
    "JobHeldAdmin": "an administrator holds it",
    "AssocMaxWallDurationPerJobLimit": "more time than the account may ask for",
    "QOSMaxWallDurationPerJobLimit": "more time than the QOS allows",
}
"""{reason of a pending job: why it will not start as it is}."""


class Slurm:
    """See the head of the file."""

    def script(self, pool: Pool, ticket: Ticket) -> str:
        lines = ["#!/bin/sh", *(f"#SBATCH {word}" for word in _asked(pool, ticket))]
        head = "\n".join(lines) + "\n"
        if pool.nodes == 1:
            return head + body(pool, ticket)
        inside = body(pool, ticket, rank="${SLURM_NODEID:-0}")
        step = f"exec srun --nodes={pool.nodes} --ntasks-per-node=1 --kill-on-bad-exit=0"
        return f"{head}{step} sh -s <<'END_OF_PILOT'\n{inside}END_OF_PILOT\n"

    def submit(self, script: str, *, pool: Pool, marker: str) -> Command:
        return Command(("sbatch", "--parsable"), script)

    def submitted(self, output: Output) -> str:
        number = output.out.strip().partition(";")[0]
        if output.code == 0 and number.isdigit():
            return number
        raise refusal(
            output,
            what="the submit",
            cure="`sinfo` lists partitions and their time limits; `rota pool set` changes"
            " what is asked for",
        )

    def poll(self, ids: Sequence[str], *, pool: Pool, prefix: str) -> Command:
        where = ("-M", pool.cluster) if pool.cluster else ()
        return Command(("squeue", "--me", "-h", "-t", "all", *where, "-o", "%i|%T|%r|%j"))

    def polled(self, output: Output) -> Mapping[str, Seen]:
        if output.code != 0:
            raise refusal(output, what="listing jobs")
        return dict(_rows(output.out))

    def cancel(self, ids: Sequence[str], *, pool: Pool) -> Command:
        where = ("-M", pool.cluster) if pool.cluster else ()
        return Command(("scancel", *where, *ids))


def _rows(text: str) -> Iterator[tuple[str, Seen]]:
    for line in text.splitlines():
        number, bar, rest = line.partition("|")
        if not bar:
            continue  # "CLUSTER: name" stands above each cluster's list
        state, _, rest = rest.partition("|")
        reason, _, name = rest.partition("|")
        ours = STATES.get(state, RUNNING)
        word = state
        if ours == QUEUED and reason not in ("None", ""):
            word = f"{state} ({reason})"
            if reason in NEVER:
                ours, word = STUCK, f"`squeue` says {word}: {NEVER[reason]}"
        yield number, Seen(ours, name, word)


def _asked(pool: Pool, ticket: Ticket) -> Iterator[str]:
    yield f"--job-name={ticket.marker}"
    yield f"--output={ticket.kept}/batch.out" if ticket.kept else "--output=/dev/null"
    yield f"--nodes={pool.nodes}"
    yield "--ntasks-per-node=1"
    if pool.cores is not None:
        yield f"--cpus-per-task={pool.cores * pool.agents}"
    if pool.memory:
        yield f"--mem={-(-pool.memory * pool.agents // MIB)}M"
    if pool.gpus:
        yield f"--gres=gpu:{pool.gpus * pool.agents}"
    if pool.time_ms is not None:
        yield f"--time={-(-pool.time_ms // 60_000)}"
    for option, value in (
        ("clusters", pool.cluster), ("partition", pool.partition),
        ("account", pool.account), ("qos", pool.qos), ("constraint", pool.constraint),
    ):  # fmt: skip
        if value:
            yield f"--{option}={value}"
    # A pilot that is put back would come again under a name that has been written off.
    yield "--no-requeue"
    # What the server was started with is nobody's business on the node.
    yield "--export=PATH,HOME,USER,LANG"
    yield "--signal=B:TERM@30"
    yield from pool.options

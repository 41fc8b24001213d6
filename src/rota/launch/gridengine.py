"""Pilots as jobs of Grid Engine: qsub, qstat, qdel.

Cores are slots of the parallel environment ``smp``; another one: options: ["-pe mpi 8"].
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from xml.etree import ElementTree

from rota.core.pool import Pool
from rota.launch.body import body
from rota.launch.contract import (
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


class GridEngine:
    """See the head of the file."""

    def script(self, pool: Pool, ticket: Ticket) -> str:
        lines = ["#!/bin/sh", *(f"#$ {word}" for word in _asked(pool, ticket))]
        return "\n".join(lines) + "\n" + body(pool, ticket)

    def submit(self, script: str, *, pool: Pool, marker: str) -> Command:
        return Command(("qsub", "-terse"), script)

    def submitted(self, output: Output) -> str:
        lines = output.out.split()
        if output.code == 0 and lines and lines[-1].isdigit():
            return lines[-1]
        raise refusal(
            output,
            what="the submit",
            cure="`qconf -sql` lists queues, `qconf -spl` parallel environments",
        )

    def poll(self, ids: Sequence[str], *, pool: Pool, prefix: str) -> Command:
        return Command(("qstat", "-xml"))

    def polled(self, output: Output) -> Mapping[str, Seen]:
        if output.code != 0 or "<job_info" not in output.out or "<!" in output.out:
            raise refusal(output, what="listing jobs")
        try:
            tree = ElementTree.fromstring(output.out)
        except ElementTree.ParseError as error:
            raise LaunchFailed(f"qstat gave no XML: {error}") from None
        return dict(_rows(tree))

    def cancel(self, ids: Sequence[str], *, pool: Pool) -> Command:
        # qdel says 1 when one of them is gone already: that is what was wanted.
        return Command(("sh", "-c", 'qdel "$@" || true', "qdel", *ids))


def _rows(tree: ElementTree.Element) -> Iterator[tuple[str, Seen]]:
    for job in tree.iter("job_list"):
        number = job.findtext("JB_job_number", "")
        word = job.findtext("state", "")
        name = job.findtext("full_job_name") or job.findtext("JB_name") or ""
        if "E" in word:
            state = STUCK
        else:
            state = QUEUED if "w" in word else RUNNING
        yield number, Seen(state, name, word)


def _asked(pool: Pool, ticket: Ticket) -> Iterator[str]:
    yield f"-N {ticket.marker}"
    yield "-S /bin/sh"
    yield "-r n"
    yield "-j y"
    yield f"-o {ticket.kept}/batch.out" if ticket.kept else "-o /dev/null"
    # A warning before the kill: the jobs of the pilot get their TERM too.
    yield "-notify"
    slots = (pool.cores or 1) * pool.agents
    if slots > 1:
        yield f"-pe smp {slots}"
    if pool.time_ms is not None:
        yield f"-l h_rt={-(-pool.time_ms // 1000)}"
    if pool.memory:
        each = -(-pool.memory * pool.agents // (slots << 20))
        yield f"-l mem_free={each}M"
    if pool.gpus:
        yield f"-l gpu={pool.gpus * pool.agents}"
    for option, value in (
        ("-q", pool.partition), ("-P", pool.account), ("-l", pool.constraint),
    ):  # fmt: skip
        if value:
            yield f"{option} {value}"
    yield from pool.options

"""Pilots by commands that an operator wrote: any system that can submit, list and cancel.

    commands:
      submit: mysub --name {marker} -       the script on its input; the last word is the id
      poll:   mylist                        lines of ID STATE NAME
      cancel: mykill {ids}

STATE is one of queued, running, stuck, ended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from shlex import quote

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

STATES = (QUEUED, RUNNING, STUCK, ENDED)


class Template:
    """See the head of the file."""

    def script(self, pool: Pool, ticket: Ticket) -> str:
        return "\n".join(["#!/bin/sh", *pool.options, body(pool, ticket)])

    def submit(self, script: str, *, pool: Pool, marker: str) -> Command:
        return _filled(pool.commands["submit"], script, marker=marker)

    def submitted(self, output: Output) -> str:
        words = output.out.split()
        if output.code == 0 and words:
            return words[-1]
        raise refusal(output, what="the submit", cure="see commands.submit of the pool")

    def poll(self, ids: Sequence[str], *, pool: Pool, prefix: str) -> Command:
        return _filled(pool.commands["poll"], "", ids=ids, prefix=prefix)

    def polled(self, output: Output) -> Mapping[str, Seen]:
        if output.code != 0:
            raise refusal(output, what="listing pilots", cure="see commands.poll")
        found: dict[str, Seen] = {}
        for line in output.out.splitlines():
            words = line.split()
            if len(words) != 3 or words[1] not in STATES:
                raise LaunchFailed(
                    f"{line[:80]!r} is not ID STATE NAME, STATE one of {', '.join(STATES)};"
                    " see commands.poll of the pool"
                )
            found[words[0]] = Seen(words[1], words[2], words[1])
        return found

    def cancel(self, ids: Sequence[str], *, pool: Pool) -> Command:
        return _filled(pool.commands["cancel"], "", ids=ids)


def _filled(
    template: str, stdin: str, *, marker: str = "", ids: Sequence[str] = (),
    prefix: str = "",
) -> Command:  # fmt: skip
    """Fill in *template*; other braces in it are the shell's."""
    facts = {"marker": marker, "ids": " ".join(map(quote, ids)), "prefix": prefix}
    for name, value in facts.items():
        shown = value if name == "ids" else quote(value)
        template = template.replace(f"{{{name}}}", shown)
    return Command(("sh", "-c", template), stdin)

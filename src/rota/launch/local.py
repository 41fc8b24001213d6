"""Pilots as processes of the submit host itself: no batch system, or ``via: HOST``.

submit   a session of its own runs the script; its pid is the id
poll     sessions whose command line names one of our markers
cancel   TERM to the script, which ends its agents and their jobs
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from shlex import quote

from rota.core.pool import Pool
from rota.launch.body import body
from rota.launch.contract import (
    RUNNING,
    Command,
    LaunchFailed,
    Output,
    Seen,
    Ticket,
    refusal,
)

# The marker is the third word of the pilot's command line: that is how it is found.
_SUBMIT = """
folder=$(mktemp -d) || exit 1
cat >"$folder/$1.sh" || exit 1
setsid sh "$folder/$1.sh" "$1" >/dev/null 2>&1 </dev/null &
echo $!
"""

_LIST = """
for file in $(grep -alsz -e '^{prefix}' /proc/[0-9]*/cmdline); do
  pid=${{file#/proc/}}; pid=${{pid%/cmdline}}
  read -r _ _ _ _ _ session _ <"/proc/$pid/stat" 2>/dev/null || continue
  [ "$session" = "$pid" ] || continue
  echo "$pid $(tr '\\0' '\\n' <"$file" | sed -n 3p)"
done
echo end
"""


class Local:
    """See the head of the file."""

    def script(self, pool: Pool, ticket: Ticket) -> str:
        return "#!/bin/sh\n" + body(pool, ticket)

    def submit(self, script: str, *, pool: Pool, marker: str) -> Command:
        return Command(("sh", "-c", _SUBMIT, "rota-launch", marker), script)

    def submitted(self, output: Output) -> str:
        if output.code == 0 and output.out.strip().isdigit():
            return output.out.strip()
        raise refusal(output, what="starting a process")

    def poll(self, ids: Sequence[str], *, pool: Pool, prefix: str) -> Command:
        return Command(("sh", "-c", _LIST.format(prefix=prefix)))

    def polled(self, output: Output) -> Mapping[str, Seen]:
        lines = output.out.splitlines()
        if output.code != 0 or not lines or lines[-1] != "end":
            raise refusal(output, what="listing processes")
        rows = [line.split() for line in lines[:-1]]
        if any(len(row) != 2 for row in rows):
            raise LaunchFailed(f"this is no list of processes: {output.said}")
        return {pid: Seen(RUNNING, name, "running") for pid, name in rows}

    def cancel(self, ids: Sequence[str], *, pool: Pool) -> Command:
        shown = " ".join(quote(one) for one in ids)
        # Only who is still called so: a pid may be somebody else's by now (G14).
        check = f'grep -aqsz "^rota-.*-{pool.name}-" "/proc/$pid/cmdline"'
        return Command(
            ("sh", "-c", f'for pid in {shown}; do {check} && kill -TERM "$pid"; done; true')
        )

"""What every pilot runs, whatever system it runs in: a shell script that brings agents.

    scratch folder ▶ agent and token ▶ agents in the background ▶ wait
    TERM, or all agents gone ▶ end their jobs ▶ scratch removed

Nothing secret stands in an argument or a variable: the token is a file, 0600 (G31).
"""

from __future__ import annotations

from shlex import quote

from rota.core.pool import Pool
from rota.launch.contract import Ticket

CARRIED_MAX = 3 << 20
"""Batch systems take scripts of 4 MB at most, where they say how large one may be."""


def body(pool: Pool, ticket: Ticket, *, rank: str = "0") -> str:
    """Return the lines that start the agents of one machine, and end them.

    Args:
        rank: shell words for the number of this machine in its pilot, from 0.
    """
    parts = [
        _HEAD.format(marker=quote(ticket.marker), scratch=_scratch(pool)),
        _kept(ticket),
        _cargo(ticket),
        pool.setup or "",
        _START.format(agent=_agent_words(pool, ticket), python=quote(pool.python)),
        *_starts(pool, ticket, rank=rank),
        _END,
    ]
    return "\n".join(part.strip("\n") for part in parts if part) + "\n"


_HEAD = """
set -u
umask 077
marker={marker}
home={scratch}/$marker.$$
mkdir -p "$home" || exit 71
pids= homes=
"""

_START = """
python={python}
start() {{  # start NAME
  mkdir -p "$home/$1" || exit 71
  [ -z "${{kept:-}}" ] || ln -s "$kept/out" "$home/$1/out"
  "$python" "$agent" --name "$1" --home "$home/$1" {agent} &
  pids="$pids $!" homes="$homes $1"
}}
finish() {{
  trap '' TERM INT HUP USR1 USR2 XCPU
  kill -TERM $pids 2>/dev/null
  wait
  for one in $homes; do
    "$python" "$agent" --home "$home/$one" --kill-jobs --grace 5s
  done
  rm -rf "$home"
  case $0 in */"$marker".sh) rm -f "$0"; rmdir "${{0%/*}}" 2>/dev/null ;; esac
  :
}}
trap 'finish; exit 0' TERM INT HUP USR1 USR2 XCPU
"""

_END = """
wait $pids
code=$?
finish
exit $code
"""


def _scratch(pool: Pool) -> str:
    return quote(pool.scratch) if pool.scratch else "${TMPDIR:-/tmp}"


def _kept(ticket: Ticket) -> str:
    if ticket.kept is None:
        return ""
    return (
        f"kept={quote(ticket.kept)}\n"
        'mkdir -p "$kept/out" || exit 71\n'
        'exec >>"$kept/log" 2>&1 </dev/null'
    )


def _cargo(ticket: Ticket) -> str:
    """Return the lines that say where agent and token are, or that bring them along."""
    if not ticket.cargo:
        return f"agent={quote(ticket.agent_file)}\ntoken={quote(ticket.token_file)}"
    return (
        "agent=$home/agent.pyz token=$home/token\n"
        f"base64 -d >\"$agent\" <<'END_OF_AGENT' || exit 72\n{ticket.cargo['agent']}\n"
        "END_OF_AGENT\n"
        f"cat >\"$token\" <<'END_OF_TOKEN'\n{ticket.cargo['token']}\nEND_OF_TOKEN"
    )


def _agent_words(pool: Pool, ticket: Ticket) -> str:
    words = ["--server", quote(ticket.server), "--token-file", '"$token"']
    for label in (pool.label, *pool.labels):
        words += ["--label", quote(label)]
    if pool.cores is not None:
        words += ["--cores", str(pool.cores)]
    if pool.memory:
        words += ["--memory", f"{pool.memory}B"]
    if pool.time_ms is not None:
        words += ["--lifetime", f"{pool.time_ms // 1000}s"]
    return " ".join(words)


def _starts(pool: Pool, ticket: Ticket, *, rank: str) -> list[str]:
    if pool.per_pilot == 1:
        return [f"start {quote(ticket.nodes[0])}"]
    stem = ticket.nodes[0].rpartition(".")[0]
    return [
        f"start {quote(stem)}.$(({rank} * {pool.agents} + {k}))" for k in range(pool.agents)
    ]

"""What a launcher must do: pure functions around one driver that runs commands.

    script(pool, ticket) ─▶ text ─▶ submit(text) ─▶ Command ═driver═▶ Output ─▶ submitted
                                    poll(ids)    ─▶ Command ═driver═▶ Output ─▶ polled
                                    cancel(ids)  ─▶ Command ═driver═▶ Output

A launcher never starts a process: it writes a command and reads what came back.  One poll
answers for all pilots at once, by name as well as by id: a pilot whose submit reply was
lost is found again by its marker.  To add a launcher, add a file here and a row to
``kinds``; ``tests/contracts/test_launchers.py`` finds it.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from rota.core.errors import RotaError
from rota.core.pool import Pool

QUEUED, RUNNING, STUCK, ENDED = "queued", "running", "stuck", "ended"
"""What a launcher makes of the states of the many systems; stuck: it will never run."""

SAID_MAX = 2000


class Command(NamedTuple):
    """A command line, and what it reads from its standard input."""

    argv: tuple[str, ...]
    stdin: str = ""

    def __str__(self) -> str:
        return shlex.join(self.argv)

    def over(self, host: str | None) -> Command:
        """Return the command as it is run on *host*, over ssh; None: here."""
        if host is None:
            return self
        options = ("-o", "BatchMode=yes", "-o", "ConnectTimeout=20")
        return Command(("ssh", *options, "--", host, shlex.join(self.argv)), self.stdin)


class Output(NamedTuple):
    """What became of a command; *code* None: it did not end in time, nobody knows."""

    command: Command
    code: int | None
    out: str
    err: str = ""
    took_s: float = 0.0

    @property
    def said(self) -> str:
        """What it printed, errors first, on one line and not too long."""
        words = " ".join(f"{self.err} {self.out}".split())
        return words if len(words) <= SAID_MAX else words[:SAID_MAX] + " …"


class Seen(NamedTuple):
    """One allocation as its system lists it.

    Shapes:
        state: queued, running, stuck, or ended
        name:  the name it was given, a marker if it is ours
        word:  the system's own word for the state, with its reason if it gives one
    """

    state: str
    name: str
    word: str = ""


@dataclass(frozen=True, slots=True)
class Ticket:
    """All that a pilot must know to bring its agents here.

    Shapes:
        marker:     its name;  nodes: the names of its agents
        server:     URL of the server, as seen from the node
        token_file: path of the agents' token (0600), seen from the node as well
        agent_file: path of the one file that is the agent
        kept:       folder that outlives the pilot, for outputs; None: there is none
        cargo:      {"agent": base64, "token": text} where the script carries both
    """

    marker: str
    nodes: tuple[str, ...]
    server: str
    token_file: str
    agent_file: str
    kept: str | None = None
    cargo: Mapping[str, str] = field(default_factory=dict)


class LaunchFailed(RotaError):
    """The other system refused, or could not be asked.

    certain: whether nothing was started; else a pilot may turn up under its marker.
    """

    kind = "launch_failed"

    def __init__(self, sentence: str, *, certain: bool = True) -> None:
        super().__init__(sentence)
        self.certain = certain


class Launcher(Protocol):
    """See the head of the file."""

    def script(self, pool: Pool, ticket: Ticket) -> str:
        """Return what the other system is to run."""

    def submit(self, script: str, *, pool: Pool, marker: str) -> Command:
        """Return the command that hands *script* in under the name *marker*."""

    def submitted(self, output: Output) -> str:
        """Return the id that the system gave.

        Raises:
            LaunchFailed: it gave none.
        """

    def poll(self, ids: Sequence[str], *, pool: Pool, prefix: str) -> Command:
        """Return the command that lists *ids*, and all whose names begin with *prefix*."""

    def polled(self, output: Output) -> Mapping[str, Seen]:
        """Return {id: what is known of it}; who is absent is not known to the system.

        Raises:
            LaunchFailed: this is no answer: nothing may be concluded from it.
        """

    def cancel(self, ids: Sequence[str], *, pool: Pool) -> Command:
        """Return the command that ends *ids*; those it does not know are no error."""


def refusal(output: Output, *, what: str, cure: str = "") -> LaunchFailed:
    """Return the error for an *output* that is not what it should be, with its words.

    A command that ended by itself with an error has done nothing; one that was cut off, or
    says nothing we can read, may have.
    """
    command = output.command.argv[0]
    shown = " ".join(output.command.argv)
    shown = shown if len(shown) < 300 else shown[:300] + " …"
    if output.code == 127 or (output.code is None and "not found" in output.err):
        sentence = f"`{command}` is not there: {output.said}"
        return LaunchFailed(f"{sentence}; install it, or say where it is with via: HOST")
    if output.code is None:
        sentence = f"`{shown}` did not end within {output.took_s:.0f} s"
        return LaunchFailed(f"{sentence}: {output.said}", certain=False)
    said = output.said or "it said nothing"
    sentence = f"{what} failed, `{shown}` ended with {output.code}: {said}"
    certain = output.code != 0 and output.code != 255
    return LaunchFailed(f"{sentence}; {cure}" if cure else sentence, certain=certain)


def is_ours(name: str, prefix: str) -> bool:
    """Whether an allocation called *name* is one of those that begin with *prefix*."""
    return bool(prefix) and name.startswith(prefix)

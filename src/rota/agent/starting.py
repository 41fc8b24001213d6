"""What an attempt is given when it starts, and what is taken back when it is over.

    Launch ─▶ cores to be bound to ─▶ a cage for its memory ─▶ a pipe to read ─▶ spawn

Each only for those that ask for it: most attempts are spawned and nothing else.
"""

from __future__ import annotations

import os

from rota.agent import spawn
from rota.agent.book import Attempt
from rota.agent.consoles import Consoles
from rota.agent.feeding import Feeds
from rota.agent.gate import Gate
from rota.agent.reactor import Reactor
from rota.agent.recipe import Launch
from rota.core.reasons import reason


class Starter:
    """See the head of the file."""

    def __init__(self, reactor: Reactor, *, tag_base: int, consoles: Consoles) -> None:
        """Start attempts in cages that are named after *tag_base*."""
        self._gate = Gate(reactor, f"{tag_base:x}")
        self._consoles = consoles
        self.feeds = Feeds(reactor)

    def start(self, attempt: Attempt, launch: Launch) -> spawn.Started:
        """Start *launch* for *attempt*.

        Raises:
            Unstartable: nothing of it runs.
        """
        attempt.out, attempt.err = launch.stdout, launch.stderr
        launch = self._consoles.open(attempt, launch)
        if not attempt.recipe.takes_input:
            return self._spawn(attempt, launch)
        try:
            reads = self.feeds.open(attempt.ref)
        except OSError as error:
            why = reason("spawn", error=f"its input: {error.strerror}")
            raise spawn.Unstartable(why) from error
        try:
            return self._spawn(attempt, launch._replace(stdin=f"/proc/self/fd/{reads}"))
        except BaseException:
            self.feeds.close(attempt.ref)
            raise
        finally:
            os.close(reads)

    def over(self, attempt: Attempt) -> None:
        """Take back what *attempt* was given."""
        if attempt.recipe.takes_input:
            self.feeds.close(attempt.ref)
        if attempt.cage is not None:
            self._gate.remove(attempt.cage)

    def close(self) -> None:
        """Nothing runs any more."""
        self._gate.close()

    def _spawn(self, attempt: Attempt, launch: Launch) -> spawn.Started:
        cores = attempt.recipe.cores
        if attempt.recipe.memory and self._gate.is_open:
            return self._gate.start(attempt, launch, cores=cores)
        return spawn.start(launch, cores=cores, tag=attempt.tag)

"""The operator's file: found, read, and put in force, at the start and on demand.

    HOME/config.yaml, or --config FILE ──→ Rules ──→ the mind, at the start
    SIGHUP, POST /config/reload ──→ read again ──→ ``Configured``, an event like others

A file that is wrong changes nothing: at the start there is no server, later the rules that
are in force stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rota.core.account import User
from rota.core.errors import Refused, RotaError
from rota.engine.events import Configured
from rota.formats.settings import read_settings
from rota.sched.rules import Rules, rules_of
from rota.server.loop import Clock, Loop, log

SIZE_MAX = 16 << 20


@dataclass(frozen=True, slots=True)
class Config:
    """Where the operator's file is; *must_be*: it was asked for by name."""

    path: Path
    must_be: bool = False

    def read(self) -> Rules:
        """Return what the file says; without one, what holds when nobody said anything.

        Raises:
            Malformed: with all that is wrong;  Refused: it cannot be read.
        """
        try:
            size = self.path.stat().st_size
            if size > SIZE_MAX:
                raise Refused(f"{self.path} is {size} bytes long: that is no config file")
            text = self.path.read_text("utf-8")
        except FileNotFoundError:
            if self.must_be:
                raise Refused(f"there is no config file {self.path}") from None
            return Rules()
        except (OSError, UnicodeDecodeError) as error:
            raise Refused(f"cannot read the config file {self.path}: {error}") from None
        said = read_settings(text, where=self.path.name)
        return rules_of(said.values, source=str(self.path), sources=said.sources)


async def reload(config: Config, loop: Loop, clock: Clock, *, user: User) -> None:
    """Read the file again and put it in force for *user*.

    Raises:
        RotaError: the file is wrong, or *user* may not; the old rules hold.
    """
    rules = config.read()
    await loop.ask(lambda ticket: Configured(clock.now(), user, rules, ticket))
    log.info("%s is in force", rules.source or "no config file")


async def on_hangup(config: Config, loop: Loop, clock: Clock, *, user: User) -> None:
    """Do what SIGHUP asks for; what is wrong goes to the log, nobody else listens."""
    try:
        await reload(config, loop, clock, user=user)
    except RotaError as error:
        log.error("the config stays as it was: %s", error.sentence)

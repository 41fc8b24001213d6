"""What the commands of other systems share: which server, how they speak, how they end.

shim "dstat" ──▶ process("dirac", "dstat") ──▶ rota.faces.dirac.entry.main → exit code

They are called by the thousand, so nothing is imported here before it is needed.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from rota.client.http import Client
    from rota.client.views import Submitted


class Site:
    """Which server the commands speak to.

    Shapes:
        command: the name it was called by, for messages
        home, server: as ``rota.client.Client`` takes them
    """

    def __init__(
        self, command: str, *, home: str | None = None, server: str | None = None
    ) -> None:
        self.command, self.home, self.server = command, home, server
        self._client: Client | None = None

    @property
    def client(self) -> Client:
        """The connection, made when it is first needed."""
        if self._client is None:
            from rota.client.http import Client

            self._client = Client(self.server, home=self.home)
        return self._client

    def error(self, text: str) -> None:
        """Print *text* as Slurm's commands print errors."""
        tell(f"{self.command}: error: {text}")

    def aside(self, text: str) -> None:
        """Print *text* where a person reads it: to programs it would be an error."""
        if sys.stderr.isatty():
            tell(f"{self.command}: {text}")


def tell(text: str) -> None:
    """Print *text*, made harmless, to standard error."""
    from rota.faces.terminal import clean

    sys.stdout.flush()
    sys.stderr.write("\n".join(map(clean, text.split("\n"))) + "\n")
    sys.stderr.flush()


def handed_in(
    client: Client, docs: list[dict[str, Any]], *, say: Callable[[str], None]
) -> list[Submitted]:
    """Hand in *docs*; without mail where the server sends none: what is run matters.

    Args:
        say: is told so
    """
    from rota.core.errors import Malformed

    try:
        return client.submit(*docs)
    except Malformed as error:
        if not error.complaints or not all("notify" in c.field for c in error.complaints):
            raise
        say(f"no mail will be sent: {error.sentence}")
    bare = [{key: held for key, held in doc.items() if key != "notify"} for doc in docs]
    return client.submit(*bare)


def process(
    system: str, command: str, *, home: str | None = None, server: str | None = None
) -> None:
    """Run *command* of *system* as the whole process: this is what a shim calls."""
    from importlib import import_module

    main = import_module(f"rota.faces.{system}.entry").main
    code = main(command, home=home, server=server)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        code = 141
    # All is said: taking the interpreter apart would cost a tenth of it.
    os._exit(code)

"""``wam``: one command whose options say what it does, as WAM's client had it.

wam -j bracket -cpus 8        wam -qstat     wam -get 12     wam -k 12:bracket
"""

from __future__ import annotations

import sys

from rota.faces.foreign import Site, tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

FLAGS = {
    "-bat": "batch", "--batch": "batch", "-a": "all", "--all": "all", "-e": "email",
    "--email": "email", "-m": "monitor", "--monitor": "monitor", "-w": "watch",
    "--watch": "watch", "-cstat": "cstat", "-qstat": "qstat", "-hist": "hist",
    "-about": "about", "-h": "help", "--help": "help",
}  # fmt: skip
VALUES = {
    "-j": "job", "--job": "job", "-cpus": "cpus", "-gpus": "gpus", "-n": "host",
    "--host": "host", "-p": "priority", "--priority": "priority", "-get": "get",
}  # fmt: skip
MANY = {"-k": "kill", "--kill": "kill", "-tc": "tokens", "--tokenConvert": "tokens"}
_DOES = {
    "cstat": "listing", "qstat": "listing", "hist": "listing", "tokens": "listing",
    "get": "results", "monitor": "results", "watch": "results", "kill": "results",
}  # fmt: skip
USAGE = """\
usage: wam -j DECK | -bat [-a] | FILE.json   [-cpus N] [-gpus N] [-n HOST] [-p 0|1|2] [-e]
       wam -cstat | -qstat | -hist | -tc CORES [GPUS]
       wam -get N[:NAME] | -m | -w | -k N[:NAME] …"""

Asked = dict[str, list[str]]


class UsageError(ValueError):
    """The command line makes no sense."""


def scan(words: Sequence[str]) -> Asked:
    """Return {what: its values}; "files" holds the words that are no option.

    Raises:
        UsageError: an option that is none, or without its value.
    """
    asked: Asked = {}
    into = "files"
    for word in words:
        waits = into in VALUES.values() and not asked[into]
        if waits or not word.startswith("-"):
            asked.setdefault(into, []).append(word)
            into = into if into in MANY.values() else "files"
            continue
        what = FLAGS.get(word) or VALUES.get(word) or MANY.get(word)
        if what is None:
            raise UsageError(f"there is no option {word}\n{USAGE}")
        asked.setdefault(what, [])
        into = "files" if word in FLAGS else what
    if into in VALUES.values() and not asked[into]:
        raise UsageError(f"-{into} needs a value")
    return asked


def main(
    command: str, words: Sequence[str] | None = None, *,
    home: str | None = None, server: str | None = None,
) -> int:  # fmt: skip
    """Run *command* with *words*, the process's own when None; return the exit code."""
    from importlib import import_module

    from rota.core.errors import RotaError

    site = Site(command, home=home, server=server)
    try:
        asked = scan(list(sys.argv[1:] if words is None else words))
        if "help" in asked or "about" in asked or not asked:
            print(USAGE)
            return 0 if asked else 2
        name = next((name for name in _DOES if name in asked), "submit")
        module = import_module(f"rota.faces.wam.{_DOES.get(name, name)}")
        return int(getattr(module, name)(asked, site))
    except UsageError as error:
        tell(f"wam: {error}")
        return 2
    except RotaError as error:
        tell(f"wam: {error.sentence}")
        return 1
    except KeyboardInterrupt:
        return 130

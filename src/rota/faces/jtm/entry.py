"""One door for JTM's commands: ``jtm-submit …`` and ``jtm submit …``; its exit codes.

    shim "jtm-isalive" ──▶ process(…) ──▶ its module's run(options, site) → exit code

Cromwell asks by the thousand, so only what a command needs is imported.
"""

from __future__ import annotations

import sys

from rota.faces.foreign import Site, tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rota.core.errors import RotaError

    Asked = dict[str, str]
    Run = Callable[[Asked, Site], int]

BAD_JSON, NO_ID, NO_REPLY, UNKNOWN, TIME_OUT = 254, 253, 252, 251, 168
"""JTM's −2, −3, −4, −5 and −88, as a process can exit with them."""

POOL = {
    "-p": "name", "--pool_name": "name", "--pool-name": "name", "-tp": "name",
    "--task-pool": "name", "-cl": "cluster", "--cluster": "cluster", "-t": "time",
    "--job_time": "time", "-c": "cpu", "--cpu": "cpu", "-m": "mem", "--memory": "mem",
    "-N": "node", "--nnodes": "node", "-nwpn": "nwpn", "--num_worker_per_node": "nwpn",
    "-nw": "nwpn", "-C": "constraint", "--constraint": "constraint", "-q": "qos",
    "--qos": "qos", "-P": "partition", "--partition": "partition", "-A": "account",
    "--account": "account", "-s": "shared", "--shared": "shared", "-jid": "job_id",
    "--job-id": "job_id",
}  # fmt: skip
IGNORED = {"-l": "loglevel", "--loglevel": "loglevel", "--log_dir": "log", "-ld": "log"}
TASK = {"-tid": "task", "--task-id": "task", "--task_id": "task", "": "task"}
WORKER = {
    **POOL, "-wt": "type", "--worker_type": "type", "-dr": "=dry", "--dry_run": "=dry",
    "-hb": "ignored", "-jd": "ignored", "-j": "ignored", "-ct": "ignored",
    "-ctr": "ignored", "-wi": "worker", "--worker_id": "worker", "-mc": "mem_core",
    "-to": "ignored", "-zf": "=zero", "-r": "=log",
}  # fmt: skip
_SUBMIT = {
    **POOL, "-cr": "command", "-cmd": "command", "--command": "command", "-f": "file",
    "--file": "file", "-j": "json", "--json": "json",
}  # fmt: skip
OPTIONS: Mapping[str, Mapping[str, str]] = {
    "submit": _SUBMIT,
    "status": TASK,
    "kill": TASK,
    "isalive": TASK,
    "resource-log": TASK,
    "worker": WORKER,
    "remove-pool": POOL,
    "check-worker": {**POOL, "-s": "slurm", "--slurm": "slurm"},
    "check-manager": POOL,
}
"""{command: {option: what it says}}; "=…" takes no value, "" is a word that is none."""

_MODULES = {"submit": "submit", "worker": "pools", "remove-pool": "pools",
            "check-worker": "pools", "check-manager": "pools"}  # fmt: skip
COMMANDS = ("jtm", *(f"jtm-{name}" for name in OPTIONS), "jrm-resource-log")


class UsageError(ValueError):
    """The command line makes no sense."""


def main(
    command: str, words: Sequence[str] | None = None, *,
    home: str | None = None, server: str | None = None,
) -> int:  # fmt: skip
    """Run *command* with *words*, the process's own when None; return the exit code."""
    given = list(sys.argv[1:] if words is None else words)
    name = command.partition("-")[2]
    site = Site(command, home=home, server=server)
    try:
        if not name:
            name, given = _second(given)
            site.command = f"jtm {name}"
        return _run(name, given, site)
    except UsageError as error:
        tell(f"{site.command}: {error}")
        return 2
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        from rota.core.errors import RotaError

        if not isinstance(error, RotaError):
            raise
        return refused(name, error)


def _run(name: str, words: list[str], site: Site) -> int:
    from importlib import import_module

    module = import_module(f"rota.faces.jtm.{_MODULES.get(name, 'tasks')}")
    act: Run = getattr(module, name.replace("-", "_"))
    return act(scan(words, OPTIONS[name]), site)


def _second(words: list[str]) -> tuple[str, list[str]]:
    """Return the command of ``jtm [--debug] [--config FILE] <cmd> …`` and its words."""
    left = list(words)
    while left and left[0].startswith("-"):
        word = left.pop(0)
        if word == "--config":
            del left[:1]
    if not left or left[0] not in OPTIONS:
        raise UsageError(f"say one of {', '.join(OPTIONS)}")
    return left[0], left[1:]


def scan(words: Sequence[str], options: Mapping[str, str]) -> Asked:
    """Return {what: value} that *words* say; "-x v", "--x v" and "--x=v" are the same.

    Raises:
        UsageError: an option that is none, or without its value.
    """
    asked: Asked = {}
    left = list(words)
    while left:
        word, equals, value = left.pop(0), "", ""
        if word.startswith("--"):
            word, equals, value = word.partition("=")
        what = options.get(word) or IGNORED.get(word)
        if what is None and not word.startswith("-") and "" in options:
            asked[options[""]] = word
        elif what is None:
            raise UsageError(f"there is no option {word}; {', '.join(sorted(options))} are")
        elif what.startswith("="):
            asked[what[1:]] = "1"
        elif equals or left:
            asked[what] = value if equals else left.pop(0)
        else:
            raise UsageError(f"{word} needs a value")
    return asked


def refused(name: str, error: RotaError) -> int:
    """Say why there is no answer, or a no; return the exit code."""
    from rota.core.errors import Missing, Unreachable

    tell(f"jtm-{name}: {error.sentence}")
    if isinstance(error, Unreachable):
        if name == "isalive":
            # Who is told "dead" gives the task up; and nobody knows that it is.
            print("yes")
            return 0
        return TIME_OUT
    if isinstance(error, Missing):
        return 1 if name == "isalive" else UNKNOWN
    return NO_ID if name == "submit" else NO_REPLY

"""``rota kill``, ``hold``, ``suspend``, …: to all that was selected, or to none.

rota kill 12[3-9]   →   targets 12[3] … 12[9]   →   POST /jobs/kill   →   a line for each
"""

from __future__ import annotations

from rota.client.waiting import chunks
from rota.faces import terminal
from rota.faces.connect import client_of
from rota.faces.options import duration, why
from rota.faces.selectors import ENDED, HELP, LIVE, targets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping, Sequence
    from typing import Any

    from rota.client.http import Client

WHICH = {"rerun": ENDED}
"""What names, tags and ``all`` mean, where it is not the jobs that live."""

SIGNALS = ("TERM", "INT", "HUP", "QUIT", "USR1", "USR2", "CONT", "WINCH")
LINES_MAX = 20
AT_ONCE_MAX = 50_000
"""More targets than this go in several requests, each of them all or none."""


def options(parser: ArgumentParser) -> None:
    """Say what these verbs take."""
    verb = parser.get_default("verb")
    add = parser.add_argument
    add("which", nargs="*", metavar="JOB", help=HELP)
    why(parser)
    if verb == "kill":
        add("--grace", type=duration, metavar="TIME", help="between TERM and KILL")
        add("--requeue", action="store_true", help="let what runs wait and run again")
        add("--no-wait", action="store_true", help="do not wait until they are gone")
    if verb == "signal":
        add("-s", "--signal", type=signal_name, required=True, metavar="NAME",
            help=", ".join(SIGNALS))  # fmt: skip
    if verb == "rerun":
        add("--failed", action="store_true", help="only what failed; alone: all that did")
        add("--all", action="store_true", help="of arrays all tasks, not only what failed")
        add("--signature", metavar="N", help="only what failed so, of one job: rota errors")
        add("--memory", metavar="xF", help="so much more than the last attempt had: x2")
        add("--time", metavar="xF", help="so much longer than the last attempt had: x1.5")


def run(args: Namespace) -> int:
    """Do to jobs what the verb says."""
    client = client_of(args)
    failed = bool(getattr(args, "failed", False))
    found = targets(client, args.which, which=WHICH.get(args.verb, LIVE), failed=failed)
    done: list[dict[str, Any]] = []
    for some in chunks(found, AT_ONCE_MAX):
        done += _asked(client, args, some)
    tell(done, args)
    return 0


def _asked(client: Client, args: Namespace, found: Sequence[str]) -> Any:
    if args.verb == "kill":
        return client.kill(
            *found, grace_ms=args.grace, wait=not args.no_wait, requeue=args.requeue
        )
    if args.verb == "hold":
        return client.hold(*found)
    if args.verb == "release":
        return client.release(*found)
    if args.verb == "suspend":
        return client.suspend(*found)
    if args.verb == "resume":
        return client.resume(*found)
    if args.verb == "signal":
        return client.signal(*found, signal=args.signal)
    wanted = {
        "all": args.all, "signature": args.signature, "memory": args.memory,
        "time": args.time,
    }  # fmt: skip
    return client.rerun(*found, **{name: held for name, held in wanted.items() if held})


def signal_name(text: str) -> str:
    """Return the signal that *text*, "usr1" or "SIGUSR1", names.

    Raises:
        ArgumentTypeError: it is none that jobs may be sent; the sentence says what to do.
    """
    from argparse import ArgumentTypeError

    name = text.upper().removeprefix("SIG")
    if name in SIGNALS:
        return name
    instead = {"KILL": "rota kill --grace 0s", "STOP": "rota suspend"}.get(name)
    cure = f"that is `{instead}`" if instead else f"signals are {', '.join(SIGNALS)}"
    raise ArgumentTypeError(f"{text!r} cannot be sent: {cure}")


def tell(done: list[dict[str, Any]], args: Namespace) -> None:
    """Print what was done, a line for each target."""
    if args.json:
        terminal.show_json("asked", {"verb": args.verb, "jobs": done})
        return
    for row in done[:LINES_MAX]:
        terminal.out(sentence(row))
    if len(done) > LINES_MAX:
        terminal.out(f"… and {len(done) - LINES_MAX} more, {len(done)} in all")


def sentence(row: Mapping[str, Any]) -> str:
    """Return what was done to one target: "job 12 killed", "job 12 is being killed"."""
    doing = {"killing": "killed", "suspending": "suspended", "resuming": "resumed"}
    from rota.faces.cells import label
    from rota.faces.tables import counted

    result = str(row["result"])
    verb = f"is being {doing[result]}" if result in doing else result
    tasks = row.get("tasks")
    many = f" ({counted(tasks, 'task')})" if tasks is not None and tasks != 1 else ""
    return terminal.clean(f"job {label(row)} {verb}{many}")

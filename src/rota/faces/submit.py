"""``rota submit``: hand in jobs from a command, a text, scripts and job files; all or none.

    -- argv …  ╮                          ╭ options win over #ROTA lines, these over the
    -c 'text'  ├──→ documents ──→ merged ─┤ file, the file over what the server adds
    FILE …  -  ╯    (gather.py)           ╰ one request, one transaction, one reply

``quick`` does the commonest form, a command and next to no options, without importing the
table of keys: it is what loops of shell scripts call ten thousand times.
"""

from __future__ import annotations

import os

from rota.faces import terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Mapping, Sequence
    from typing import Any

    from rota.client.http import Client
    from rota.client.views import Submitted
    from rota.faces.gather import Batch
    from rota.faces.keys import Asked

TAKES_COMMAND = True
LINES_MAX = 10
VALUE_MAX = 131_071

EPILOG = """\
  rota submit -- ./model --case 7            a command, no shell in between
  rota submit -c 'make && ./model > out'     shell text
  rota submit --cores 4 job.sh               a script; its #ROTA lines count, too
  rota submit jobs.yaml more.toml            job files, all of them or none
  rota submit --array 0-999%%20 -- ./model --case {task}
"""

_QUICK_VALUES = {"--home": "home", "--server": "server", "--name": "name", "-c": "command"}
FLAGS = {
    "--json": "json",
    "--dry-run": "dry_run",
    "--explain": "explain",
    "--wait": "wait",
    "--parsable": "parsable",
}
_QUICK_FLAGS = ("--json", "--parsable")


def options(parser: ArgumentParser) -> None:
    """Say what ``submit`` takes: its own options, and one for each key of a job."""
    add = parser.add_argument
    add("files", nargs="*", metavar="FILE", help="job files and scripts; - is stdin")
    add("--dry-run", action="store_true", help="show what would be handed in, and why")
    add("--explain", action="store_true", help="show why it would wait; hand in nothing")
    add("--wait", action="store_true", help="wait until they are over, exit as they did")
    add("--parsable", action="store_true", help="print only the numbers, one a line")
    job_options(parser)


def job_options(parser: ArgumentParser) -> None:
    """Add an option for each key of a job; what is given goes to ``given``, in order."""
    from rota.faces.keys import add_key_options

    add_key_options(parser)


def scan(words: Sequence[str]) -> Asked | None:
    """Return what *words* say, read without argparse; None when it should look."""
    from rota.faces.keys import scan as scan_keys

    return scan_keys(words, flags=FLAGS, takes_files=True)


def run(args: Any) -> int:
    """Hand in jobs."""
    from rota.faces.connect import client_of

    batch = gathered(args)
    client = client_of(args)
    if args.dry_run or args.explain:
        return _dry_run(client, batch, args)
    done = hand_in(client, batch)
    tell(done, as_json=args.json, parsable=args.parsable)
    if not args.wait:
        return 0
    from rota.faces.wait import wait

    args.quiet = args.json or args.parsable
    args.json = False
    return wait(client, [str(job.id) for job in done], args)


def quick(words: Sequence[str]) -> int | None:
    """Hand in the job if *words* are of the commonest form; None when they are not."""
    asked = _quick_words(words)
    environ = _plain_environ() if asked else None
    if not asked or environ is None:
        return None
    from rota.client.http import Client

    client = Client(asked.pop("server", None), home=asked.pop("home", None))
    flags = {name for name in _QUICK_FLAGS if asked.pop(name, None)}
    done = client.submit({**asked, "cwd": os.getcwd(), "env": environ})
    tell(done, as_json="--json" in flags, parsable="--parsable" in flags)
    return 0


def gathered(args: Any) -> Batch:
    """Return the documents that *args* ask for."""
    from rota.faces.gather import gather

    files = getattr(args, "files", [])
    return gather(files, given=args.given, rest=args.rest)


def hand_in(client: Client, batch: Batch) -> list[Submitted]:
    """Submit *batch*; complaints of the server say where the wrong value was given."""
    from rota.core.errors import Malformed
    from rota.faces.gather import located
    from rota.faces.moving import moving

    try:
        with moving(client, "storing files"):
            return client.submit(*batch.docs, defaults=batch.defaults, key=batch.key)
    except Malformed as error:
        raise located(error, batch) from None


def tell(done: Sequence[Submitted], *, as_json: bool, parsable: bool) -> None:
    """Print which jobs there are now."""
    if as_json:
        terminal.show_json("submitted", {"jobs": [job.raw for job in done]})
    elif parsable:
        terminal.out("\n".join(str(job.id) for job in done))
    else:
        for job in done[:LINES_MAX]:
            terminal.out(sentence(job))
        if len(done) > LINES_MAX:
            first, last = done[0].id, done[-1].id
            terminal.out(f"… {len(done)} jobs in all, {first} to {last}")


def sentence(job: Submitted) -> str:
    """Return "job 12 submitted (fit, 1000 tasks)"."""
    about = [terminal.clean(str(job.get("name") or ""))]
    if job.tasks != 1:
        about.append(f"{job.tasks} tasks")
    told = ", ".join(part for part in about if part)
    verb = "was there already, by its key" if job.existing else "submitted"
    return f"job {job.id} {verb}" + (f" ({told})" if told else "")


def _dry_run(client: Client, batch: Batch, args: Any) -> int:
    from rota.core.errors import Malformed
    from rota.faces.gather import located

    try:
        rows = client.explain(
            *batch.docs, defaults=batch.defaults, sources=batch.sources, waits=args.explain
        )
    except Malformed as error:
        raise located(error, batch) from None
    if args.json:
        terminal.show_json("dry_run", {"jobs": rows})
        return 0
    for number, row in enumerate(rows[:LINES_MAX]):
        for line in ([""] if number and args.dry_run else []) + _shown(row, args):
            terminal.out(line)
    if len(rows) > LINES_MAX:
        terminal.say(f"… and {len(rows) - LINES_MAX} jobs more; --json shows all")
    terminal.say("nothing was submitted")
    return 0


def _shown(row: Mapping[str, Any], args: Any) -> list[str]:
    """Return what is shown of a job of a dry run: its keys, or why it would wait."""
    if not args.explain:
        return explained(row)
    from rota.faces.why import waiting

    name = terminal.clean(row["name"])
    return [name, *(f"  {terminal.clean(line)}" for line in waiting(row["waits"]))]


def explained(row: Mapping[str, Any]) -> list[str]:
    """Return what a job would be, line by line: key, value, and who said so."""
    from rota.faces.tables import Column, counted, table

    title = f"{row['name']}: {counted(row['tasks'], 'task')}"
    columns = (Column("KEY"), Column("VALUE", roomy=True), Column("FROM"))
    cells = [
        (key, str(value), row["sources"].get(key, ""))
        for key, value in row["resolved"].items()
    ]
    fit = terminal.width() if terminal.is_live() else None
    return [terminal.paint(terminal.clean(title), "bold"), *table(columns, cells, fit=fit)]


def _quick_words(words: Sequence[str]) -> dict[str, Any] | None:
    """Return what *words* say, or None when there is anything out of the common in them."""
    asked: dict[str, Any] = {}
    left = list(words)
    while left:
        word = left.pop(0)
        if word == "--":
            asked["argv"] = left
            break
        if word in _QUICK_FLAGS:
            asked[word] = True
        elif word in _QUICK_VALUES and left and _QUICK_VALUES[word] not in asked:
            asked[_QUICK_VALUES[word]] = left.pop(0)
        else:
            return None
    texts = [*asked.get("argv", ()), asked.get("command", "x"), asked.get("name", "x")]
    is_one = ("argv" in asked) != ("command" in asked)
    is_plain = all(text.isascii() and len(text) < VALUE_MAX for text in texts)
    is_plain &= asked.get("name", "x").isprintable() and len(asked.get("name", "x")) <= 200
    return asked if is_one and is_plain and asked.get("argv") != [] else None


def _plain_environ() -> dict[str, str] | None:
    """Return the environment to pass on; None when a variable needs a closer look."""
    environ = {
        name: value for name, value in os.environ.items() if not name.startswith("ROTA_")
    }
    for name, value in environ.items():
        if not (name.isascii() and name.isprintable() and value.isascii()):
            return None
        if len(value) > VALUE_MAX or len(name) > 1000:
            return None
    return environ

"""``sbatch``: a script, with its ``#SBATCH`` lines and options, becomes a job.

    sbatch [OPTIONS] SCRIPT [ARG…]   ·   sbatch --wrap=CMD   ·   the script on stdin

Standard output holds the number of the job and nothing else.
"""

from __future__ import annotations

import os
import sys

from rota.core.getopt import BadOption, parse
from rota.faces.foreign import handed_in, tell
from rota.faces.slurm.entry import usage_error
from rota.formats.sbatch import Wrong, collect, job_of, script_options
from rota.formats.sbatch.options import SBATCH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from rota.client.views import Job
    from rota.core.errors import Refused
    from rota.faces.foreign import Site

SCRIPT_MAX = 4_194_304
FAILED = "Batch job submission failed: "
_NO_SCRIPT = (
    "This does not look like a batch script.  The first",
    "line must start with #! followed by the path to an interpreter.",
    "For instance: #!/bin/sh",
)
_DOS = (
    "Batch script contains DOS line breaks (\\r\\n)",
    "instead of expected UNIX line breaks (\\n).",
)
_BY_SERVER = {
    "array": "Invalid job array specification",
    "dependency": "Job dependency problem",
}
_PLAIN = {"gres": ("Invalid generic resource (gres) specification", 1)}
_COUNTS = frozenset({"ntasks", "cpus-per-task", "ntasks-per-node"})
_BY_FIELD = {
    "queue": "Invalid partition name specified",
    "after": "Job dependency problem",
    "array": "Invalid job array specification",
    "account": "Invalid account or account/partition combination specified",
}
_RESOURCES = frozenset(
    {"memory", "cores", "n", "gpus", "cores_per_node", "host", "require", "resources"}
)


class NoScript(Exception):
    """There is no script, or none that can be run; the arguments are the sentences."""


def run(words: list[str], site: Site) -> int:
    """Hand in a batch script."""
    try:
        given, rest = parse(words, SBATCH, stops=True)
        flags = dict(given)
        if "help" in flags or "usage" in flags:
            print(f"Usage: {site.command} [OPTIONS(0)...] script(0) [args(0)...]")
            return 0
        script, command, args = script_of(flags, rest)
        lines = script_options(script, where=command or "standard input")
        options = collect(given, variables=os.environ, lines=lines)
        if "wrap" in flags:
            options.setdefault("job-name", ("wrap", "--wrap"))
        from rota.faces.slurm.submitter import submitter

        reading = job_of(
            options, submitter(site), script=script, args=args, command=command
        )
    except BadOption as error:
        return usage_error(site, error)
    except NoScript as error:
        for line in error.args:
            site.error(line)
        return 1
    except Wrong as wrong:
        return complain(site, wrong)
    return hand_in(site, reading.doc, options)


def hand_in(site: Site, doc: dict[str, Any], options: dict[str, tuple[str, str]]) -> int:
    """Submit *doc* and say its number; with --wait, wait for it."""
    from rota.faces.slurm.submitter import completed

    doc["origin"]["submit_line"] = " ".join([site.command, *sys.argv[1:]])[:4000]
    doc = completed(site, doc)
    if "test-only" in options:
        return _test_only(site, doc)
    code, job = submit(site, doc, FAILED)
    if job is None:
        return code
    if "parsable" in options:
        cluster = options.get("clusters", ("", ""))[0]
        print(f"{job};{cluster}" if cluster else job)
    elif "quiet" not in options:
        print(f"Submitted batch job {job}")
    sys.stdout.flush()
    if "wait" in options:
        return exit_of(site, site.client.wait(job))
    return 0


def submit(site: Site, doc: dict[str, Any], failed: str) -> tuple[int, int | None]:
    """Submit *doc*; return (0, its number), or (exit code, None) when it is refused."""
    from rota.core.errors import Refused

    try:
        return 0, handed_in(site.client, [doc], say=site.aside)[0].id
    except Refused as error:
        _refused(site, doc, error, failed)
        return 1, None


def script_of(
    flags: dict[str, str | None], rest: Sequence[str]
) -> tuple[str, str, list[str]]:
    """Return (text, path or "", arguments) of the script to hand in.

    Raises:
        NoScript: it cannot be read, or is no script.
    """
    wrap = flags.get("wrap")
    if wrap is not None:
        if rest:
            raise NoScript("Script arguments not permitted with --wrap option")
        head = "#!/bin/sh\n# This script was created by sbatch --wrap.\n\n"
        return f"{head}{wrap}\n", "", []
    path = rest[0] if rest else ""
    try:
        if path:
            with open(path, "rb") as file:
                raw = file.read(SCRIPT_MAX + 1)
        else:
            raw = sys.stdin.buffer.read(SCRIPT_MAX + 1)
    except OSError:
        raise NoScript(f"Unable to open file {path}") from None
    _check(raw)
    command = "" if path in ("", "/dev/stdin") else os.path.abspath(path)
    return raw.decode("utf-8", "surrogateescape"), command, list(rest[1:])


def _check(raw: bytes) -> None:
    if not raw:
        raise NoScript("Batch script is empty!")
    if len(raw) > SCRIPT_MAX:
        raise NoScript(f"{FAILED}Job script size exceeds allowed maximum")
    if not raw.startswith(b"#!"):
        raise NoScript(*_NO_SCRIPT)
    if b"\0" in raw:
        raise NoScript("The Slurm controller does not allow scripts that contain a NULL"
                       " character '\\0'.")  # fmt: skip
    if b"\r\n" in raw:
        raise NoScript(*_DOS)
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NoScript(f"The script is no text in UTF-8 (byte {error.start + 1})") from None


def complain(site: Site, wrong: Wrong) -> int:
    """Say what is wrong with an option, in Slurm's words and then in ours."""
    place = "" if wrong.where.startswith("--") else f" ({wrong.where})"
    if not wrong.option:
        code = usage_error(site, wrong)
        tell(f"{site.command}: error: {wrong.where}")
        return code
    if wrong.option in _BY_SERVER:
        site.error(FAILED + _BY_SERVER[wrong.option])
        code = 1
    elif wrong.option in _PLAIN:
        text, code = _PLAIN[wrong.option]
        site.error(text)
    elif wrong.option in _COUNTS:
        site.error(f'Invalid numeric value "{wrong.text}" for --{wrong.option}.')
        code = 255
    else:
        site.error(f"Invalid --{wrong.option} specification")
        code = 255
    site.error(f"{wrong.problem}{place}")
    return code


def _refused(site: Site, doc: dict[str, Any], error: Refused, failed: str) -> None:
    fields = [c.field.partition(".")[0].partition("[")[0] for c in error.complaints]
    told = next((_BY_FIELD[f] for f in fields if f in _BY_FIELD), None)
    if told is not None and "queue" in fields:
        site.error(f"invalid partition specified: {doc.get('queue')}")
    if told is None and _RESOURCES & set(fields):
        if "memory" in fields:
            site.error("Memory specification can not be satisfied")
        told = "Requested node configuration is not available"
    site.error(failed + (told or error.sentence.split("\n")[0]))
    if told is not None:
        for line in error.sentence.split("\n"):
            site.error(line)


def _test_only(site: Site, doc: dict[str, Any]) -> int:
    import time

    from rota.core.errors import Refused
    from rota.faces.slurm.show import moment

    try:
        row = site.client.explain(doc)[0]
    except Refused as error:
        _refused(site, doc, error, "allocation failure: ")
        return 1
    cores = row["resolved"].get("cores", doc.get("cores", 1))
    nodes = ",".join(node.name for node in site.client.nodes() if node.state == "up")
    tell(
        f"sbatch: Job 0 to start at {moment(time.time())} using {cores} processors"
        f" on nodes {nodes.partition(',')[0]} in partition {doc.get('queue', 'default')}"
    )
    return 0


def exit_of(site: Site, job: Job) -> int:
    """Return the exit code of *job*, of an array the highest; 1 when a signal ended it."""
    tasks = [job] if job.get("array") is None else list(site.client.all_tasks(job.id))
    return max((_code(task) for task in tasks), default=0)


def _code(task: Job) -> int:
    if task.state == "done":
        return 0
    if task.get("signal") or task.state == "cancelled":
        return 1
    return int(task.get("exit_code") or 1)

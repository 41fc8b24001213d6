"""``srun``: inside a job a step of it, on its node; outside a job of its own, watched.

inside   SLURM_JOB_ID is set ──▶ steps.run(command)            exit: the highest code
outside  ──▶ a job whose script is steps.py ──▶ its output here, exit as it does
"""

from __future__ import annotations

import os
import select
import stat
import sys

from rota.core.getopt import BadOption, parse
from rota.faces.slurm.entry import usage_error
from rota.formats.sbatch.meaning import Wrong, job_of
from rota.formats.sbatch.options import SRUN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from rota.faces.foreign import Site

INPUT_MAX = 1 << 16
FAILED = "Unable to allocate resources: "
_OF_STEP = ("output", "error", "label", "chdir", "kill-on-bad-exit", "overcommit")


class Asked:
    """What ``rota run`` would have been asked: which server, and to be quiet."""

    def __init__(self, site: Site) -> None:
        self.server, self.home = site.server, site.home
        self.json, self.quiet = False, True


def run(words: list[str], site: Site) -> int:
    """Run a command, several times side by side if asked."""
    try:
        given, command = parse(words, SRUN, stops=True)
    except BadOption as error:
        return usage_error(site, error)
    options = {name: (value or "", f"--{name}") for name, value in given}
    if "help" in options or "usage" in options:
        print(f"Usage: {site.command} [OPTIONS...] executable [args...]")
        return 0
    if not command:
        site.error("No command given to execute.")
        return 1
    if "multi-prog" in options:
        site.error(f"Configuration file {command[0]} invalid, no record for task id 0")
        return 1
    try:
        if os.environ.get("SLURM_JOB_ID") and "jobid" not in options:
            return _step(site, options, command)
        return _job(site, options, command)
    except Wrong as wrong:
        from rota.faces.slurm.sbatch import complain

        return complain(site, wrong)


def _step(site: Site, options: dict[str, tuple[str, str]], command: list[str]) -> int:
    from rota.faces.slurm import steps
    from rota.formats.sbatch import values

    environ = os.environ
    tasks = int(environ.get("SLURM_NTASKS") or 1)
    each = int(environ.get("SLURM_CPUS_PER_TASK") or 1)
    try:
        if "cpus-per-task" in options:
            each = values.count(options["cpus-per-task"][0])
        if "ntasks" in options:
            tasks = values.count(options["ntasks"][0])
        elif "nodes" in options:
            tasks = max(1, values.nodes(options["nodes"][0]))
    except ValueError as error:
        site.error(f"Invalid numeric value: {error}")
        return 255
    if int(environ.get("SLURM_JOB_NUM_NODES") or 1) > 1:
        return _on_nodes(site, options, command)
    # Snakemake's job steps take most of SLURM_* away.
    there = int(environ.get("SLURM_CPUS_ON_NODE") or environ.get("ROTA_CORES") or 1)
    if tasks * each > there and "overcommit" not in options and "ntasks" in options:
        site.error(f"Unable to create step for job {environ['SLURM_JOB_ID']}:"
                   " More processors requested than permitted")  # fmt: skip
        return 1
    return steps.run(command, _said(options, tasks))


def _on_nodes(site: Site, options: dict[str, tuple[str, str]], command: list[str]) -> int:
    """Run a step of a job of several nodes."""
    from rota.core.foreign import unfold_hosts
    from rota.faces.slurm import steps
    from rota.formats.sbatch import values

    said = _said(options, 0)
    if "ROTA_SPREAD" not in os.environ:
        site.error("Unable to create step: nodes of a job are reached from inside it only,"
                   " and salloc's command runs here")  # fmt: skip
        return 1
    try:
        for name, parse in (
            ("nodes", values.nodes), ("ntasks", values.count),
            ("ntasks-per-node", values.count),
        ):  # fmt: skip
            if name in options:
                said[name.replace("-", "_")] = parse(options[name][0])
        if "nodelist" in options:
            said["nodelist"] = ",".join(unfold_hosts(options["nodelist"][0]))
    except ValueError as error:
        site.error(f"Invalid numeric value: {error}")
        return 255
    return steps.run(command, said)


def _said(options: dict[str, tuple[str, str]], tasks: int) -> dict[str, Any]:
    """Return what a step is told of the options."""
    said: dict[str, Any] = {"ntasks": tasks}
    for name in _OF_STEP:
        if name in options:
            said[name.replace("-", "_")] = options[name][0] or True
    return said


def _job(site: Site, options: dict[str, tuple[str, str]], command: list[str]) -> int:
    """Run a job of its own, and show what it writes."""
    from rota.faces.run import watch
    from rota.faces.slurm.sbatch import submit
    from rota.faces.slurm.submitter import completed, submitter
    from rota.formats.sbatch import values

    mine = {name: held for name, held in options.items() if name not in ("output", "error")}
    mine.setdefault("job-name", (os.path.basename(command[0]), ""))
    reading = job_of(mine, submitter(site), script=_script(), args=[])
    doc = reading.doc
    tasks = int(doc["origin"]["ntasks"])
    said = _said(options, tasks)
    said["input"] = _input()
    for name in ("nodes", "ntasks-per-node"):
        if name in options:
            said[name.replace("-", "_")] = values.nodes(options[name][0])
    import json

    doc["args"] = [json.dumps(said), *command]
    del doc["output"], doc["error"]
    doc["origin"].pop("output", None)
    code, job = submit(site, completed(site, doc), FAILED)
    return code if job is None else watch(site.client, Asked(site), job=job)


def _script() -> str:
    """Return the script of a job that runs one step."""
    from rota.faces.slurm import steps

    with open(steps.__file__, encoding="utf-8") as file:
        return "#!/usr/bin/env python3\n" + file.read()


def _input() -> str | None:
    """Return what stands ready on standard input; None: a terminal, or nothing.

    It travels with the job, so no more than ``INPUT_MAX`` is taken.
    """
    try:
        kind = os.fstat(0).st_mode
    except OSError:
        return None
    is_ready = stat.S_ISREG(kind) or (
        stat.S_ISFIFO(kind) and bool(select.select([0], [], [], 0.1)[0])
    )
    if not is_ready:
        return None
    return sys.stdin.buffer.read(INPUT_MAX).decode("utf-8", "surrogateescape") or None

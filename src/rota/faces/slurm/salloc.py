"""``salloc``: hold cores while a command runs here; srun finds them by ``SLURM_JOB_ID``.

The job that holds them does nothing but wait to be ended.
"""

from __future__ import annotations

import os
import subprocess

from rota.core.getopt import BadOption, parse
from rota.faces.foreign import tell
from rota.faces.slurm.entry import usage_error
from rota.formats.sbatch.meaning import Wrong, job_of
from rota.formats.sbatch.options import SALLOC

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rota.client.views import Job
    from rota.faces.foreign import Site

HOLDER = "#!/bin/sh\nwhile :; do sleep 3600; done\n"


def run(words: list[str], site: Site) -> int:
    """Hold an allocation while a command runs."""
    from rota.faces.slurm.sbatch import complain, submit
    from rota.faces.slurm.submitter import completed, submitter

    try:
        given, command = parse(words, SALLOC, stops=True)
        options = {name: (value or "", f"--{name}") for name, value in given}
        options.setdefault("job-name", ("interactive", ""))
        doc = job_of(options, submitter(site), script=HOLDER).doc
    except BadOption as error:
        return usage_error(site, error)
    except Wrong as wrong:
        return complain(site, wrong)
    doc.update(output="/dev/null", error="/dev/null", grace="0s", restartable=False)
    code, number = submit(site, completed(site, doc), "Job submit/allocate failed: ")
    if number is None:
        return code
    try:
        job = _granted(site, number)
        if job.is_final:
            site.error(f"Job allocation {number} has been revoked: {job.reason}")
            return 1
        tell(f"salloc: Granted job allocation {number}")
        if "no-shell" in options:
            return 0
        code = _command(command, {**doc["env"], **_variables(job)})
    except KeyboardInterrupt:
        code = 130
    if "no-shell" not in options:
        tell(f"salloc: Relinquishing job allocation {number}")
        site.client.kill(number, grace_ms=0)
    return code


def _granted(site: Site, number: int) -> Job:
    """Return the job once it runs, or has ended."""
    for _ in site.client.watch(jobs=[number], beat_s=0.2):
        job = site.client.job(number)
        if job.state in ("running", "suspended") or job.is_final:
            return job
    return site.client.job(number)


def _variables(job: Job) -> dict[str, str]:
    """Return what the command should know of the allocation."""
    from rota.core.foreign import fold_hosts

    nodes = job["nodes"]
    names = fold_hosts(str(node["host"]) for node in nodes)
    cores = ",".join(str(len(node["cores"])) for node in nodes)
    return {
        "SLURM_JOB_ID": str(job.id), "SLURM_JOBID": str(job.id),
        "SLURM_JOB_NODELIST": names, "SLURM_NODELIST": names,
        "SLURM_JOB_NUM_NODES": str(len(nodes)), "SLURM_NNODES": str(len(nodes)),
        "SLURM_JOB_CPUS_PER_NODE": cores, "SLURM_CPUS_ON_NODE": cores.partition(",")[0],
        "SLURM_TASKS_PER_NODE": cores,
        "SLURMD_NODENAME": str(nodes[0]["host"]) if nodes else "",
    }  # fmt: skip


def _command(command: list[str], env: dict[str, str]) -> int:
    argv = command or [os.environ.get("SHELL", "/bin/sh")]
    try:
        done = subprocess.run(argv, env={**os.environ, **env}, check=False).returncode
    except OSError as error:
        tell(f"salloc: error: {argv[0]}: {error.strerror}")
        return 127
    return done if done >= 0 else 128 - done

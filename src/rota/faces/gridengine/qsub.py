"""``qsub``: a script with its ``#$`` lines, or with ``-b y`` a command, becomes a job."""

from __future__ import annotations

import os
import shlex
import sys

from rota.faces.foreign import handed_in, tell
from rota.formats.qsub import Unknown, job_of, scan, script_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from rota.faces.foreign import Site

NO_FILE = 14


def run(words: list[str], site: Site) -> int:
    """Hand in a job."""
    try:
        given, rest = scan(words)
    except Unknown as error:
        tell(f"qsub: {error}")
        return 1
    flags = dict(given)
    if "-help" in flags:
        print("usage: qsub [options] [script|command [args]]")
        return 0
    options = [(option, value, option) for option, value in given]
    if flags.get("-b") in ("y", "yes"):
        if not rest:
            tell("Unable to run job: command required for a binary job.\nExiting.")
            return 1
        reading = job_of(options, script=rest[0])
        reading.doc["argv"] = rest
    else:
        try:
            text, path = _script(rest)
        except OSError as error:
            tell(f"Unable to run job: Job script {rest[0]}: {error.strerror}.\nExiting.")
            return NO_FILE
        lines = script_options(text, where=path or "STDIN", prefix=flags.get("-C", "#$"))
        reading = job_of([*lines, *options], script=path)
        # Grid Engine runs a script by the shell that is asked for, not by its #! line.
        shell = reading.doc.pop("shell", "")
        first = f"#!{shell or '/bin/sh'}\n"
        reading.doc["script"] = (
            text if text.startswith("#!") and not shell else first + text
        )
        reading.doc["args"] = rest[1:] or None
    return _submit(site, _completed(reading.doc), flags)


def _script(rest: list[str]) -> tuple[str, str]:
    if not rest or rest[0] == "-":
        return sys.stdin.read(), ""
    with open(rest[0], encoding="utf-8") as file:
        return file.read(), rest[0]


def _completed(doc: dict[str, Any]) -> dict[str, Any]:
    """Return *doc* with this machine's folder and variables."""
    from rota.faces.slurm.submitter import environment, user_name

    here, environ, origin = os.getcwd(), environment(), doc["origin"]
    doc["cwd"] = here if doc["cwd"] == "here" else os.path.expanduser(doc["cwd"])
    passed = [name for name in origin.pop("passed", "").split(",") if name]
    env = dict(environ) if origin.pop("all", "") else {}
    env.update({name: environ[name] for name in passed if name in environ})
    for name in ("HOME", "PATH", "SHELL"):
        env["SGE_O_" + name] = environ.get(name, "")
    env.update(SGE_O_WORKDIR=here, SGE_O_HOST=os.uname().nodename, SGE_CWD_PATH=doc["cwd"])
    env.update(SGE_O_LOGNAME=user_name(), SGE_ACCOUNT="sge")
    doc["env"] = {**env, **doc["env"]}
    for key in ("output", "error"):
        if os.path.isdir(os.path.join(doc["cwd"], doc[key])):
            kind = "o" if key == "output" else "e"
            ending = "{job}.{task}" if "array" in doc else "{job}"
            doc[key] = f"{doc[key].rstrip('/')}/{doc['name']}.{kind}{ending}"
    origin["submit_line"] = shlex.join(["qsub", *sys.argv[1:]])[:4000]
    return {key: held for key, held in doc.items() if held is not None}


def _submit(site: Site, doc: dict[str, Any], flags: dict[str, str]) -> int:
    if "after" in doc:
        doc["after"] = _known(site, doc["after"])
        if not doc["after"]:
            del doc["after"]
    job = handed_in(site.client, [doc], say=site.aside)[0].id
    origin, name = doc["origin"], doc["name"]
    span = ""
    if "array" in doc:
        span = f".{origin['first']}-{origin['last']}:{origin['step']}"
    if "-terse" in flags:
        print(f"{job}{span}")
    else:
        kind = "job-array" if span else "job"
        print(f'Your {kind} {job}{span} ("{name}") has been submitted')
    sys.stdout.flush()
    if flags.get("-sync") in ("y", "yes"):
        from rota.faces.slurm.sbatch import exit_of

        return exit_of(site, site.client.wait(job))
    return 0


def _known(site: Site, after: list[str]) -> list[str]:
    """Return *after* by numbers: a name means all live jobs of it; the gone are over."""
    found: list[str] = []
    for text in after:
        kind, _, word = text.partition(":")
        target, star, _ = word.partition("[")
        conditions: dict[str, Any] = {"name": [target], "live": True}
        if target.partition(".")[0].isdigit():
            conditions = {"ids": [int(target.partition(".")[0])]}
        jobs = site.client.all_jobs(**conditions)
        found += [f"{kind}:{job.id}{'[*]' if star else ''}" for job in jobs]
    return found

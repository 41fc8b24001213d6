"""./try: the example campaign on this machine, from nothing to a report.

    .venv ─→ rota up ─→ rota submit campaign.yaml ─→ rota wait ─→ rota ls ─→ report.html
                │                                                                    │
                ╰──── a queue of its own in try-out/home, stopped at the end ────────╯

Everything goes through the same commands that you would type; they are shown as ``$ …``.
"""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import environment

CAMPAIGN = environment.ROOT / "examples" / "campaign"
OUT = CAMPAIGN / "out"
PLACE = environment.ROOT / "try-out"
HOME = PLACE / "home"
FAILED, INTERRUPTED = 1, 130
TIMEOUT = "10m"
"""What takes longer is not slow but stuck."""


class Failed(Exception):
    """A step did not do what it should; the sentence says which."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the trial; return the exit code."""
    options = parser().parse_args(argv)
    # Stopped from outside it cleans up as after Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began = time.monotonic()
    try:
        environment.ensure(("examples",))
        campaign(keep=options.keep, began=began)
    except (environment.Trouble, Failed) as problem:
        print(problem, file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        return INTERRUPTED
    return 0


def parser() -> argparse.ArgumentParser:
    """What the command line may say."""
    made = argparse.ArgumentParser(
        prog="./try", description="Run the example campaign on this machine."
    )
    made.add_argument(
        "--keep", action="store_true", help="leave the server up when all is done"
    )
    return made


def campaign(*, keep: bool, began: float) -> None:
    """Start a queue, run the campaign through it, show what came of it, stop the queue."""
    fresh_places()
    print("\n# a queue of its own, with a local agent")
    home = str(HOME.relative_to(environment.ROOT))
    done = False
    try:
        rota("up", "--home", home, "--detach", folder=environment.ROOT)
        run_it()
        print(f"\nDone in {time.monotonic() - began:.0f} s.")
        print(f"The report:  {OUT / 'report.html'}")
        print(f"The queue:   {url()}")
        done = True
        if not keep and sys.stdin.isatty() and sys.stdout.isatty():
            input("Look around; press Enter to stop the queue. ")
    finally:
        if not (keep and done):
            rota("down", "--home", home, "--kill-jobs", folder=environment.ROOT)
        elif done:
            print(f"Stop it with: .venv/bin/rota down --home {home}")


def fresh_places() -> None:
    """Leave nothing of an earlier trial: no server, no queue, no parts."""
    if HOME.exists():
        rota("down", "--home", str(HOME), "--kill-jobs", quiet=True, check=False)
        shutil.rmtree(HOME)
    if OUT.exists():
        shutil.rmtree(OUT)
    PLACE.mkdir(exist_ok=True)


def run_it() -> None:
    """Submit the campaign, wait for it with a progress bar, show the table."""
    print("\n# an array of 213 tasks, and the job that merges what they find")
    show("python3", "slice.py", "--out", "out/slices.txt")
    array, report = submit("campaign.yaml")
    print(f"\nlive at {url()}\n")
    # One after the other: when the array fails, the report never gets its turn.
    code = rota_code("wait", array, "--timeout", TIMEOUT)
    code = code or rota_code("wait", report, "--timeout", TIMEOUT)
    print()
    rota("ls", "--all")
    if code:
        explain()
        raise Failed(f"the campaign ended with {code}")
    if not (OUT / "report.html").exists():
        raise Failed("the campaign ended well, but wrote no report")
    show_retried(array)


def submit(file: str) -> list[str]:
    """Submit a job file; return the numbers of its jobs."""
    jobs = json.loads(rota("submit", file, "--json", capture=True))["jobs"]
    for job in jobs:
        print(f"job {job['id']}: {job['name']}, {job['tasks']} task(s)")
    return [str(job["id"]) for job in jobs]


def show_retried(array: str) -> None:
    """Show the task that was made to fail, and was tried again."""
    answer = rota("ls", array, "--tasks", "--limit", "1000", "--json", capture=True)
    for task in json.loads(answer)["jobs"]:
        if (task["attempt"] or 1) > 1:
            print("\n# one task failed and was tried again")
            rota("history", f"{array}[{task['task']}]")


def explain() -> None:
    """Show what is known of the tasks that failed, and what the first of them wrote."""
    answer = rota("ls", "--all", "--tasks", "--failed", "--json", capture=True, check=False)
    for job in json.loads(answer or '{"jobs": []}')["jobs"][:1]:
        label = str(job["id"])
        if job["array"] is None and job["task"] is not None:
            label += f"[{job['task']}]"
        rota("why", label, check=False)
        rota("log", label, "--stderr", check=False)


def url() -> str:
    """Where the server's web page and API are; on a terminal, with the way in."""
    facts = json.loads((HOME / "server.json").read_text(encoding="utf-8"))
    if not sys.stdout.isatty():
        return str(facts["tcp"])  # what is no terminal may be a log, which holds no token
    token = (HOME / "token").read_text(encoding="utf-8").strip()
    return f"{facts['tcp']}/?token={token}"


def rota(
    *words: str,
    folder: Path = CAMPAIGN,
    capture: bool = False,
    quiet: bool = False,
    check: bool = True,
) -> str:
    """Run ``rota`` with *words* in *folder*; return its output if it is captured.

    Raises:
        Failed: it said no, and *check* is on.
    """
    command = ("rota", *words)
    if not quiet:
        print(f"$ {shlex.join(command)}", flush=True)
    done = _run(command, folder=folder, capture=capture or quiet)
    if check and done.returncode:
        raise Failed(f"{shlex.join(command)} ended with {done.returncode}")
    return done.stdout or ""


def rota_code(*words: str) -> int:
    """Run ``rota`` with *words*, shown as it goes; return its exit code."""
    print(f"$ {shlex.join(('rota', *words))}", flush=True)
    return _run(("rota", *words), folder=CAMPAIGN, capture=False).returncode


def show(*command: str) -> None:
    """Run *command* in the campaign's folder as if it were typed.

    Raises:
        Failed: it did not end with 0.
    """
    print(f"$ {shlex.join(command)}", flush=True)
    if code := _run(command, folder=CAMPAIGN, capture=False).returncode:
        raise Failed(f"{shlex.join(command)} ended with {code}")


def _run(
    command: Sequence[str], *, folder: Path, capture: bool
) -> subprocess.CompletedProcess[str]:
    env = environment.variables() | {"ROTA_HOME": str(HOME)}
    for name in ("ROTA_SERVER", "ROTA_TOKEN_FILE"):
        env.pop(name, None)  # they would lead to another queue
    output = subprocess.PIPE if capture else None
    return subprocess.run(command, cwd=folder, env=env, stdout=output, text=True)


if __name__ == "__main__":
    raise SystemExit(main())

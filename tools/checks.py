"""./check: every check and test, the fast ones first, and a summary with times.

    environment → format → lint → types → floors → agent → reference → site
                  ╰────────── seconds, each one runs whatever failed ────────────╯
    → tests → the site again, with the pictures they took

A step's output is shown when it fails; that of the tests always.  Exit 0 when all is well.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import environment
import packages
from progress import Step, watch

AGENT = (
    "src/rota/agent",
    "src/rota/wire/agent.py",
    *(
        f"src/rota/core/{name}.py"
        for name in ("errors", "reasons", "units", "template", "foreign", "progress")
    ),
)
"""What travels to nodes and must run on Python 3.9."""

SHOTS = environment.ROOT / "build" / "shots"
"""Where the tests put their pictures of the faces, for the site to show."""

FAST = "not slow and not real"
"""Which tests ``--fast`` runs."""


@dataclass(frozen=True)
class Check:
    """One step: its name, its command, and what it does instead when blessing."""

    name: str
    command: tuple[str, ...]
    bless: tuple[str, ...] | None = None


SITE = ("mkdocs", "build", "--strict")
"""Makes the documentation a site in build/site; a link that leads nowhere fails it."""

CHECKS: tuple[Check, ...] = (
    Check("format", ("ruff", "format", "--check", "."), bless=("ruff", "format", ".")),
    Check("lint", ("ruff", "check", "."), bless=("ruff", "check", "--fix", ".")),
    Check("types", ("mypy",)),
    Check(
        "types, tools", ("mypy", "--strict", "tools", "bench", "docs", "examples/campaign")
    ),
    Check("floors", ("lint-imports",)),
    Check("agent", ("vermin", "--quiet", "--no-tips", "-t=3.9-", *AGENT)),
    Check(
        "reference",
        ("python", "docs/make_reference.py", "--check"),
        bless=("python", "docs/make_reference.py"),
    ),
    Check("site", SITE),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run all checks; return the exit code."""
    options = parser().parse_args(argv)
    began = time.monotonic()
    os.chdir(environment.ROOT)
    try:
        environment.ensure(("dev", "docs", "examples"))
        failed = [] if options.fast else components()
        failed += [one.name for one in CHECKS if not passes(one, bless=options.bless)]
        failed += tests(options)
        failed += with_pictures(options)
    except environment.Trouble as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    seconds = time.monotonic() - began
    if failed:
        print(f"check: {', '.join(failed)} failed, after {seconds:.0f} s")
        return 1
    print(f"check: all is well, after {seconds:.0f} s")
    return 0


def parser() -> argparse.ArgumentParser:
    """What the command line may say."""
    made = argparse.ArgumentParser(
        prog="./check", description="Run every check and test of this repository."
    )
    made.add_argument(
        "--fast", action="store_true", help="leave out slow tests and real components"
    )
    made.add_argument(
        "--bless",
        action="store_true",
        help="take what is printed now as right: format, reference pages, stories",
    )
    made.add_argument(
        "tests", nargs="*", help="files or folders of tests, or options of pytest after --"
    )
    return made


def components() -> list[str]:
    """Install what real components are missing; return the steps that failed."""
    wanted = packages.missing()
    if not wanted:
        return []
    step = Step("components")
    names = [name for one in wanted for name in one.packages]
    if packages.may_install():
        with tempfile.TemporaryDirectory() as folder:
            packages.install(names, log=Path(folder) / "log")
    left = packages.missing()
    step.end("–" if left else "✓", f"installed: {', '.join(names)}" if not left else "")
    for one in left:
        print(f"    no {one.program}: install {' '.join(one.packages)} ({one.needed_by})")
    # In CI an untested part must not look like a tested one.
    return ["components"] if left and is_ci() else []


def passes(check: Check, *, bless: bool) -> bool:
    """Run *check*, show what it said if it failed; say whether it passed."""
    command = check.bless if bless and check.bless else check.command
    step = Step(check.name)
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        code = watch(command_of(command), log=log, step=step, env=environment.variables())
        step.end("✗" if code else "✓")
        if code:
            print(log.read_text(encoding="utf-8", errors="replace"))
    return code == 0


def tests(options: argparse.Namespace) -> list[str]:
    """Run the tests, two at a time, their output shown; return the step if it failed."""
    env = environment.variables()
    if options.bless:
        env["ROTA_BLESS"] = "1"
    command = ["python", "-m", "pytest", "-p", "no:randomly", "--durations=5"]
    if not options.fast and not options.tests:
        shutil.rmtree(SHOTS, ignore_errors=True)
        env.setdefault("ROTA_SHOTS", str(SHOTS))
    # One file's tests stay together: they share servers and other costly fixtures.
    command += ["-n", "2", "--dist", "loadfile"]
    if options.fast:
        command += ["-m", FAST]
    step = Step("tests")
    done = subprocess.run(command_of([*command, *options.tests]), env=env)
    step.end("✗" if done.returncode else "✓")
    return ["tests"] if done.returncode else []


def with_pictures(options: argparse.Namespace) -> list[str]:
    """Make the site again with the pictures that the tests took; the step if it failed."""
    taken = not options.fast and SHOTS.is_dir()
    again = Check("pictures", SITE)
    return [again.name] if taken and not passes(again, bless=False) else []


def command_of(words: Sequence[str]) -> list[str]:
    """Return *words* with the program taken from the environment."""
    return [str(environment.VENV / "bin" / words[0]), *words[1:]]


def is_ci() -> bool:
    """Say whether nothing may be skipped for want of a component."""
    return os.environ.get("CI", "").lower() in ("true", "1", "yes")


if __name__ == "__main__":
    raise SystemExit(main())

"""The Python environment ``.venv`` that ./try and ./check work in, made when it is missing.

pyproject.toml ─┐
this Python     ├─→ stamp ─→ the same as in .venv/rota-stamp.json?  nothing to do
wanted extras  ─┘            else: venv, pip install -e .[extras]
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import packages
from progress import Step, watch

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "rota-stamp.json"
PYTHON = VENV / "bin" / "python"


class Trouble(Exception):
    """The environment cannot be made; the sentence says what to do."""


def ensure(extras: Sequence[str]) -> None:
    """Make sure that ``.venv`` has Rota and what *extras* of pyproject.toml name.

    Raises:
        Trouble: something is missing on this machine, or pip failed.
    """
    with _locked():
        stamp = _stamp(extras)
        if _is_as(stamp):
            return
        step = Step("environment")
        try:
            if not _is_whole():
                _create(step)
            kept = sorted({*extras, *_read_stamp().get("extras", ())})
            _install(kept, step=step)
        except BaseException:
            step.end("✗")
            raise
        STAMP.write_text(json.dumps(_stamp(kept)), encoding="utf-8")
        step.end("✓", f".venv with {', '.join(kept)}")


def variables() -> dict[str, str]:
    """Return the variables of this process, with ``.venv`` first on the PATH."""
    env = {key: value for key, value in os.environ.items() if key != "PYTHONHOME"}
    env["PATH"] = f"{VENV / 'bin'}:{env.get('PATH', os.defpath)}"
    env["VIRTUAL_ENV"] = str(VENV)
    return env


def _stamp(extras: Sequence[str]) -> dict[str, Any]:
    wanted = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    return {"pyproject": wanted, "place": str(ROOT), "extras": sorted(extras)}


def _read_stamp() -> dict[str, Any]:
    try:
        found = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_as(stamp: dict[str, Any]) -> bool:
    """Say whether ``.venv`` was made by this file, here, with at least these extras."""
    found = _read_stamp()
    same = all(found.get(key) == stamp[key] for key in ("pyproject", "place"))
    return same and set(stamp["extras"]) <= set(found["extras"]) and _is_whole()


def _is_whole() -> bool:
    """Say whether the environment's Python runs, is new enough, and stands where it was."""
    if _read_stamp().get("place", str(ROOT)) != str(ROOT):
        return False  # the folder was moved or copied: its scripts name the old place
    code = "import sys; sys.exit(sys.version_info < (3, 11))"
    try:
        return subprocess.run([PYTHON, "-c", code], capture_output=True).returncode == 0
    except OSError:
        return False


def _create(step: Step) -> None:
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    if not find_spec("ensurepip"):
        command = _without_ensurepip(command, step)
    with _scratch() as log:
        if watch(command, log=log, step=step, say=lambda _: "making .venv"):
            raise Trouble(f"cannot make {VENV}:\n{_tail(log)}")


def _without_ensurepip(command: list[str], step: Step) -> list[str]:
    """Debian ships Python without the part that puts pip into an environment."""
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    if packages.may_install():
        step.turn(f"installing {package}")
        with _scratch() as log:
            if packages.install([package], log=log):
                return command
    if find_spec("pip"):
        return [*command, "--without-pip"]
    raise Trouble(
        f"{sys.executable} cannot make environments: its package {package} is missing.\n"
        f"Install it (apt install {package}), or name another Python: PYTHON=… {_caller()}"
    )


def _install(extras: Sequence[str], *, step: Step) -> None:
    log = VENV / "install.log"
    what = f"{ROOT}[{','.join(extras)}]"
    options = ["--disable-pip-version-check", "--no-input", "install", "-e", what]
    if watch([*_pip(), *options], log=log, step=step, say=_package):
        raise Trouble(
            f"pip could not install what Rota needs:\n{_tail(log)}\n"
            f"The whole log is {log}. Without a network, put wheels somewhere and say so: "
            f"PIP_FIND_LINKS=/path/to/wheels {_caller()}"
        )


def _pip() -> list[str]:
    own = subprocess.run([PYTHON, "-c", "import pip"], capture_output=True)
    if own.returncode == 0:
        return [str(PYTHON), "-m", "pip"]
    return [sys.executable, "-m", "pip", "--python", str(PYTHON)]


def _package(line: str) -> str:
    """Return what pip is at, from a line of its output."""
    found = re.match(r"\s*(Collecting|Downloading|Installing|Using cached) ([\w.-]+)", line)
    return f"{found[1].lower()} {found[2]}" if found else "installing"


def _tail(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(f"    {line}" for line in lines[-12:])


@contextmanager
def _scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "log"


def _caller() -> str:
    return "./try" if sys.argv[0].endswith("trial.py") else "./check"


@contextmanager
def _locked() -> Iterator[None]:
    """Keep a ./try and a ./check of the same folder from installing at the same time."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)

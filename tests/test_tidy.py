"""The house style as a test: every complaint at once, each with its cure.

What ruff, mypy and import-linter check is not checked again here.
"""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from rota.core.reasons import REASONS

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "rota"

FUNCTION_MAX = 50
FILE_MAX = 400
POSITIONAL_MAX = 3

CLOCKS = frozenset(("time.time", "time.time_ns", "datetime.now", "datetime.utcnow",
                    "datetime.today", "date.today"))  # fmt: skip
"""What reads the wall clock; how long something took may be measured anywhere."""

MAY_READ_CLOCKS = (
    "server/loop.py",  # the one that counts
    "agent/",
    "faces/",  # "3 minutes ago" is for people
    "server/build.py",  # when a server started, in server.json
    "server/home.py",
)

NAMELESS = ("utils", "util", "helpers", "helper", "common", "base", "manager", "misc")

# In two halves, or this file would complain about itself.
FOREIGN = tuple(
    re.compile(pattern)
    for pattern in (
        "/work/" + "(?:main|shared)", "/tmp/" + "brief", "/root" + "/", r"\.?py" + "env\\b",
        "pypi" + r"\.org", "files.python" + "hosted", "registry" + r"\.npm",
        "artif" + "actory", "index-" + "url", "proxy" + r"\.golang",
    )
)  # fmt: skip
"""Paths of one machine, hosts of package registries: nothing that others do not have."""

FRAGMENT = re.compile(
    r"[a-z0-9]+(?:-[a-z0-9]+)*\.(?:added|changed|fixed|removed|security)\.md"
)
TEXTS = (
    ".py",
    ".md",
    ".toml",
    ".yaml",
    ".yml",
    ".json",
    ".js",
    ".css",
    ".html",
    ".sh",
    ".c",
)


@cache
def tracked() -> tuple[Path, ...]:
    """Return every file of the repository, those not yet added included."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode:
        pytest.skip("not a git checkout: there is no list of files to look at")
    return tuple(
        ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()
    )


@cache
def tree(path: Path) -> ast.Module:
    """Return the syntax tree of *path*."""
    return ast.parse(path.read_text(encoding="utf-8"))


def modules() -> Iterator[Path]:
    """Yield every module of the package."""
    yield from (
        path for path in tracked() if SOURCE in path.parents and path.suffix == ".py"
    )


def scripts() -> Iterator[Path]:
    """Yield every Python file of the repository."""
    yield from (path for path in tracked() if path.suffix == ".py")


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function and method of *path*."""
    for node in ast.walk(tree(path)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def undocumented() -> Iterator[str]:
    """A module without a docstring, or a public thing without one."""
    for path in scripts():
        if tree(path).body and not ast.get_docstring(tree(path)):
            yield f"{path}:1: no docstring; say what lives here"
    for path in modules():
        for node in tree(path).body:
            if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                continue
            if not node.name.startswith("_") and not ast.get_docstring(node):
                yield f"{path}:{node.lineno}: no docstring; complete “this will …”"


def too_long() -> Iterator[str]:
    """A function or a file that does not fit."""
    for path in scripts():
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > FILE_MAX:
            yield f"{path}: {lines} lines, at most {FILE_MAX}; make it a folder"
        for node in functions(path):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_MAX:
                yield f"{path}:{node.lineno}: {node.name} has {length} lines; split it"


def too_many_positional() -> Iterator[str]:
    """A public function that callers cannot read."""
    for path in modules():
        for node in functions(path):
            names = [each.arg for each in (*node.args.posonlyargs, *node.args.args)]
            names = names[1:] if names[:1] in (["self"], ["cls"]) else names
            # Starlette calls its handlers of errors so.
            asgi = names[-3:] == ["scope", "receive", "send"]
            if len(names) > POSITIONAL_MAX and node.name[0] != "_" and not asgi:
                yield f"{path}:{node.lineno}: {node.name} takes {len(names)}; put a * in"


def clocks() -> Iterator[str]:
    """The wall clock read where time should arrive as an argument."""
    for path in modules():
        name = path.relative_to(SOURCE).as_posix()
        if name.startswith(MAY_READ_CLOCKS):
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Attribute) and ast.unparse(node).endswith(
                tuple(CLOCKS)
            ):
                yield f"{path}:{node.lineno}: reads a clock; take the time as an argument"


def swallowed() -> Iterator[str]:
    """An error that is caught and forgotten."""
    for path in scripts():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ExceptHandler) and all(
                _is_nothing(s) for s in node.body
            ):
                yield (
                    f"{path}:{node.lineno}: swallows an error; handle it, or say with"
                    " contextlib.suppress why it is none"
                )


def _is_nothing(statement: ast.stmt) -> bool:
    is_dots = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return isinstance(statement, ast.Pass) or is_dots


def unfinished() -> Iterator[str]:
    """A stub."""
    for path in modules():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Name) and node.id == "NotImplementedError":
                yield f"{path}:{node.lineno}: a stub; write it or leave it out"


def sleepy() -> Iterator[str]:
    """A test that hopes."""
    for path in scripts():
        if ROOT / "tests" not in path.parents or not path.name.startswith("test_"):
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("time.sleep"):
                yield f"{path}:{node.lineno}: sleeps; wait for an event, with a bound"


def nameless() -> Iterator[str]:
    """A module nobody could name."""
    for path in scripts():
        if {path.stem, *path.relative_to(ROOT).parts[:-1]} & set(NAMELESS):
            yield f"{path}: a name that says nothing; name what is in it"


def untested() -> Iterator[str]:
    """A module that no test knows: neither by a file of its name nor by naming it.

    A test of several modules together may say in its head whom it is about.
    """
    tests = [path for path in scripts() if ROOT / "tests" in path.parents]
    names = {(path.parent.relative_to(ROOT / "tests"), path.stem) for path in tests}
    imports = r"from (rota(?:\.\w+)*) import (?:\(([^)]*)\)|([^\n(]*))"
    known: set[str] = set()
    for path in tests:
        text = path.read_text(encoding="utf-8")
        known.update(re.findall(r"\brota(?:\.\w+)+", text))
        for package, *words in re.findall(imports, text):
            known.update(
                f"{package}.{word}" for word in re.findall(r"\w+", " ".join(words))
            )
    for path in modules():
        folder = path.relative_to(SOURCE).parent
        if path.stem.startswith("__") or "migrations" in folder.parts:
            continue
        dotted = ".".join(("rota", *folder.parts, path.stem))
        is_named = any(name == dotted or name.startswith(dotted + ".") for name in known)
        if (folder, f"test_{path.stem}") not in names and not is_named:
            yield f"{path}: no test; write tests/{folder}/test_{path.stem}.py"


def foreign() -> Iterator[str]:
    """Something that only this machine has."""
    for path in tracked():
        if path.suffix not in TEXTS and path.parent.name != ".ci" and path.parent != ROOT:
            continue
        for number, line in enumerate(_lines(path), 1):
            for pattern in FOREIGN:
                if found := pattern.search(line):
                    yield f"{path}:{number}: names {found[0]}; others do not have that"


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").splitlines()


def unused_reasons() -> Iterator[str]:
    """A reason that nobody gives."""
    text = "".join(
        path.read_text(encoding="utf-8")
        for path in modules()
        if path.relative_to(SOURCE).as_posix() != "core/reasons.py"
    )
    for code in REASONS:
        if not re.search(rf"[\"']{code}[\"']", text):
            yield f"core/reasons.py: {code} is given by nobody; give it or drop the row"


def fragments() -> Iterator[str]:
    """A changelog fragment that no release would find."""
    for path in tracked():
        if path.parent == ROOT / "changelog.d" and not FRAGMENT.fullmatch(path.name):
            yield f"{path}: not named like backfill-no-walltime.fixed.md"


def decisions() -> Iterator[str]:
    """Two decisions with one number, or one that is not in the form."""
    numbers: dict[str, Path] = {}
    for path in sorted(path for path in tracked() if path.parent == ROOT / "docs" / "adr"):
        number = path.name[:4]
        if not re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", path.name):
            yield f"{path}: not named like 0007-time-is-integer-milliseconds.md"
        elif number in numbers:
            yield f"{path}: {number} is {numbers[number].name}; take the next number"
        text = path.read_text(encoding="utf-8")
        for part in ("What we decided", "Because", "Instead of", "So from now on"):
            if part.lower() not in text.lower():
                yield f"{path}: says nothing under “{part}”"
        numbers.setdefault(number, path)


CHECKS: tuple[Callable[[], Iterator[str]], ...] = (
    undocumented, too_long, too_many_positional, clocks, swallowed, unfinished, sleepy,
    nameless, untested, foreign, unused_reasons, fragments, decisions,
)  # fmt: skip


def test_the_house_is_tidy() -> None:
    """One report with everything that is out of place."""
    complaints = [said.replace(f"{ROOT}/", "") for check in CHECKS for said in check()]

    assert not complaints, "\n" + "\n".join(complaints)


def test_the_reference_is_as_the_code_says() -> None:
    """Pages of docs/reference are made, not written."""
    import sys

    done = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "make_reference.py"), "--check"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr

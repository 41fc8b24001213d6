"""What a hot verb may import: the start of the process is all that a short one costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    "typing", "dataclasses", "inspect", "pathlib", "socket", "selectors", "asyncio",
    "http", "email", "ssl", "urllib", "importlib.metadata", "argparse", "gettext", "shutil",
    "datetime", "rich", "yaml", "msgspec", "tempfile", "threading", "rota.core.fields",
    "rota.core.errors",
)  # fmt: skip
ALLOWED_IN_LS = {"argparse", "gettext", "datetime", "rota.core.errors", "typing"}


def imported(code: str) -> set[str]:
    """Return the modules that are there after *code* in a fresh interpreter."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; {code}; print(*sys.modules)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return set(done.stdout.split())


BARE = imported("pass")


@pytest.mark.parametrize(
    ("what", "code", "allowed"),
    [
        ("submit", "import rota.faces.main, rota.faces.submit, rota.client.http", set()),
        ("ls", "import rota.faces.main, rota.faces.ls, rota.faces.tables", ALLOWED_IN_LS),
    ],
)
def test_hot_verbs_import_nothing_heavy(what: str, code: str, allowed: set[str]) -> None:
    """Each of these modules costs between 2 and 60 ms, at every call of *what*."""
    found = imported(code) - BARE - allowed

    assert not found & set(HEAVY), f"{what} imports {sorted(found & set(HEAVY))}"

"""Which tests show which guarantee, by the numbers in their names.

docs/why/guarantees.md   **G07 At most one attempt …**
tests                    def test_g07_an_old_number_is_declined …
"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

_GUARANTEES = """\
# Guarantees, and the tests that show them

What each means and what makes it true: [What must never happen](../why/guarantees.md).
"""


def page() -> str:
    """Return the page of what each guarantee is shown by."""
    parts = [_GUARANTEES]
    tests = _tests_by_number()
    for number, says in _promised().items():
        lines = [f"* `{test}` in {file}\n" for file, test in tests.get(number, ())]
        parts.append(f"\n## {number} {says}\n\n{''.join(lines)}")
    return "".join(parts)


def unproved() -> list[str]:
    """Complain about guarantees without a test, and about tests of no guarantee."""
    promised, shown = set(_promised()), set(_tests_by_number())
    told = [f"{number}: no test has it in its name" for number in sorted(promised - shown)]
    return told + [
        f"{number}: a test, but no such guarantee" for number in shown - promised
    ]


def _promised() -> dict[str, str]:
    """Return what docs/why/guarantees.md promises, by number."""
    page = (ROOT / "docs" / "why" / "guarantees.md").read_text(encoding="utf-8")
    bold = re.findall(r"^\*\*(G\d\d) (.+?)\*\*", page, re.MULTILINE | re.DOTALL)
    return {number: " ".join(says.split()).rstrip(".") for number, says in bold}


def _tests_by_number() -> dict[str, list[tuple[str, str]]]:
    """Return file and name of the tests that have a number of a guarantee in their name."""
    found: dict[str, list[tuple[str, str]]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for test in re.findall(r"def (test_g\d\d_\w+)", path.read_text(encoding="utf-8")):
            for number in re.findall(r"g\d\d(?=_)", test):
                entry = (path.relative_to(ROOT).as_posix(), test)
                found.setdefault(number.upper(), []).append(entry)
    return found

"""Break every part in every way, many times, and let the jobs themselves be the judge.

    .venv/bin/python bench/faults.py                       10 rounds of each cell
    .venv/bin/python bench/faults.py --rounds 1 --part node

Needs root: the machines it breaks have file systems and a boot id of their own.  Prints a
table of cells; exit code 1 if any law was broken.  The short form is tests/matrix.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.matrix.cell import Outcome, Round
from tests.matrix.faults import CELLS, PARTS
from tests.matrix.field import Field, why_not
from tests.matrix.witness import LAWS


def main() -> int:
    """Run what was asked for; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=10, help="of each cell")
    parser.add_argument("--seed", type=int, default=1, help="of the first round")
    parser.add_argument("--part", choices=PARTS, action="append", help="only these")
    options = parser.parse_args()
    if why := why_not():
        print(why, file=sys.stderr)
        return 2
    cells = [cell for cell in CELLS if not options.part or cell[0] in options.part]
    made: dict[tuple[str, str], list[Outcome]] = {cell: [] for cell in cells}
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="rota-faults-") as folder,
        Field(Path(folder)) as ground,
    ):
        for number in range(options.rounds):
            for cell in cells:
                made[cell].append(Round(ground, *cell, seed=options.seed + number).run())
                show(f"round {number + 1} of {options.rounds}: {', '.join(cell)}")
    print(table(made))
    print(f"\n{options.rounds * len(cells)} rounds in {time.monotonic() - began:.0f} s")
    breaches = [
        one for found in made.values() for outcome in found for one in outcome.breaches
    ]
    for law, says in breaches:
        print(f"{law}: {says}")
    return 1 if breaches else 0


def show(text: str) -> None:
    """Tell on a terminal how far it is."""
    if sys.stderr.isatty():
        print(f"\r{text:<60}", end="", file=sys.stderr, flush=True)


def table(made: dict[tuple[str, str], list[Outcome]]) -> str:
    """Return a line for each cell: what was done, what broke, how soon all was back."""
    lines = [
        "| part | fault | tasks | attempts | " + " | ".join(LAWS) + " | back, median s |"
    ]
    lines.append("|---" * (len(LAWS) + 5) + "|")
    for (part, fault), found in made.items():
        laws: Counter[str] = sum((one.by_law() for one in found), Counter())
        back = sorted(one.back_s for one in found)[len(found) // 2]
        tasks, attempts = (
            sum(one.tasks for one in found),
            sum(one.attempts for one in found),
        )
        counts = " | ".join(str(laws[law]) for law in LAWS)
        lines.append(f"| {part} | {fault} | {tasks} | {attempts} | {counts} | {back:.1f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())

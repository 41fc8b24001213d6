"""``rota doctor``: checks an installation, and says what to do.

ok    home      /home/ann/.local/state/rota, for its owner alone
warn  cgroups   none may be made here
                → memory is watched by measuring; …
"""

from __future__ import annotations

from rota.client.find import home_of
from rota.faces import terminal
from rota.faces.connect import client_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator, Sequence
    from typing import Any

    from rota.faces.checkup import Finding

COLOURS = {"ok": "green", "warn": "yellow", "bad": "red"}


def options(parser: ArgumentParser) -> None:
    """Say what ``doctor`` takes."""
    parser.add_argument(
        "--check-store", action="store_true",
        help="also read every row of the store; for administrators, may take minutes",
    )  # fmt: skip


def run(args: Namespace) -> int:
    """Look at everything; exit 1 when something is bad."""
    from rota.faces import checkup

    client = client_of(args)

    def ask() -> tuple[dict[str, Any], dict[str, Any], list[Any]]:
        return client.info(), client.stat(), [node.raw for node in client.nodes()]

    found = [
        *checkup.of_machine(),
        *checkup.of_home(home_of(args.home)),
        *checkup.of_server(ask),
    ]
    if args.check_store:
        found.append(checkup.of_store(client.check_store))
    is_bad = any(one.verdict == checkup.BAD for one in found)
    if args.json:
        rows = [one._asdict() for one in found]
        terminal.show_json("doctor", {"healthy": not is_bad, "findings": rows})
    else:
        for line in page(found):
            terminal.out(line)
    return 1 if is_bad else 0


def page(found: Sequence[Finding]) -> Iterator[str]:
    """Yield the lines that show *found*, each remedy below what it is for."""
    width = max(len(one.check) for one in found)
    for one in found:
        mark = terminal.paint(f"{one.verdict:<4}", COLOURS[one.verdict])
        yield f"{mark}  {terminal.clean(one.check):<{width}}  {terminal.clean(one.says)}"
        if one.remedy:
            yield f"      {'':<{width}}  → {terminal.clean(one.remedy)}"

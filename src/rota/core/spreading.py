"""What ``rota spread`` takes: one table for the command, its help and the program on nodes.

The agent uses this file too, so it runs on Python 3.9.
"""

from __future__ import annotations

from typing import NamedTuple, Optional, Tuple


class Option(NamedTuple):
    """An option: its names, what its value is called (None: it has none), its help."""

    names: Tuple[str, ...]
    metavar: Optional[str]
    help: str


OPTIONS: Tuple[Option, ...] = (
    Option(("-n", "--ranks"), "N", "N times in all, nodes filled in turn [once each]"),
    Option(("--per-node",), "K", "K times on every node"),
    Option(("-N", "--nodes"), "N", "on the first N nodes only"),
    Option(("-w", "--on"), "NODES", "on these only: n1,n2; a name K times: K ranks"),
    Option(("-O", "--overcommit"), None, "more ranks than cores are fine"),
    Option(("-l", "--label"), None, "the rank before each line of output"),
    Option(("-K", "--kill-on-failure"), None, "one rank fails: end all"),
    Option(("-D", "--cwd"), "DIR", "where to work [here, where that exists]"),
)
"""In the order of the help."""

NUMBERS = ("--ranks", "--per-node", "--nodes")
RANKS_MAX = 4_096
"""So many ranks at once are a mistake, or a case for a launcher of MPI."""

"""Who waits for whom, a line for each link:

waits for job 7 (report) to succeed: held
  waits for job 2 (prepare) to succeed: running
"""

from __future__ import annotations

from rota.core.job import task_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

LINES_MAX = 20
"""So many links are shown; --json has more of them."""

INDENT_MAX = 10


def lines(chain: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield the links of *chain*, as ``why`` and ``show`` have it, and what is left out."""
    if not chain:
        return
    links = chain["links"]
    for link, after in zip(links[:LINES_MAX], [*links[1:], None], strict=False):
        yield _line(link, after)
    if len(links) > LINES_MAX:
        yield f"… and {len(links) - LINES_MAX} links more, see --json"
        if (bottom := _bottom(links)) >= LINES_MAX:
            rest = links[bottom + 1] if bottom + 1 < len(links) else None
            yield f"the first of them all: {_line(links[bottom], rest).lstrip()}"
    if chain["more"]:
        yield f"and for {chain['more']} more jobs"


def _line(link: Mapping[str, Any], after: Mapping[str, Any] | None) -> str:
    """Say what is waited for; of the last on its way down also why it waits itself."""
    name = f" ({link['name']})" if link["name"] else ""
    if link["task"] is None:
        who = f"job {link['job']}{name}"
    else:
        who = f"task {task_name(link['job'], link['task'])}{name}"
    goes_on = after is not None and after["depth"] > link["depth"]
    reason = f", {link['reason']}" if link["reason"] and not goes_on else ""
    more = f" (and waits for {link['more']} more)" if link["more"] else ""
    indent = "  " * min(INDENT_MAX, link["depth"] - 1)
    return f"{indent}waits for {who} {link['wanted']}: {link['state']}{reason}{more}"


def _bottom(links: Sequence[Mapping[str, Any]]) -> int:
    """Return the place of the first link that is followed no further."""
    for place in range(1, len(links)):
        if links[place]["depth"] <= links[place - 1]["depth"]:
            return place - 1
    return len(links) - 1

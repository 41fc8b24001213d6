"""Tables and bars, drawn once for every face.

    ID  NAME   STATE    PROGRESS           [**..] astro01   used cores are stars, free dots
    12  fit    running  [****......] 42%   ▁▂▅▇▆ 1.2 GiB    what was used over time

Cells come in as plain text and are made harmless here, so no caller can forget it.  On a
terminal the roomy columns are cut to the line; into a pipe every cell goes whole.
"""

from __future__ import annotations

from itertools import compress

from rota.faces.terminal import clean, paint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

STATE_STYLES = {
    "running": "green",
    "placed": "cyan",
    "queued": "yellow",
    "held": "blue",
    "suspended": "blue",
    "done": "dim",
    "failed": "red",
    "cancelled": "dim",
    "up": "green",
    "drained": "yellow",
    "unreachable": "red",
    "unhealthy": "red",
}
GAP = "  "
BAR = 10
CORES_DRAWN_MAX = 64
_LEAST = 8
_SPARKS = "▁▂▃▄▅▆▇█"


class Column:
    """A column: its title, and how it is drawn.

    Args:
        right: numbers stand to the right
        roomy: it may be cut when the line is too long
        rare: it is left out when no row has anything in it
        styles: {cell: style}
    """

    __slots__ = ("rare", "right", "roomy", "styles", "title")

    def __init__(
        self,
        title: str,
        *,
        right: bool = False,
        roomy: bool = False,
        rare: bool = False,
        styles: Mapping[str, str] | None = None,
    ) -> None:
        self.title = title
        self.right = right
        self.roomy = roomy
        self.rare = rare
        self.styles = styles or {}


def table(
    columns: Sequence[Column], rows: Iterable[Sequence[str]], *, fit: int | None = None
) -> list[str]:
    """Return the lines of a table, its titles first.

    Shapes:
        rows: a cell for each column
        fit:  the line's width; None: as wide as it gets
    """
    cells = [[clean(cell) for cell in row] for row in rows]
    shown = [
        not column.rare or any(row[at] for row in cells)
        for at, column in enumerate(columns)
    ]
    columns = list(compress(columns, shown))
    cells = [list(compress(row, shown)) for row in cells]
    widths = [
        max([span(column.title), *(span(row[at]) for row in cells)])
        for at, column in enumerate(columns)
    ]
    if fit is not None:
        _shrink(columns, widths, fit=fit)
    titles = _line(columns, [column.title for column in columns], widths=widths)
    lines = [paint(titles, "bold")]
    lines.extend(_line(columns, row, widths=widths) for row in cells)
    return lines


def pairs(rows: Iterable[tuple[str, str]]) -> list[str]:
    """Return the lines of a list of names and values; rows without a value are left out."""
    kept = [(name, value) for name, value in rows if value]
    wide = max((span(name) for name, _ in kept), default=0)
    return [f"{paint(_pad(name, wide), 'dim')}{GAP}{clean(value)}" for name, value in kept]


def bar(done: float, total: float, *, size: int = BAR) -> str:
    """Return how far something is: "[****......]"."""
    part = 0.0 if total <= 0 else min(1.0, max(0.0, done / total))
    full = int(part * size)
    return f"[{'*' * full}{'.' * (size - full)}]"


def usage_bar(used: int, total: int) -> str:
    """Return used and free cores as wq draws them: "[**..]", a character for each core.

    More cores than fit are drawn to scale: a character then stands for several, and one
    that is partly used counts as used.
    """
    size = min(total, CORES_DRAWN_MAX)
    full = -(-used * size // total) if total else 0
    return f"[{'*' * full}{'.' * (size - full)}]"


def sparkline(values: Sequence[float], *, size: int = 32) -> str:
    """Return *values* over time as a line of small blocks, the largest the highest."""
    if not values:
        return ""
    step = max(1.0, len(values) / size)
    picked = [
        max(values[int(at * step) : max(int(at * step) + 1, int((at + 1) * step))])
        for at in range(min(size, len(values)))
    ]
    top = max(picked) or 1.0
    return "".join(_SPARKS[min(7, int(value / top * 7.999))] for value in picked)


def counted(number: int, noun: str) -> str:
    """Return "1 job", "2 jobs"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def cut(text: str, size: int) -> str:
    """Return *text*, at most *size* columns wide; what was cut shows as "…"."""
    if span(text) <= size:
        return text
    kept, wide = [], 0
    for char in text:
        wide += span(char)
        if wide > size - 1:
            break
        kept.append(char)
    return "".join(kept) + "…"


def span(text: str) -> int:
    """Return how many columns of a terminal *text* takes."""
    if text.isascii():
        return len(text)
    import unicodedata

    wide = sum(1 for char in text if unicodedata.east_asian_width(char) in "WF")
    flat = sum(1 for char in text if unicodedata.combining(char))
    return len(text) + wide - flat


def _shrink(columns: Sequence[Column], widths: list[int], *, fit: int) -> None:
    """Take from the roomy columns, the widest first, until the line fits."""
    roomy = [at for at, column in enumerate(columns) if column.roomy]
    excess = sum(widths) + len(GAP) * (len(widths) - 1) - fit
    while excess > 0 and roomy:
        at = max(roomy, key=lambda i: widths[i])
        if widths[at] <= _LEAST:
            return
        widths[at] -= 1
        excess -= 1


def _line(columns: Sequence[Column], cells: Sequence[str], *, widths: Sequence[int]) -> str:
    parts = []
    last = len(columns) - 1
    for at, (column, cell) in enumerate(zip(columns, cells, strict=True)):
        text = cut(cell, widths[at])
        if at < last or column.right:
            text = _pad(text, widths[at], right=column.right)
        style = column.styles.get(cell, "") if cell != column.title else ""
        parts.append(paint(text, style) if style else text)
    return GAP.join(parts).rstrip()


def _pad(text: str, wide: int, *, right: bool = False) -> str:
    space = " " * max(0, wide - span(text))
    return space + text if right else text + space

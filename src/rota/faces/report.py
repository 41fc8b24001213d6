"""``rota history --report``: who used what, by user, account, queue, label, month …

    server ──portion, portion …──▶ sums by key ──▶ table · csv · json · html with charts

Waiting and running are told apart; how well what was held was used is a part of 1.
"""

from __future__ import annotations

from rota.core.units import show_duration
from rota.faces import terminal
from rota.faces.tables import Column, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from rota.client.http import Client

    Row = dict[str, Any]

BY = ("user", "account", "queue", "tag", "label", "node", "ended", "day", "month", "year")

EPILOG = """\
  rota history --report                              each user, all there is
  rota history --report --by month,account --since 2026-01 --html usage.html
  rota history --report --by user,queue --since 30d --csv > usage.csv

  An attempt counts where it ended, in UTC, with all it used; one with several
  tags or labels (of its nodes, as they are today) counts under each of them.

  AGAIN   attempts that were not the last of their task
  WAIT    from the submission, or the end of the attempt before, to the start; the mean
  RUN     the mean;  CORE-H  hours x cores held
  CPU     computed / cores held;  MEM  most used / asked for, where it was asked for
  LIMIT   run / time limit, where there was one
"""


def options(parser: ArgumentParser) -> None:
    """Say what a report takes."""
    add = parser.add_argument_group("a report").add_argument
    add("--report", action="store_true", help="add up what was used instead")
    add("--by", type=words, metavar="WORD,…", help=f"{', '.join(BY)} [user]")
    add("--since", metavar="WHEN", help="what ended since: 30d, 2026-10, 2026-10-01")
    add("--until", metavar="WHEN", help="what ended before; as --since")
    add("--user", type=listed, metavar="NAME,…", help="only theirs")
    add("--queue", type=listed, metavar="NAME,…", help="only of these queues")
    add("--csv", action="store_true", help="numbers only, for a spreadsheet")
    add("--html", metavar="FILE", help="write a page with charts")


def words(text: str) -> list[str]:
    """Return what *text* names of ``BY``."""
    from argparse import ArgumentTypeError

    from rota.core.errors import did_you_mean

    found = listed(text)
    for word in found:
        if word not in BY:
            near = did_you_mean(word, BY)
            remedy = f"did you mean {near}?" if near else f"it is of {', '.join(BY)}"
            raise ArgumentTypeError(f"nothing is added up by {word!r}; {remedy}")
    if not found or len(set(found)) < len(found):
        raise ArgumentTypeError(f"{text!r} names none, or one twice; write user,month")
    return found


def listed(text: str) -> list[str]:
    """Return the words of *text* between its commas."""
    return [word for word in text.split(",") if word]


def run(args: Namespace, client: Client) -> int:
    """Show the report."""
    by = args.by or ["user"]
    rows = fetched(client, args, by)
    if args.html:
        return _write_page(rows, by, args)
    if args.csv:
        _print_csv(rows, by)
    elif args.json or args.jsonl:
        _print_json(rows, args)
    elif rows:
        _print_table(rows, by)
    else:
        terminal.say("nothing has ended in that time")
    return 0


def fetched(client: Client, args: Namespace, by: list[str]) -> list[Row]:
    """Return the sums of all portions, most core-seconds first, or by time."""
    asked = {"by": by, "since": _when(args.since), "until": _when(args.until),
             "user": args.user, "queue": args.queue}  # fmt: skip
    found: dict[tuple[str, ...], Row] = {}
    cursor, attempts = None, 0
    while True:
        page = client.usage(**asked, cursor=cursor)
        for group in page["groups"]:
            key = tuple(group["key"][word] for word in by)
            _join(found.setdefault(key, dict(zip(by, key, strict=True))), group["sums"])
            attempts += int(group["sums"].get("attempts", 0))
        cursor = page["next"]
        if not cursor:
            break
        _tell(f"{attempts} attempts …")
    _tell("")
    times = [word for word in by if word in ("day", "month", "year")]
    return sorted(
        found.values(),
        key=lambda row: (*(row[word] for word in times), -row.get("core_s", 0)),
    )


def _join(row: Row, sums: Mapping[str, float]) -> None:
    for name, value in sums.items():
        old = row.get(name, 0)
        row[name] = max(old, value) if name == "wait_max_s" else old + value


def figures(row: Row) -> Row:
    """Return *row* with the means and parts that its sums make."""
    started = row.get("started", 0)
    return {
        **row,
        "wait_mean_s": _part(row.get("wait_s"), started),
        "run_mean_s": _part(row.get("run_s"), started),
        "core_hours": row.get("core_s", 0) / 3600,
        "cpu_efficiency": _part(row.get("cpu_s"), row.get("core_s")),
        "memory_efficiency": _part(
            row.get("memory_byte_s"), row.get("memory_asked_byte_s")
        ),
        "limit_used": _part(row.get("timed_run_s"), row.get("time_asked_s")),
    }


def _part(some: float | None, whole: float | None) -> float | None:
    return (some or 0) / whole if whole else None


COLUMNS: tuple[tuple[Column, Callable[[Row], str]], ...] = (
    (Column("ATTEMPTS", right=True), lambda row: _count(row, "attempts")),
    (Column("DONE", right=True), lambda row: _count(row, "done")),
    (Column("FAILED", right=True), lambda row: _count(row, "failed")),
    (Column("CANCELLED", right=True), lambda row: _count(row, "cancelled")),
    (Column("AGAIN", right=True), lambda row: _count(row, "again")),
    (Column("WAIT", right=True), lambda row: _length(row["wait_mean_s"])),
    (Column("LONGEST", right=True), lambda row: _length(row.get("wait_max_s"))),
    (Column("RUN", right=True), lambda row: _length(row["run_mean_s"])),
    (Column("CORE-H", right=True), lambda row: hours(row["core_hours"])),
    (Column("GPU-H", right=True), lambda row: hours(row.get("gpu_s", 0) / 3600)),
    (Column("CPU", right=True), lambda row: _percent(row["cpu_efficiency"])),
    (Column("MEM", right=True), lambda row: _percent(row["memory_efficiency"])),
    (Column("LIMIT", right=True), lambda row: _percent(row["limit_used"])),
)
"""What a table shows of a row of ``figures``."""

CSV = (
    "attempts", "done", "failed", "cancelled", "again", "started", "wait_s", "wait_mean_s",
    "wait_max_s", "run_s", "run_mean_s", "core_hours", "core_s", "gpu_s", "cpu_s",
    "cpu_efficiency", "memory_efficiency", "limit_used",
)  # fmt: skip
"""The columns of a csv, behind the words of --by."""


def cells(rows: Iterable[Row], by: list[str]) -> list[list[str]]:
    """Return the cells of a table of *rows*."""
    shown = map(figures, rows)
    return [
        [*(str(row[word]) for word in by), *(cell(row) for _, cell in COLUMNS)]
        for row in shown
    ]


def hours(value: float) -> str:
    """Return a number of hours, more exact where it is small; "" for none."""
    if not value:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _print_table(rows: list[Row], by: list[str]) -> None:
    columns = [*(Column(word.upper()) for word in by), *(column for column, _ in COLUMNS)]
    fit = terminal.width() if terminal.is_live() else None
    for line in table(columns, cells(rows, by), fit=fit):
        terminal.out(line)


def _print_csv(rows: Iterable[Row], by: list[str]) -> None:
    import csv
    import sys

    sheet = csv.writer(sys.stdout, lineterminator="\n")
    sheet.writerow([*by, *CSV])
    for row in map(figures, rows):
        numbers = [row.get(name, 0) for name in CSV]
        names = [row[word] for word in by]
        sheet.writerow([*names, *("" if n is None else round(n, 6) for n in numbers)])


def _print_json(rows: Iterable[Row], args: Namespace) -> None:
    shown = [figures(row) for row in rows]
    if args.jsonl:
        for row in shown:
            terminal.show_line(row)
    else:
        terminal.show_json("usage-report", {"since": args.since, "until": args.until,
                                            "rows": shown})  # fmt: skip


def _write_page(rows: list[Row], by: list[str], args: Namespace) -> int:
    from rota.faces.charts import write_page

    period = f"since {args.since}" if args.since else "all there is"
    period += f", until {args.until}" if args.until else ""
    write_page(rows, args.html, by=by, title=f"Usage by {', '.join(by)}: {period}")
    terminal.say(f"written: {args.html}")
    return 0


def _when(text: str | None) -> str | None:
    """Return *text* as the server wants it: a month or a day begins at midnight, UTC."""
    if text and len(text) in (7, 10) and text[:4].isdigit() and text[4] == "-":
        return f"{text}-01T00:00:00Z" if len(text) == 7 else f"{text}T00:00:00Z"
    return text


def _count(row: Row, name: str) -> str:
    number = int(row.get(name, 0))
    return f"{number:,}" if number else ""


def _length(seconds: float | None) -> str:
    return "" if seconds is None else show_duration(int(seconds * 1000))


def _percent(part: float | None) -> str:
    return "" if part is None else f"{part:.0%}"


def _tell(text: str) -> None:
    import sys

    if terminal.is_live(to_stderr=True):
        sys.stderr.write(f"\r\033[K{text}")
        sys.stderr.flush()

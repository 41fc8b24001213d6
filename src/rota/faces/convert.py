"""``rota convert FILE``: a job in another system's words, and what was lost on the way.

FILE ──reader of --from──▶ documents ──writer of --to──▶ text on stdout
                             ╰── notices: what was ignored, and why (--explain)
"""

from __future__ import annotations

from rota.faces import terminal
from rota.formats.dialects import DIALECTS, guess, native_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from rota.formats.reading import Reading


_NOTICE = ("where", "what", "fate")


def options(parser: ArgumentParser) -> None:
    """Say what ``convert`` takes."""
    add = parser.add_argument
    writing = [name for name, dialect in DIALECTS.items() if dialect.writer]
    add("file", metavar="FILE", help="the job file or script; - is stdin")
    add("--from", dest="source", choices=sorted(DIALECTS), metavar="DIALECT",
        help=f"what it is in: {', '.join(DIALECTS)}; else it is guessed")  # fmt: skip
    add("--to", dest="target", choices=writing, default="rota", metavar="DIALECT",
        help=f"what to write: {', '.join(writing)}")  # fmt: skip
    add("--explain", action="store_true", help="show each key, who said it, what was lost")


def run(args: Namespace) -> int:
    """Translate a job."""
    from rota.core.errors import Malformed
    from rota.faces.gather import read_text

    try:
        text = read_text(args.file)
    except OSError as error:
        raise Malformed(f"{args.file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Malformed(f"{args.file} is not text in UTF-8") from None
    where = "standard input" if args.file == "-" else args.file
    source = args.source or guess(text, name=args.file)
    readings = DIALECTS[source].read(text, where=where)
    written = [_written(reading, source, args.target) for reading in readings]
    if args.json:
        jobs = [
            {"job": reading.doc, "sources": reading.sources, "text": text,
             "notices": [dict(zip(_NOTICE, notice, strict=True)) for notice in lost]}
            for reading, (text, lost) in zip(readings, written, strict=True)
        ]  # fmt: skip
        terminal.show_json("converted", {"from": source, "to": args.target, "jobs": jobs})
        return 0
    for reading, (text, lost) in zip(readings, written, strict=True):
        if args.explain:
            for line in explained(reading):
                terminal.out(line)
        else:
            terminal.out(text.rstrip("\n"))
        for place, what, fate in lost:
            terminal.say(terminal.clean(f"{place + ': ' if place else ''}{what}: {fate}"))
    return 0


def _written(
    reading: Reading, source: str, target: str
) -> tuple[str, list[tuple[str, str, str]]]:
    doc = native_of(reading.doc) if source != "rota" else reading.doc
    text, lost = DIALECTS[target].write(doc)
    return text, [*reading.notices, *lost]


def explained(reading: Reading) -> list[str]:
    """Return what a job became, line by line: key, value, and who said so."""
    from rota.faces.tables import Column, table

    columns = (Column("KEY"), Column("VALUE", roomy=True), Column("FROM"))
    cells = [
        (key, terminal.clean(str(value)), reading.sources.get(key, ""))
        for key, value in native_of(reading.doc).items()
        if key != "script"
    ]
    fit = terminal.width() if terminal.is_live() else None
    return table(columns, cells, fit=fit)

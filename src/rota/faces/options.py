"""Options: the parser of a verb, the few options that all verbs have, sentences for errors.

    parse("ls", module, ["--failed"]) ──→ Namespace(home, server, json, …, rest)

Everything after ``--`` is the user's own command and is never looked at: it is in
``rest`` (None when there was no ``--``).
"""

from __future__ import annotations

import argparse

from rota.faces import terminal
from rota.faces.main import VERBS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, NoReturn


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are ours: one sentence, and what would be right."""

    def error(self, message: str) -> NoReturn:
        """Raise *message* as the error that it is."""
        from rota.core.errors import Malformed

        raise Malformed(f"{self.prog}: {message}; `{self.prog} --help` says what it takes")

    def complete(self, words: Sequence[str]) -> argparse.Namespace:
        """Return what *words* say; refuse what is not known, naming the nearest that is."""
        args, unknown = self.parse_known_intermixed_args(words)
        if unknown:
            raise _unknown_option(self, unknown[0])
        return args


class Given(argparse.Action):
    """Keeps (option, text) in the order given; the text of a flag is None."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        from rota.faces.keys import SHORT

        option = SHORT.get(option_string or "", option_string)
        text = None if self.nargs == 0 else values
        namespace.given = [*namespace.given, (option, text)]


def parser_of(verb: str, module: Any) -> Parser:
    """Return the parser of *verb*, which lives in *module*."""
    parser = Parser(
        prog=f"rota {verb}",
        description=VERBS[verb][1][0].upper() + VERBS[verb][1][1:] + ".",
        epilog=getattr(module, "EPILOG", None),
        formatter_class=_formatter,
        allow_abbrev=False,
        add_help=False,
    )
    parser.set_defaults(verb=verb)
    module.options(parser)
    _everywhere(parser)
    return parser


def parse(verb: str, module: Any, words: Sequence[str]) -> argparse.Namespace:
    """Return what *words* say to *verb*; what stands after ``--`` is in ``rest``."""
    if getattr(module, "HANDS_ON", False) and not {"-h", "--help"} & set(words):
        return argparse.Namespace(verb=verb, words=words)
    ours, rest = list(words), None
    if "--" in ours:
        at = ours.index("--")
        ours, rest = ours[:at], ours[at + 1 :]
    if rest is not None and not getattr(module, "TAKES_COMMAND", False):
        ours, rest = [*ours, *rest], None
    args = parser_of(verb, module).complete(ours)
    args.rest = rest
    return args


def duration(text: str) -> int:
    """Read an option such as "90s" or "1h30m", as milliseconds.

    Raises:
        argparse.ArgumentTypeError: it is no duration.
    """
    from rota.core.units import parse_duration

    try:
        return parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def count(text: str) -> int:
    """Read an option that is a whole number, at least 1."""
    if not text.isascii() or not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def why(parser: argparse.ArgumentParser) -> None:
    """Let a verb that changes something say why, for the audit log and who is struck."""
    parser.add_argument("--why", default="", metavar="TEXT", help="what to tell people")


def size(text: str) -> str:
    """Check an option such as "8GB"; return it as it is, for another program to read.

    Raises:
        argparse.ArgumentTypeError: it is no size.
    """
    from rota.core.units import parse_size

    try:
        parse_size(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text


def _formatter(prog: str) -> argparse.HelpFormatter:
    # Given the width, argparse need not import shutil, which is slow, to find it out.
    width = max(40, min(terminal.width(), 100) - 2)
    return argparse.RawDescriptionHelpFormatter(prog, width=width)


def _everywhere(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("everywhere")
    group.add_argument("-h", "--help", action="help", help="print this and exit")
    group.add_argument("--home", metavar="DIR", help="the server's home [$ROTA_HOME]")
    group.add_argument("--server", metavar="URL", help="its address [$ROTA_SERVER]")
    group.add_argument("--json", action="store_true", help="answer in JSON")


def _unknown_option(parser: argparse.ArgumentParser, word: str) -> Exception:
    from rota.core.errors import Malformed, did_you_mean

    name = word.partition("=")[0]
    known = [o for action in parser._actions for o in action.option_strings]
    near = did_you_mean(name, known) if name.startswith("-") else None
    what = "option" if name.startswith("-") else "argument"
    cure = f"did you mean {near}?" if near else f"`{parser.prog} --help` says what it takes"
    return Malformed(f"{parser.prog} has no {what} {terminal.clean(name)}; {cure}")

"""What goes to a terminal: answers to stdout, chatter to stderr, nothing that bites.

    out(text)   the answer          clean(text)   names cannot move the cursor, hide text
    say(text)   chatter             paint(text)   colour, where it is wanted
    show_json   for programs

Names of jobs come from other people: an escape code, a newline or a mark that turns the
direction of writing in one of them is shown, never obeyed (G32).
"""

from __future__ import annotations

import json
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

STYLES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "cyan": "36",
}
SCHEMA_VERSION = 1
_WIDTH = 100


def clean(text: str) -> str:
    """Return *text* with everything in it that is not a visible character made visible."""
    if text.isprintable():
        return text
    return "".join(_visible(char) for char in text)


def out(text: str) -> None:
    """Print *text*, the answer to what was asked."""
    sys.stdout.write(text + "\n")


def say(text: str) -> None:
    """Print *text* to people: what is going on, beside the answer."""
    sys.stdout.flush()
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def show_json(schema: str, doc: Mapping[str, Any]) -> None:
    """Print *doc* as one JSON object that names its schema and its version."""
    named = {"schema": f"rota.{schema}/{SCHEMA_VERSION}", **doc}
    out(json.dumps(named, indent=2 if sys.stdout.isatty() else None))


def show_line(doc: Mapping[str, Any]) -> None:
    """Print *doc* as one line of JSON."""
    out(json.dumps(doc, separators=(",", ":")))


def paint(text: str, style: str, *, to_stderr: bool = False) -> str:
    """Return *text* in *style*, or as it is where colour is not wanted."""
    if not style or not has_colour(to_stderr=to_stderr):
        return text
    return f"\033[{STYLES[style]}m{text}\033[0m"


def has_colour(*, to_stderr: bool = False) -> bool:
    """Whether to print in colour: on a terminal that can, unless NO_COLOR says no."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or is_live(to_stderr=to_stderr)


def is_live(*, to_stderr: bool = False) -> bool:
    """Whether a person is looking: only then are lines cut, redrawn or coloured."""
    return (sys.stderr if to_stderr else sys.stdout).isatty()


def width() -> int:
    """Return how many columns a line may have."""
    given = os.environ.get("COLUMNS", "")
    if given.isdigit() and int(given):
        return int(given)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or _WIDTH
    except (OSError, ValueError):
        return _WIDTH


def _visible(char: str) -> str:
    if char.isprintable():
        return char
    code = ord(char)
    if char.isspace() and code >= 0xA0 and char not in "\u2028\u2029":
        return " "  # spaces of other widths are harmless, and usual in some languages
    if char in "\n\t\r":
        return {"\n": "\\n", "\t": "\\t", "\r": "\\r"}[char]
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"

"""How a wrong value is told: short, in full view, and harmless on a terminal."""

from __future__ import annotations

from typing import Any, Iterable

SHOWN_MAX = 60


def plain(value: Any) -> str:
    """Return *value* without quotes when it is harmless text, else as ``quoted``."""
    if type(value) is str and 0 < len(value) <= SHOWN_MAX and value.isprintable():
        return value
    return quoted(value)


def quoted(value: Any) -> str:
    """Return *value* as a message shows it: text in quotes, all in view, not long."""
    if value is None:
        return "nothing"
    if value is True or value is False:
        return "true" if value else "false"
    if type(value) is int:
        return digits(value)
    if type(value) is str:
        return repr(value if len(value) <= SHOWN_MAX else value[:SHOWN_MAX] + "…")
    if isinstance(value, (list, tuple)):
        return "a list"
    return "a mapping" if isinstance(value, dict) else repr(value)[:SHOWN_MAX]


def harmless(text: str) -> str:
    """Return *text* with whatever a terminal would not show as it is spelt out."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def digits(value: int) -> str:
    """Return *value* in digits, unless there are absurdly many of them."""
    return str(value) if abs(value) < 10**30 else "a number of more than 30 digits"


def suggest(word: Any, known: Iterable[str]) -> str:
    """Return "did you mean `…`?", or nothing when nothing is near."""
    from rota.core.errors import did_you_mean

    if type(word) is not str or len(word) > SHOWN_MAX:
        return ""
    near = did_you_mean(word, list(known))
    return f"did you mean `{near}`?" if near else ""


def not_text(value: Any) -> tuple[str, str]:
    """Return problem and remedy for a *value* that had to be text."""
    shown = quoted(value)
    if type(value) in (int, float, bool):
        return f"must be text, not {shown}", f'write it in quotes: "{shown}"'
    return f"must be text, not {shown}", ""


def an_odd_char(char: str) -> str:
    """Return what people call *char*, one that may not stand in text."""
    code = ord(char)
    if char in "\n\r\v\f\x85\u2028\u2029":
        return "a line break"
    if code == 0:
        return "a NUL byte"
    if code == 27:
        return "an escape code"
    if 0xD800 <= code <= 0xDFFF:
        return "a byte that is not UTF-8"
    kind = "mark of direction" if code > 0x2000 else "control character"
    return f"a {kind} (U+{code:04X})"

"""What values of a job key may look like: one class for each kind of value.

    a document's value ──read──→ a JobSpec's value       memory: "10GB" → 10737418240
    an option's text ──parse──→ a document's value       --memory 10GB → "10GB"
    a JobSpec's value ──show──→ what people read         10737418240 → "10 GiB"
    schema()                                             the same rule as JSON Schema

``read`` accepts exactly what ``schema`` accepts; a property test holds the two together.
What only a whole job can know (two keys that exclude each other, an index that runs
backwards) comes after, in ``formats.native``.
"""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, Optional

from rota.core import units
from rota.core.fields.telling import an_odd_char, digits, not_text, plain, quoted, suggest

Note = Callable[..., None]
"""note(problem, remedy="", at=""): keep a complaint; ``at`` is a place within the value."""


class Kind:
    """How the values of a key look; the classes below say the rest."""

    shape = "a value"
    """What the docs call it."""

    metavar = "VALUE"
    """What the help of an option calls it."""

    literal = False
    """Whether a bare YAML word is text just as it is written, be it 007, 3.10 or true."""

    repeats = False
    """Whether an option may be given more than once; ``join`` makes one value of them."""

    def schema(self) -> Dict[str, Any]:
        """Return the rule as JSON Schema."""
        return {}

    def read(self, value: Any, note: Note) -> Any:
        """Return *value* as a JobSpec holds it; what is wrong with it goes to *note*."""
        return value

    def parse(self, text: str) -> Any:
        """Return what option *text* means as a value of a document, unchecked."""
        return text

    def join(self, first: Any, second: Any) -> Any:
        """Return what two options of this key say together."""
        return second

    def show(self, value: Any) -> str:
        """Return *value*, as a JobSpec holds it, for people."""
        return "none" if value is None else str(value)

    def inner(self, kind_of: str, name: str = "") -> Kind:
        """Return the kind of what lies in a "list" or, under *name*, in a "mapping"."""
        return self


class Form:
    """A regular expression that is compiled when it is first asked.

    A command compiles none of the table's forty patterns before it meets their keys.
    """

    __slots__ = ("_match", "pattern")

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self._match: Optional[Callable[[str], Optional[re.Match[str]]]] = None

    def __call__(self, text: str) -> Optional[re.Match[str]]:
        """Return the match of the whole *text*, or None."""
        if self._match is None:
            self._match = re.compile(self.pattern).fullmatch
        return self._match(text)


class Text(Kind):
    """Text, in one line or several, of bounded length and without odd characters."""

    metavar = "TEXT"
    literal = True

    # Never: NUL, and halves of characters that no encoding can carry.
    ANY = r"\u0000\ud800-\udfff"
    # Also never: line breaks, escape codes, and marks that turn the direction of writing.
    LINE = r"\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff"

    def __init__(
        self, *, longest: int, never: str = ANY, least: int = 1, shape: str = "text"
    ) -> None:
        self.longest = longest
        self.never = never
        self.least = least
        self.shape = shape
        self.metavar = shape.removeprefix("a ").upper()
        self._clean = Form(f"[^{never}]*")

    def schema(self) -> Dict[str, Any]:
        return {
            "type": "string",
            "minLength": self.least,
            "maxLength": self.longest,
            "pattern": f"^[^{self.never}]*$",
        }

    def read(self, value: Any, note: Note) -> Any:
        if type(value) is not str:
            note(*not_text(value))
        elif len(value) > self.longest:
            note(f"has {len(value)} characters, at most {self.longest} are allowed")
        elif not self._clean(value):
            found = re.search(f"[{self.never}]", value)
            assert found, "what is not clean has a character that may not be"
            char = an_odd_char(found[0])
            note(f"has {char} at character {found.start() + 1}", "leave it out")
        elif len(value) < self.least:
            note("is empty", "give it a value or leave the key out")
        return value


class Word(Kind):
    """Text of a fixed form, such as a queue's name."""

    literal = True

    def __init__(self, form: str, *, says: str, shape: str = "a word") -> None:
        self.form = form
        self.says = says
        self.shape = shape
        self.metavar = shape.removeprefix("a ").upper()
        self.fits = Form(form)

    def schema(self) -> Dict[str, Any]:
        return {"type": "string", "pattern": f"^(?:{self.form})$"}

    def read(self, value: Any, note: Note) -> Any:
        if type(value) is not str:
            note(*not_text(value))
        elif not self.fits(value):
            note(f"{quoted(value)} is not {self.says}")
        return value


class Choice(Kind):
    """One of a few words."""

    literal = True

    def __init__(self, *words: str, **akin: str) -> None:
        self.words = words
        self.shape = f"{', '.join(words[:-1])} or {words[-1]}" if words[1:] else words[0]
        self.metavar = "|".join(words) if len(words) < 6 else "WORD"
        self.akin = akin
        """Other spellings that are accepted: {spelling: the word it stands for}."""

    def schema(self) -> Dict[str, Any]:
        return {"enum": [*self.words, *self.akin]}

    def read(self, value: Any, note: Note) -> Any:
        if type(value) is str:
            value = self.akin.get(value, value)
            if value in self.words:
                return value
        problem = f"{quoted(value)} is not one of {', '.join(self.words)}"
        note(problem, suggest(value, self.words))
        return value


class Flag(Kind):
    """Yes or no."""

    shape = "true or false"
    metavar = "true|false"
    _TEXTS = {
        **dict.fromkeys(("true", "yes", "on"), True),
        **dict.fromkeys(("false", "no", "off"), False),
    }

    def schema(self) -> Dict[str, Any]:
        return {"type": "boolean"}

    def read(self, value: Any, note: Note) -> Any:
        if value is not True and value is not False:
            note(f"must be true or false, not {quoted(value)}")
        return value

    def parse(self, text: str) -> Any:
        return self._TEXTS.get(text.lower(), text)

    def show(self, value: Any) -> str:
        return "true" if value else "false"


class Whole(Kind):
    """A whole number between bounds."""

    metavar = "N"

    def __init__(self, least: int, most: int) -> None:
        self.least = least
        self.most = most
        bounds = f"≥ {least}" if most >= 1_000_000 else f"{least} … {most}"
        self.shape = f"a whole number {bounds}"

    def schema(self) -> Dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}

    def read(self, value: Any, note: Note) -> Any:
        if type(value) is int:
            if not self.least <= value <= self.most:
                bound = f"at least {self.least}" if value < self.least else ""
                bound = bound or f"at most {self.most}"
                note(f"is {digits(value)}, it must be {bound}")
            return value
        # To JSON Schema 4.0 is a whole number, as most JSON writers cannot tell it from 4.
        if type(value) is float and value.is_integer():
            return self.read(int(value), note)
        problem = f"must be a whole number, not {quoted(value)}"
        if type(value) is str and re.fullmatch("[+-]?[0-9]{1,18}", value):
            note(problem, f"write {value} without quotes")
        else:
            note(problem, f"write a number from {self.least} to {self.most}")
        return value

    def parse(self, text: str) -> Any:
        return int(text) if re.fullmatch("[+-]?[0-9]{1,18}", text) else text


class Number(Kind):
    """A number, with or without a fraction, of at most 18 digits before the point."""

    shape = "a number"
    metavar = "NUMBER"
    MOST = 10**18

    def schema(self) -> Dict[str, Any]:
        return {"type": "number", "minimum": -self.MOST, "maximum": self.MOST}

    def read(self, value: Any, note: Note) -> Any:
        if type(value) not in (int, float):
            note(f"must be a number, not {quoted(value)}")
        elif not -self.MOST <= value <= self.MOST:
            note(f"is {quoted(value)}, it must be from −10^18 to 10^18")
        return value


class Size(Kind):
    """Bytes, with their unit."""

    shape = "a size"
    metavar = "SIZE"
    literal = True
    _fits = Form(units.SIZE_FORM)

    def schema(self) -> Dict[str, Any]:
        return {"type": "string", "pattern": f"^(?:{units.SIZE_FORM})$"}

    def read(self, value: Any, note: Note) -> Any:
        if type(value) is str and self._fits(value):
            return units.parse_size(value)
        note(units.wrong_size(plain(value)))
        return value

    def show(self, value: Any) -> str:
        return units.show_size(value)


class Duration(Kind):
    """A length of time, with its unit; where *none* is allowed, that word for no limit."""

    shape = "a duration"
    metavar = "DURATION"
    literal = True

    def __init__(self, *, zero: bool = False, none: bool = False) -> None:
        form = units.DURATION_FORM
        form = form if zero else f"(?=.*[1-9])(?:{form})"
        self.zero = zero
        self.form = f"none|{form}" if none else form
        self._fits = Form(self.form)

    def schema(self) -> Dict[str, Any]:
        return {"type": "string", "pattern": f"^(?:{self.form})$"}

    def read(self, value: Any, note: Note) -> Any:
        if type(value) is str and self._fits(value):
            return None if value == "none" else units.parse_duration(value)
        text = plain(value)
        if not self.zero and re.fullmatch(units.DURATION_FORM, text):
            note(f"{text} is no time at all", "write a longer duration")
        else:
            note(units.wrong_duration(text))
        return value

    def show(self, value: Any) -> str:
        return "none" if value is None else units.show_duration(value)


class Scalar(Kind):
    """Text, a number, or true or false: what becomes text where it is used."""

    shape = "text"
    metavar = "TEXT"
    literal = True

    def __init__(self, *, longest: int, least: int = 0) -> None:
        self._text = Text(longest=longest, least=least)
        self._number = Number()

    def schema(self) -> Dict[str, Any]:
        return {"anyOf": [self._text.schema(), self._number.schema(), {"type": "boolean"}]}

    def read(self, value: Any, note: Note) -> Any:
        if type(value) is str:
            return self._text.read(value, note)
        if value is True or value is False:
            return "true" if value else "false"
        if type(value) in (int, float):
            return str(self._number.read(value, note))
        note(*not_text(value))
        return value

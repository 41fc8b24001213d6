"""Kinds made of other kinds: a list, a mapping, a record, one kind or another."""

from __future__ import annotations

from typing import Any, Dict

from rota.core.fields.kinds import Kind, Note, Word
from rota.core.fields.telling import plain, quoted, suggest


class ListOf(Kind):
    """Several values of one kind; where *single* is allowed, one may stand alone."""

    repeats = True

    def __init__(self, item: Kind, *, most: int, single: bool = True) -> None:
        self.item = item
        self.most = most
        self.single = single
        self.literal = item.literal
        self.metavar = f"{item.metavar},…"
        self.shape = (
            f"{item.shape}, or a list" if single else f"a list of {_bare(item.shape)}"
        )

    def schema(self) -> Dict[str, Any]:
        items = {
            "type": "array",
            "items": self.item.schema(),
            "minItems": 1,
            "maxItems": self.most,
        }
        return {"anyOf": [self.item.schema(), items]} if self.single else items

    def read(self, value: Any, note: Note) -> Any:
        if type(value) is not list and type(value) is not tuple:
            if self.single and value is not None and not isinstance(value, dict):
                return (self.item.read(value, note),)
            note(f"must be {self.shape}, not {quoted(value)}")
            return ()
        if not value:
            note("is an empty list", "give it a value or leave the key out")
        if len(value) > self.most:
            note(f"has {len(value)} entries, at most {self.most} are allowed")
            return ()
        read = self.item.read
        return tuple([read(item, _inside(note, at)) for at, item in enumerate(value)])

    def parse(self, text: str) -> Any:
        return [self.item.parse(part.strip()) for part in text.split(",")]

    def join(self, first: Any, second: Any) -> Any:
        return [*_listed(first), *_listed(second)]

    def show(self, value: Any) -> str:
        return ", ".join(self.item.show(item) for item in value)

    def inner(self, kind_of: str, name: str = "") -> Kind:
        return self.item


class MapOf(Kind):
    """Values of one kind by name."""

    repeats = True

    def __init__(self, key: Word, item: Kind, *, most: int) -> None:
        self.key = key
        self.item = item
        self.most = most
        self.literal = item.literal
        self.shape = f"a mapping of {_bare(key.shape)} to {item.shape}"
        self.metavar = f"{key.metavar}={item.metavar}"

    def schema(self) -> Dict[str, Any]:
        return {
            "type": "object",
            "propertyNames": {"pattern": f"^(?:{self.key.form})$"},
            "additionalProperties": self.item.schema(),
            "maxProperties": self.most,
        }

    def read(self, value: Any, note: Note) -> Any:
        if not isinstance(value, dict):
            note(f"must be {self.shape}, not {quoted(value)}")
            return {}
        if len(value) > self.most:
            note(f"has {len(value)} entries, at most {self.most} are allowed")
            return {}
        return {name: self._entry(name, held, note) for name, held in value.items()}

    def parse(self, text: str) -> Any:
        parts = [part.partition("=") for part in text.split(",")]
        if not all(equals for _, equals, _ in parts):
            return text
        return {name.strip(): self.item.parse(held.strip()) for name, _, held in parts}

    def join(self, first: Any, second: Any) -> Any:
        mappings = isinstance(first, dict) and isinstance(second, dict)
        return {**first, **second} if mappings else second

    def show(self, value: Any) -> str:
        pairs = value.items() if isinstance(value, dict) else value
        return ", ".join(f"{name}={self.item.show(held)}" for name, held in pairs)

    def inner(self, kind_of: str, name: str = "") -> Kind:
        return self.item

    def _entry(self, name: Any, held: Any, note: Note) -> Any:
        if type(name) is not str or not self.key.fits(name):
            note(f"{quoted(name)} is not {self.key.says}")
            return held
        return self.item.read(held, _inside(note, name))


class OneByOne(MapOf):
    """A mapping of which an option gives one entry, whose value may hold a comma."""

    def parse(self, text: str) -> Any:
        name, equals, value = text.partition("=")
        return {name: self.item.parse(value)} if equals else text


class Either(Kind):
    """A value of the kind that its type fits: text, number, list or mapping."""

    def __init__(self, **kinds: Kind) -> None:
        self.kinds = kinds
        """{"text" | "number" | "list" | "mapping": the kind for values of that type}"""
        self.shape = ", or ".join(kind.shape for kind in kinds.values())
        self.metavar = "|".join(kind.metavar for kind in kinds.values() if kind.metavar)
        self.repeats = any(kind.repeats for kind in kinds.values())
        self.literal = "text" in kinds and "number" not in kinds

    def schema(self) -> Dict[str, Any]:
        return {"anyOf": [kind.schema() for kind in self.kinds.values()]}

    def read(self, value: Any, note: Note) -> Any:
        kind = self.kinds.get(_type_of(value))
        if kind is None:
            note(f"must be {self.shape}, not {quoted(value)}")
            return value
        return kind.read(value, note)

    def parse(self, text: str) -> Any:
        readings = [(kind, kind.parse(text)) for kind in self.kinds.values()]
        for kind, value in readings:
            if self.kinds.get(_type_of(value)) is kind and _is_fine(kind, value):
                return value
        return readings[0][1]

    def join(self, first: Any, second: Any) -> Any:
        kind = self.kinds.get(_type_of(second))
        return kind.join(first, second) if kind else second

    def show(self, value: Any) -> str:
        kind = self.kinds.get(_type_of(value))
        return kind.show(value) if kind else super().show(value)

    def inner(self, kind_of: str, name: str = "") -> Kind:
        kind = self.kinds.get(kind_of)
        return kind.inner(kind_of, name) if kind else self


class Record(Kind):
    """A mapping with keys of its own, each of its kind; those in *need* must be there."""

    def __init__(self, need: tuple[str, ...], **kinds: Kind) -> None:
        self.kinds = kinds
        self.need = need
        self.shape = f"a mapping with {', '.join(kinds)}"
        self.metavar = ""

    def schema(self) -> Dict[str, Any]:
        return {
            "type": "object",
            "properties": {name: kind.schema() for name, kind in self.kinds.items()},
            "required": list(self.need),
            "additionalProperties": False,
        }

    def read(self, value: Any, note: Note) -> Any:
        if not isinstance(value, dict):
            note(f"must be {self.shape}, not {quoted(value)}")
            return value
        if len(value) > len(self.kinds):
            note(f"has {len(value)} keys, and must be {self.shape}")
            return value
        for name in self.need:
            if name not in value:
                note(f"has no `{name}`", f"it must be {self.shape}")
        return {name: self._entry(name, held, note) for name, held in value.items()}

    def inner(self, kind_of: str, name: str = "") -> Kind:
        return self.kinds.get(name, self)

    def _entry(self, name: Any, held: Any, note: Note) -> Any:
        if name not in self.kinds:
            near = suggest(name, self.kinds)
            note(
                f"{quoted(name)} is no key here", near or f"it has {', '.join(self.kinds)}"
            )
            return held
        return self.kinds[name].read(held, _inside(note, name))


class Keys(Record):
    """A mapping with keys of its own; a key that is none is told where it stands."""

    def _entry(self, name: Any, held: Any, note: Note) -> Any:
        if name in self.kinds:
            return super()._entry(name, held, note)
        remedy = suggest(name, self.kinds) or f"keys are {', '.join(self.kinds)}"
        note("unknown key", remedy, f".{plain(name)}")
        return held

    def read(self, value: Any, note: Note) -> Any:
        # More keys than there are: each of the strangers is told, and by its name.
        if not isinstance(value, dict):
            return super().read(value, note)
        for name in self.need:
            if name not in value:
                note(f"has no `{name}`", f"it must be {self.shape}")
        return {name: self._entry(name, held, note) for name, held in value.items()}


class Told(Either):
    """Names, each with words of one choice: "ann", "ann=start+end", a list, a mapping.

    Whatever its form, it is read as {name: "start,end"}; *usual* is what a bare name says.
    """

    def __init__(self, name: Word, choice: Kind, *, usual: str, most: int) -> None:
        words = MapOf(name, ListOf(choice, most=10), most=most)
        super().__init__(
            text=name, list=ListOf(name, most=most, single=False), mapping=words
        )
        self.usual = usual
        self.repeats = True
        self.metavar = "WHOM[=WHEN],…"

    def read(self, value: Any, note: Note) -> Any:
        found = super().read(value, note)
        if isinstance(value, dict):
            return {name: _joined(when) for name, when in found.items()}
        names = [each for each in _listed(value) if type(each) is str]
        return dict.fromkeys(names, self.usual)

    def parse(self, text: str) -> Any:
        parts = [part.strip().partition("=") for part in text.split(",")]
        return {
            name: when.split("+") if equals else self.usual for name, equals, when in parts
        }

    def join(self, first: Any, second: Any) -> Any:
        return {**self._mapping(first), **self._mapping(second)}

    def show(self, value: Any) -> str:
        return ", ".join(f"{name} ({when})" for name, when in value.items()) or "nobody"

    def _mapping(self, value: Any) -> Dict[str, Any]:
        return (
            value if isinstance(value, dict) else dict.fromkeys(_listed(value), self.usual)
        )


def _bare(shape: str) -> str:
    return shape.removeprefix("a ")


def _inside(note: Note, place: object) -> Note:
    """Return a note-taker for what lies at *place* within a value."""

    def noted(problem: str, remedy: str = "", at: str = "") -> None:
        step = f"[{place}]" if isinstance(place, int) else f".{plain(place)}"
        note(problem, remedy, f"{step}{at}")

    return noted


def _joined(words: Any) -> str:
    # What is none has been complained of.
    return ",".join(dict.fromkeys(map(str, words))) if isinstance(words, tuple) else ""


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _type_of(value: Any) -> str:
    if type(value) is str:
        return "text"
    if type(value) in (int, float):
        return "number"
    if isinstance(value, (list, tuple)):
        return "list"
    return "mapping" if isinstance(value, dict) else "other"


def _is_fine(kind: Kind, value: Any) -> bool:
    wrong: list[str] = []
    kind.read(value, lambda problem, remedy="", at="": wrong.append(problem))
    return not wrong

"""A document of keys and values against the table: what each key says, and what is wrong.

    {"memroy": "10GB", "cores": 0}  ──check──→  {}, [memroy: unknown key; did you mean …,
                                                     cores: is 0, it must be at least 1]

This is the first pass, and the one that the published JSON Schema describes.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Tuple

from rota.core.errors import Complaint
from rota.core.fields.field import Field
from rota.core.fields.planned import PLANNED
from rota.core.fields.table import FIELDS
from rota.core.fields.telling import harmless, plain, suggest

NAMES: Dict[str, str] = {
    spelling: row.name for row in FIELDS.values() for spelling in (row.name, *row.aliases)
}
"""{every accepted spelling of a key: the key}."""

_AKIN = {word: row.name for row in FIELDS.values() for word in row.akin}


NOTES_MAX = 1000
"""More complaints about one document are not kept: nobody reads them."""


class Notes:
    """Complaints about the keys of one document; it is called as kinds call a ``Note``.

    Shapes:
        sources: {key: where it was given}
        given:   the keys that the document has, by their first names, good or bad:
                 {key: as the document spells it}
    """

    def __init__(self, sources: Mapping[str, str] = {}) -> None:
        self.complaints: List[Complaint] = []
        self.sources = sources
        self.given: Dict[str, str] = {}
        self.key = ""

    def __call__(self, problem: str, remedy: str = "", at: str = "") -> None:
        self.about(self.key, problem, remedy, at=at)

    def about(self, key: str, problem: str, remedy: str = "", *, at: str = "") -> None:
        """Keep a complaint about *key* and say where it was given, if that is known."""
        if len(self.complaints) >= NOTES_MAX:
            return
        where = self.sources.get(key) or self.sources.get(self.given.get(key, ""), "")
        told = (harmless(f"{key}{at}"), harmless(problem), harmless(remedy))
        self.complaints.append(Complaint(*told, where))


def check(doc: Mapping[str, Any], notes: Notes) -> Dict[str, Any]:
    """Return {key: value as a JobSpec holds it} of *doc*; complaints go to *notes*.

    What was complained about is left out of the result, and is in ``notes.given``.
    """
    found: Dict[str, Any] = {}
    if len(doc) > len(NAMES):
        notes.key = ""
        notes(f"a job has at most {len(NAMES)} keys, not {len(doc)}")
        return found
    for spelling, value in doc.items():
        name = NAMES.get(spelling) if type(spelling) is str else None
        if name is None:
            notes.key = plain(spelling)
            notes(*unknown(spelling))
            continue
        notes.key = spelling
        if name in notes.given:
            notes(f"says the same as `{name}`, which is given too", "give one of the two")
        notes.given[name] = spelling
        count = len(notes.complaints)
        read = FIELDS[name].kind.read(value, notes)
        if len(notes.complaints) == count:
            found[name] = read
    return found


def unknown(key: Any) -> Tuple[str, str]:
    """Return problem and remedy for *key*, which is none of ours."""
    if key in PLANNED:
        return "is planned but not in this version", "leave it out"
    word = key.lower().replace("-", "_") if type(key) is str else key
    known = NAMES.get(word) or _AKIN.get(word)
    if known:
        return "unknown key", f"did you mean `{known}`?"
    remedy = suggest(key, [*NAMES, *_AKIN])
    for akin in _AKIN:
        remedy = remedy.replace(f"`{akin}`", f"`{_AKIN[akin]}`")
    return "unknown key", remedy or "the keys are in docs/reference/job-file.md"


def find(spelling: str) -> Optional[Field]:
    """Return the row that *spelling* names: a key, an alias, or an option (--cores)."""
    if spelling.startswith("--"):
        return _OPTIONS.get(spelling.replace("_", "-"))
    name = NAMES.get(spelling) or NAMES.get(spelling.replace("-", "_"))
    return FIELDS[name] if name else None


_OPTIONS = {row.option: row for row in FIELDS.values() if row.option}

"""Inputs that each task of an array has for itself.

    array: 0-1                                all:  model.py
    inputs:                             ──▶   0:    case-0.dat -> deck.dat
      - model.py                              1:    case-1.dat -> deck.dat
      - case-{task}.dat -> deck.dat

The placeholders are those of commands, as far as they are known when files are copied.
"""

from __future__ import annotations

from typing import NamedTuple

from rota.core.errors import Complaint, Malformed
from rota.core.fields import NAMES, Notes, check
from rota.core.globs import Rule, rule_of
from rota.core.template import fill, holes
from rota.wire import trees

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from rota.core.job import Array

_MANY = ("array", "items", "lines", "vectors")
_LATER = frozenset(("job", "attempt", "name"))


class Asked(NamedTuple):
    """What travels with all tasks, and what with each.

    Shapes:
        common: rules as texts
        own:    {index of a task: its rules}
        key:    tells apart what has other rules of its own
    """

    common: tuple[str, ...]
    own: Mapping[int, Sequence[Rule]]
    key: str = ""


def asked_of(inputs: Sequence[str], doc: Mapping[str, Any]) -> Asked:
    """Return what *inputs* of *doc* mean for each of its tasks.

    Raises:
        Malformed: a placeholder has no value that is known now.
    """
    if not any("{" in text for text in inputs):
        return Asked(tuple(inputs), {})
    array = _array(doc)
    known = {"task", *array.values} if array else set()
    _check(inputs, known, tasks=len(array.indexes) if array else 1)
    common = tuple(text for text in inputs if not holes(text) & known)
    rules = [rule_of(text) for text in inputs if holes(text) & known]
    if array is None or not rules:
        return Asked(common, {})
    own = {}
    for position, task in enumerate(array.indexes):
        facts = {name: held[position] for name, held in array.values.items()}
        facts["task"] = str(task)
        own[task] = [Rule(*(fill(part, facts) for part in rule)) for rule in rules]
    return Asked(common, own, repr(own))


def _array(doc: Mapping[str, Any]) -> Array | None:
    from rota.formats.native.many import array_of

    notes = Notes()
    found = check({key: doc[key] for key in doc if NAMES.get(key) in _MANY}, notes)
    array = None if notes.complaints else array_of(found, notes)
    if notes.complaints:
        raise Malformed(complaints=notes.complaints)
    return array


def _check(inputs: Sequence[str], known: set[str], *, tasks: int) -> None:
    wrong = []
    for text in inputs:
        named = holes(text)
        for name in sorted(named & _LATER):
            problem = f"{text}: {{{name}}} is not known yet when files are copied"
            wrong.append(Complaint("inputs", problem, "use {task} or a value of the array"))
        for name in sorted((named & {"task", "item"}) - known):
            remedy = "give items" if name == "item" else "give array, or items"
            problem = f"{text}: this job has no {{{name}}}"
            wrong.append(Complaint("inputs", problem, remedy))
        if named & known and tasks > trees.COUNT_MAX:
            problem = f"{text} has files for {tasks} tasks, at most {trees.COUNT_MAX} can"
            wrong.append(Complaint("inputs", problem, "name a folder that all may see"))
    if wrong:
        raise Malformed(complaints=wrong)

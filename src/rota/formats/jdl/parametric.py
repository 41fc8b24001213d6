"""Parametric jobs: one description, a job for each value.

Parameters = 3; ParameterStart = 1; ParameterStep = 1; ParameterFactor = 2;   %s: 1 3 7
Parameters.X = {"a", "b"};                                                  %(X)s: a b
%n is the number of the job, as wide as the last one's; %j the number it gets in the queue.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from rota.core.errors import Complaint, Malformed
from rota.formats.jdl.tokens import Statements, shown

JOBS_MAX = 10_000
_PART = re.compile(r"Parameter(s|Start|Step|Factor)(?:\.(.+))?")
_HOLE = re.compile(r"%(?:\(([^()]{1,200})\))?s|%n")
_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{0,15})?")
_USUAL = {"Start": 1, "Step": 0, "Factor": 1}


def expanded(said: Statements, *, where: str) -> Iterator[Statements]:
    """Yield the statements of each job; of one that is not parametric itself.

    Raises:
        Malformed: sequences of different length, too many jobs, a number that is none.
    """
    parts: dict[str, dict[str, tuple[Any, str]]] = {}
    for key, (value, place) in said.items():
        if found := _PART.fullmatch(key):
            parts.setdefault(found[2] or "", {})[found[1]] = (value, place)
    if not parts:
        yield said
        return
    vectors = _vectors(parts, where)
    count = len(next(iter(vectors.values())))
    rest = {key: held for key, held in said.items() if not _PART.fullmatch(key)}
    for number in range(count):
        facts = {name: values[number] for name, values in vectors.items()}
        yield _filled(rest, facts, number=str(number).zfill(len(str(count - 1))))


def _vectors(
    parts: Mapping[str, Mapping[str, tuple[Any, str]]], where: str
) -> dict[str, list[Any]]:
    """Return {name: its values}, all of the same length; "" is the one without a name."""
    unnamed, place = parts.get("", {}).get("s", (None, where))
    count = None if unnamed is None else _count(unnamed, place)
    vectors: dict[str, list[Any]] = {}
    for name, said in parts.items():
        value, place = said.get("s", (None, where))
        if isinstance(value, list):
            vectors[name] = value
        else:
            if count is None:
                raise _wrong("Parameters", "is missing: say how many jobs", where)
            vectors[name] = _sequence(said, count)
    lengths = {len(values) for values in vectors.values()}
    if len(lengths) > 1:
        told = ", ".join(f"{shown(n) or 'Parameters'} {len(v)}" for n, v in vectors.items())
        raise _wrong("Parameters", f"sequences are of different length: {told}", place)
    if not lengths or not 0 < (length := lengths.pop()) <= JOBS_MAX:
        raise _wrong("Parameters", f"there can be 1 to {JOBS_MAX} jobs", place)
    assert length, "an empty list was refused"
    return vectors


def _count(value: Any, place: str) -> int:
    if isinstance(value, list):
        return len(value)
    if not isinstance(value, str) or not re.fullmatch(r"\d{1,9}", value):
        raise _wrong("Parameters", f"{shown(str(value))!r} is no number, no list", place)
    if not 0 < int(value) <= JOBS_MAX:
        raise _wrong("Parameters", f"there can be 1 to {JOBS_MAX} jobs", place)
    return int(value)


def _sequence(said: Mapping[str, tuple[Any, str]], count: int) -> list[str]:
    numbers = {}
    for part, usual in _USUAL.items():
        value, place = said.get(part, (str(usual), ""))
        if not isinstance(value, str) or not _NUMBER.fullmatch(value):
            raise _wrong(f"Parameter{part}", f"{shown(str(value))!r} is no number", place)
        numbers[part] = float(value) if "." in value else int(value)
    values = [numbers["Start"]]
    while len(values) < count:
        values.append(values[-1] * numbers["Factor"] + numbers["Step"])
        if abs(values[-1]) > 10**300:
            raise _wrong("ParameterFactor", "the values grow beyond all bounds", place)
    return [str(value) for value in values]


def _filled(said: Statements, facts: Mapping[str, Any], *, number: str) -> Statements:
    """Return *said* with the values of one job filled in, and told."""

    def fill(value: Any) -> Any:
        if isinstance(value, list):
            return [fill(one) for one in value]
        if isinstance(value, dict):
            return {key: fill(one) for key, one in value.items()}
        whole = _HOLE.fullmatch(value)
        if whole and whole[0] != "%n" and isinstance(facts.get(whole[1] or ""), list):
            return facts[whole[1] or ""]
        return _HOLE.sub(text_of, value)

    def text_of(hole: re.Match[str]) -> str:
        if hole[0] == "%n":
            return number
        found = facts.get(hole[1] or "", hole[0])
        return ", ".join(map(str, found)) if isinstance(found, list) else str(found)

    filled = {key: (fill(value), place) for key, (value, place) in said.items()}
    for name, value in facts.items():
        filled[f"Parameter.{name}" if name else "Parameter"] = (value, "")
    filled["ParameterNumber"] = (number, "")
    return filled


def _wrong(key: str, problem: str, place: str) -> Malformed:
    return Malformed(complaints=[Complaint(key, problem, "", place)])

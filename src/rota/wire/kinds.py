"""What a value in a message must be: how to say it, and how to see it.

Kind("a whole number ≥ 0", test)     the tables of ``wire.agent`` are made of these
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

STAGES: tuple[str, ...] = ("staging_in", "executing", "staging_out")
PHASES: tuple[str, ...] = ("waiting", "running", "ended")


class Kind(NamedTuple):
    """One kind of value: ``says`` completes "must be …", ``holds`` sees whether it is."""

    says: str
    holds: Callable[[Any], bool]


def _whole(value: Any) -> bool:
    return type(value) is int and 0 <= value < 1 << 63


def _number(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value < 1e18


def _list_of(test: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: type(value) is list and all(test(item) for item in value)


def _attempt(value: Any) -> bool:
    return (
        type(value) is list
        and len(value) == 3
        and _whole(value[0])
        and _whole(value[1])
        and _whole(value[2])
        and value[2] > 0
    )


def or_none(kind: Kind) -> Kind:
    """Return the kind of a value that is *kind* or null."""
    return Kind(kind.says + " or null", lambda value: value is None or kind.holds(value))


WHOLE = Kind("a whole number ≥ 0", _whole)
NUMBER = Kind("a number ≥ 0", _number)
INTEGER = Kind("a whole number", lambda value: type(value) is int)
TEXT = Kind("a text", lambda value: type(value) is str)
WORD = Kind(
    "a text of 1 to 255 printable characters",
    lambda value: type(value) is str and 0 < len(value) < 256 and value.isprintable(),
)
FLAG = Kind("true or false", lambda value: type(value) is bool)
OBJECT = Kind("an object", lambda value: type(value) is dict)
IDS = Kind("a list of whole numbers", _list_of(_whole))
WORDS = Kind("a list of texts", _list_of(WORD.holds))
ATTEMPT = Kind("[job, task, attempt number ≥ 1]", _attempt)
ATTEMPTS = Kind("a list of [job, task, attempt number]", _list_of(_attempt))
TEXTS = Kind("a list of texts", _list_of(TEXT.holds))
TEXT_BY_NAME = Kind(
    "an object of texts",
    lambda value: type(value) is dict and all(type(v) is str for v in value.values()),
)
AMOUNTS = Kind(
    "an object of whole numbers",
    lambda value: type(value) is dict and all(_whole(v) for v in value.values()),
)
STREAM = Kind(
    "stdout, stderr, stages, files or file:NAME",
    lambda value: (
        value in ("stdout", "stderr", "stages", "files")
        or (type(value) is str and value.startswith("file:") and len(value) < 4096)
    ),
)
STAGE = Kind("staging_in, executing or staging_out", lambda value: value in STAGES)
REASON = Kind(
    "{code, text}",
    lambda value: (
        type(value) is dict
        and WORD.holds(value.get("code"))
        and type(value.get("text")) is str
    ),
)
HOLDS = Kind(
    "a list of [job, task, n, waiting|running|ended, started_at|null]",
    _list_of(
        lambda row: (
            type(row) is list
            and len(row) == 5
            and _attempt(row[:3])
            and row[3] in PHASES
            and (row[4] is None or _whole(row[4]))
        )
    ),
)
TASKS = Kind(
    "a list of [index, attempt number, values|null]",
    _list_of(
        lambda row: (
            type(row) is list
            and len(row) == 3
            and _whole(row[0])
            and _whole(row[1])
            and (row[2] is None or type(row[2]) is dict)
        )
    ),
)
PLACES = Kind(
    "a list of [host, [cores], [gpus]]",
    _list_of(
        lambda row: (
            type(row) is list
            and len(row) == 3
            and WORD.holds(row[0])
            and IDS.holds(row[1])
            and IDS.holds(row[2])
        )
    ),
)
SAMPLES = Kind(
    "a list of [job, task, n, at, cpu_ms, rss, read, written, procs]",
    _list_of(lambda row: type(row) is list and len(row) == 9 and all(map(_whole, row))),
)

"""The forms and kinds that rows of the table share.

Every pattern is valid in Python and in JSON Schema (ECMA 262) and means the same in both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rota.core import units
from rota.core.fields.groups import Either, ListOf, MapOf, OneByOne, Record, Told
from rota.core.fields.kinds import (
    Choice,
    Duration,
    Flag,
    Note,
    Number,
    Scalar,
    Size,
    Text,
    Whole,
    Word,
)
from rota.core.notify import ON

WORD_MAX = 131_071
"""Characters of one word of a command line: the kernel's MAX_ARG_STRLEN less its NUL."""

SCRIPT_MAX = 4_194_304
NAME_MAX = 200
ITEMS_MAX = 1_000_000
CORES_MAX = 1_000_000
AMOUNT_MAX = 10**15
TRIES_MAX = 1000
PRIORITY_MIN, PRIORITY_MAX = -1000, 1000
PRIORITY_WORDS: Mapping[str, int] = {"low": -500, "med": 0, "high": 500, "block": 1000}

SHELL_TEXT = Text(longest=WORD_MAX)
PATH = Text(longest=4096, never=Text.LINE, shape="a path")
FILE_RULES = ListOf(
    Text(longest=4096, never=Text.LINE, shape="a file or pattern"), most=1000
)
LINE = Text(longest=NAME_MAX, never=Text.LINE)
WORD = Word(r"[A-Za-z0-9_][A-Za-z0-9_.+@-]{0,63}", says="a word such as gpu-a100")
WORDS = ListOf(WORD, most=100)
PERSON = Word(
    r"\*|[A-Za-z0-9_][A-Za-z0-9_.+@-]{0,63}", says='a name, or "*" for each', shape="a name"
)
PEOPLE = ListOf(PERSON, most=100)
NOTIFY = Told(
    Word(
        r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}(?:@[A-Za-z0-9][A-Za-z0-9.-]{0,252})?",
        says="an address such as ann@example.org, or the name of a channel",
        shape="an address or a channel",
    ),
    Choice(*ON), usual="end", most=50,
)  # fmt: skip
LABELS = ListOf(
    Word(
        r"[A-Za-z0-9_][A-Za-z0-9_.:+/=-]{0,63}",
        says="a label such as gen4",
        shape="a label",
    ),
    most=100,
)
REQUIRE = ListOf(
    Word(
        r"[A-Za-z0-9_.:+/=!&|() -]{1,500}",
        says="a label, or several such as gpu & (gen4 | gen5) & !slow",
        shape="labels",
    ),
    most=100,
)
TREE = Word(
    r"[0-9a-f]{64}", says="the digest of a stored tree, 64 digits 0-9 a-f",
    shape="a digest",
)  # fmt: skip
SHELL = Word(
    rf"/[^{Text.LINE}]{{1,4000}}", says="the whole path of a shell such as /bin/bash",
    shape="a path",
)  # fmt: skip
TERMINAL = Word(
    r"[1-9][0-9]{0,3}x[1-9][0-9]{0,3}", says="rows and columns such as 24x80",
    shape="a size",
)  # fmt: skip
IMAGE = Word(
    r"[A-Za-z0-9_./][A-Za-z0-9_.:/@+~-]{0,999}",
    says="an image such as ubuntu:24.04 or /images/model.sif", shape="an image",
)  # fmt: skip
CORES = Whole(1, CORES_MAX)
ARGV = ListOf(Scalar(longest=WORD_MAX), most=100_000, single=False)

RESOURCE = Word(
    r"[A-Za-z_][A-Za-z0-9_.-]{0,63}", says="a name such as scratch_gb", shape="a name"
)
AMOUNTS = MapOf(RESOURCE, Whole(1, AMOUNT_MAX), most=100)
TOKENS = MapOf(
    RESOURCE,
    Either(
        number=Whole(1, AMOUNT_MAX),
        text=Word(
            r"[0-9a-z_.+*/%(), -]{1,200}",
            says="an amount such as 12, or a formula such as int(5*n**0.422)",
            shape="a formula",
        ),
    ),
    most=100,
)

VARIABLE = Word(
    rf"(?!ROTA_)[^={Text.LINE}]{{1,1000}}",
    says="the name of a variable that a job may set (ROTA_… are set by Rota)",
    shape="a name",
)
VARIABLES = OneByOne(VARIABLE, Scalar(longest=WORD_MAX), most=10_000)
POLICY = Either(
    text=Choice("none", "all"), list=ListOf(VARIABLE, most=10_000, single=False)
)

ORIGIN = MapOf(
    Word(r"[a-z][a-z0-9_]{0,31}", says="a word such as system", shape="a name"),
    Text(longest=WORD_MAX),
    most=50,
)

ITEMS = ListOf(Scalar(longest=WORD_MAX, least=1), most=ITEMS_MAX, single=False)
VECTOR = Word(
    r"(?!(?:job|task|attempt|name|item)$)[A-Za-z_][A-Za-z0-9_]{0,63}",
    says="a name such as temperature (job, task, attempt, name and item are taken)",
    shape="a name",
)
STEPS = Record(
    ("start",), start=Number(), step=Number(), factor=Number(), count=Whole(1, ITEMS_MAX)
)
VECTORS = OneByOne(VECTOR, Either(list=ITEMS, mapping=STEPS), most=100)

_INDEXES = r"[0-9]{1,10}(?:-[0-9]{1,10}(?::[0-9]{1,10})?)?"
ARRAY = Word(
    rf"(?=.)(?:{_INDEXES}(?:, ?{_INDEXES})*)?(?:%[1-9][0-9]{{0,8}})?",
    says="indexes such as 0-999, 1,3,5-9 or 0-30:2, with %20 for at most 20 at a time",
    shape="indexes",
)

_JOB = rf"[1-9][0-9]{{0,17}}|[^0-9:,\[\]{Text.LINE} ][^:,\[\]{Text.LINE}]{{0,199}}"
_AFTER = rf"(?:(?:ok|any|notok|start):)?(?:{_JOB})(?:\[(?:\*|[0-9]{{1,10}})\])?"
AFTER = ListOf(
    Either(
        text=Word(
            rf"{_AFTER}(?:, ?{_AFTER})*",
            says="a dependency such as ok:12, any:12, notok:12, start:12, ok:12[*], 12[7]",
            shape="a dependency",
        ),
        number=Whole(1, 10**18 - 1),
    ),
    most=100_000,
)

_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?"
BEGIN = Word(
    rf"none|now(?: ?\+ ?(?:{units.DURATION_FORM}))?"
    rf"|{_DATE}(?:[T ]{_CLOCK}(?: ?Z|[+-][0-9]{{2}}:?[0-9]{{2}})?)?",
    says="a time such as 2026-05-01T18:00+02:00, 2026-05-01T16:00Z or now+2h",
    shape="a time",
)

_CRON = r"[0-9A-Za-z*,/#-]+"
EVERY = Word(
    rf"(?:{units.DURATION_FORM})|{_CRON}(?: {_CRON}){{4}} [A-Z][A-Za-z0-9_+/-]{{1,60}}",
    says="a time such as 6h, or minute hour day month weekday and a zone such as"
    " 0 3 * * * Europe/Berlin",
    shape="a cron line",
)

CAUSES = (
    "any", "exit_code", "signal", "oom", "time_limit", "stalled", "output_limit",
    "disk_limit", "pattern", "not_found", "not_executable",
    "cwd", "output", "disk", "spawn", "stage_in", "stage_out", "expect",
)  # fmt: skip
"""What retries can be given for: reasons a task fails for, and "any" for the rest."""

CAUSES_AKIN: Mapping[str, str] = {"time": "time_limit", "memory": "oom"}
"""Other names of causes that are accepted."""

FACTOR = Word(
    r"x(?:[1-9]|[1-9][0-9]|100)(?:\.[0-9]{1,2})?",
    says="a factor from 1 to 100 such as x2 or x1.5",
    shape="a factor",
)
REMEDY = Record(
    ("times",),
    times=Whole(0, TRIES_MAX),
    memory=FACTOR,
    cap=Size(),
    time=FACTOR,
    time_cap=Duration(),
    elsewhere=Flag(),
    delay=Duration(zero=True),
)
_CAUSE = Word(
    "|".join((*CAUSES, *CAUSES_AKIN)),
    says=f"a cause: {', '.join(CAUSES)}",
    shape="a cause",
)
RETRIES = Either(
    number=Whole(0, TRIES_MAX),
    mapping=MapOf(
        _CAUSE,
        Either(number=Whole(0, TRIES_MAX), mapping=REMEDY),
        most=len(CAUSES),
    ),
)

_SIGNALS = ("TERM", "INT", "HUP", "QUIT", "USR1", "USR2", "CONT", "WINCH")
SIGNAL = Choice(*_SIGNALS, **{f"SIG{name}": name for name in _SIGNALS})


CHECKPOINT = Record((), signal=SIGNAL, wait=Duration())


class _Priority(Either):
    """A number, or a word that stands for one."""

    def read(self, value: Any, note: Note) -> Any:
        found = super().read(value, note)
        return PRIORITY_WORDS.get(found, found) if type(found) is str else found


PRIORITY = _Priority(number=Whole(PRIORITY_MIN, PRIORITY_MAX), text=Choice(*PRIORITY_WORDS))


class _OrNone(Either):
    """A value, or the word none."""

    def read(self, value: Any, note: Note) -> Any:
        found = super().read(value, note)
        return None if found == "none" else found


GLOBS = ListOf(
    Word(
        rf"(?![/~])(?!(?:.*/)?\.\.(?:/|$))[^{Text.LINE}]{{1,1000}}",
        says="a glob below the job's folder such as *.sta or log/*.txt",
        shape="a glob",
    ),
    most=100,
)
PATTERNS = ListOf(
    Text(longest=1000, never=Text.LINE, shape="a regular expression"), most=100
)
CODES = ListOf(Whole(0, 255), most=256)
FAILS = _OrNone(number=Whole(1, ITEMS_MAX * 10), text=Choice("none"))

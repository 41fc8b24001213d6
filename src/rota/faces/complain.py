"""An error on its way out: sentences on stderr, JSON on stdout when asked for, a code.

rota: no server at unix:/home/ada/.local/state/rota/rota.sock: there is no such socket;
start one with: rota up
"""

from __future__ import annotations

from collections.abc import Sequence

from rota.core.errors import Complaint, RotaError
from rota.faces.terminal import clean, paint, say, show_json


def complain(error: Exception, words: Sequence[str]) -> int | None:
    """Print *error*; return the exit code, or None when it is none of ours: a bug."""
    if isinstance(error, UnicodeEncodeError):
        say("rota: your terminal cannot show this; set LC_ALL=C.UTF-8 or PYTHONUTF8=1")
        return RotaError.exit_code
    if not isinstance(error, RotaError):
        return None
    if wants_json(words):
        show_json("error", error.to_dict())
    for line in sentences(error):
        say(f"{paint('rota:', 'red', to_stderr=True)} {line}")
    return error.exit_code


def sentences(error: RotaError) -> list[str]:
    """Return what *error* says, a line for each thing that is wrong."""
    told = [clean(line) for line in error.sentence.splitlines()]
    rows = [clean(str(_once(complaint))) for complaint in error.complaints]
    if not rows:
        return told or [error.kind]
    # A Malformed without a sentence of its own has its complaints as the sentence.
    is_same = error.sentence == "\n".join(str(c) for c in error.complaints)
    return rows if is_same else [*told, *_below(rows)]


def _once(complaint: Complaint) -> Complaint:
    """Return *complaint* without its field, where that is the option it was given by."""
    option = "--" + complaint.field.replace("_", "-")
    return complaint._replace(field="") if complaint.where == option else complaint


def _below(rows: list[str]) -> list[str]:
    return ["  " + row for row in rows]


def wants_json(words: Sequence[str]) -> bool:
    """Whether ``--json`` was asked for, as far as one can tell when parsing failed."""
    ours = list(words)
    if "--" in ours:
        ours = ours[: ours.index("--")]
    return "--json" in ours

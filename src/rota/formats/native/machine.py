"""What only the submitting machine knows is filled in: files, folder, variables, zone.

    lines: cases.txt   →  items: […]             script: ./run.sh  →  its text, #ROTA lines
    cwd: here, data    →  /home/me, /home/me/data
    env_policy: all    →  env: {…}               begin: 2026-05-01 →  2026-04-30T22:00:00Z

Pure: the files are read, and the rest is told, by the caller.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from rota.core.errors import Complaint, Malformed
from rota.core.fields import FIELDS, Notes
from rota.core.fields.telling import plain
from rota.formats.native.document import Document
from rota.formats.native.layers import BUILT_IN, instant, merge
from rota.formats.native.lines import read_script

if TYPE_CHECKING:
    from datetime import datetime


class Machine(NamedTuple):
    """The submitting machine, as far as documents want to know it.

    Shapes:
        read:      path → the file's text; raises OSError or UnicodeDecodeError
        absolute:  path → the whole path, seen from the folder submitted from
        environ:   its environment variables
        offset_ms: a time without zone → how far east of UTC its clocks are then
    """

    read: Callable[[str], str]
    absolute: Callable[[str], str]
    environ: Mapping[str, str]
    offset_ms: Callable[[datetime], int]


def with_script(document: Document, *, read: Callable[[str], str]) -> Document:
    """Return *document* with the script it names by path read in, ``#ROTA`` lines too.

    Those lines have precedence over the document; so do this before options are merged.

    Raises:
        Malformed: the file cannot be read, or its lines are wrong.
    """
    path = document.data.get("script")
    if type(path) is not str or path.startswith("#!") or "\n" in path:
        return document
    text = _read("script", document, read)
    script = read_script(text, where=path)
    return Document(
        *merge([(document.sources, document.data), (script.sources, script.data)])
    )


def expand(document: Document, machine: Machine, *, env_policy: str = "all") -> Document:
    """Return *document* complete: no other file, folder or variable need be known.

    Args:
        env_policy: what holds when the document does not say.

    Raises:
        Malformed: a file cannot be read, or a time does not exist.
    """
    data, sources = merge([(document.sources, document.data)])
    complete = Document(data, sources)
    _lines(complete, machine)
    _cwd(complete, machine)
    _env(complete, machine, env_policy)
    for key in ("begin", "deadline"):
        _moment(key, complete, machine)
    return complete


def _lines(document: Document, machine: Machine) -> None:
    data, sources = document
    if type(data.get("lines")) is not str or "items" in data:
        return
    text = _read("lines", document, machine.read)
    items = [line for line in text.splitlines() if line.strip()]
    if not items:
        problem = f"{plain(data['lines'])} has no lines in it"
        raise Malformed(
            complaints=[Complaint("lines", problem, "", sources.get("lines", ""))]
        )
    del data["lines"]
    data["items"] = items
    sources["items"] = sources.pop("lines", "")


def _cwd(document: Document, machine: Machine) -> None:
    data, sources = document
    has_files = any(key in data for key in ("inputs", "freeze", "tree"))
    cwd = data.setdefault("cwd", "fresh" if has_files else "here")
    sources.setdefault("cwd", BUILT_IN)
    if type(cwd) is str and cwd and cwd != "fresh":
        data["cwd"] = machine.absolute("." if cwd == "here" else cwd)


def _env(document: Document, machine: Machine, default: str) -> None:
    data, sources = document
    policy = data.get("env_policy", default)
    if not _is_fine("env_policy", policy):
        return  # it is the table's to complain about
    data.pop("env_policy", None)
    where = sources.pop("env_policy", BUILT_IN)
    if policy == "none":
        return
    wanted = machine.environ if policy == "all" else policy
    # What no program could set for a job is no reason to refuse it: exported functions
    # with line breaks in their names, values that are not text.
    passed = {
        name: machine.environ[name]
        for name in wanted
        if name in machine.environ and _is_fine("env", {name: machine.environ[name]})
    }
    own = data.get("env", {})
    if isinstance(own, dict):
        data["env"] = {**passed, **own}
        sources.setdefault("env", f"env_policy ({where})")


def _moment(key: str, document: Document, machine: Machine) -> None:
    """Say the zone of a begin time or a deadline that names none: this machine's."""
    said = document.data.get(key)
    if type(said) is not str or not _is_fine(key, said):
        return  # it is the table's to complain about
    if said == "none" or said.startswith("now"):
        return
    from rota.formats.native.when import parse_begin, parse_moment

    try:
        moment = parse_moment(said)
        if moment.tzinfo is None:
            offset_ms = machine.offset_ms(moment)
            at = parse_begin(said, at=None, utc_offset_ms=offset_ms)
            document.data[key] = instant(at or 0)
    except (ValueError, OverflowError) as error:
        where = document.sources.get(key, "")
        raise Malformed(complaints=[Complaint(key, str(error), "", where)]) from None


def _read(key: str, document: Document, read: Callable[[str], str]) -> str:
    path = document.data[key]
    try:
        return read(path)
    except OSError as error:
        problem = f"cannot read {plain(path)}: {error.strerror or error}"
    except (UnicodeDecodeError, ValueError):
        problem = f"{plain(path)} is not text in UTF-8"
    where = document.sources.get(key, "")
    raise Malformed(complaints=[Complaint(key, problem, "", where)])


def _is_fine(key: str, value: Any) -> bool:
    notes = Notes()
    notes.key = key
    FIELDS[key].kind.read(value, notes)
    return not notes.complaints

"""What was asked for, gathered into documents that any server understands.

files ─parse_file→ documents ─with_script→ … ─merge options→ … ─expand→ Batch
                                                                 folder, variables,
                                                                 files, zone filled in
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from rota.core.errors import Complaint, Malformed
from rota.formats.native import (
    Document,
    Machine,
    expand,
    kind_of,
    merge,
    parse_file,
    read_options,
    with_script,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

FILE_MAX = 256 << 20
_NAME_MAX = 200


class Batch(NamedTuple):
    """Jobs that are handed in together.

    Shapes:
        docs:     complete documents
        sources:  for each {key: where it was said}
        defaults: what all of them share and do not say themselves
        key:      of the whole submission, when one was given for several jobs
    """

    docs: list[dict[str, Any]]
    sources: list[dict[str, str]]
    defaults: dict[str, Any]
    key: str | None


def gather(
    files: Sequence[str], *, given: Sequence[tuple[str, str | None]], rest: list[str] | None
) -> Batch:
    """Return the jobs that *files*, options *given* and the command *rest* ask for.

    Raises:
        Malformed: with everything that is wrong.
    """
    chosen = read_options(given)
    if files and rest is not None:
        raise Malformed("give files or a command after --, not both")
    if files and "command" in chosen.data:
        raise Malformed("give files or -c TEXT, not both")
    documents = _named(files) if files else [_command(chosen, rest)]
    key = chosen.data.pop("key", None) if len(documents) > 1 else None
    merged = [
        Document(*merge([(d.sources, d.data), (chosen.sources, chosen.data)]))
        for d in documents
    ]
    return _complete(merged, key=key)


def machine() -> Machine:
    """Return what documents may want to know of this machine."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith("ROTA_")}
    return Machine(read=read_text, absolute=_absolute, environ=environ, offset_ms=_offset)


def read_text(path: str) -> str:
    """Return the text of the file at *path*; "-" is standard input.

    Raises:
        OSError, UnicodeDecodeError: it cannot be read, or is no text.
    """
    if path == "-":
        return sys.stdin.buffer.read(FILE_MAX).decode("utf-8")
    with open(os.path.expanduser(path), "rb") as file:
        return file.read(FILE_MAX).decode("utf-8")


def located(error: Malformed, batch: Batch) -> Malformed:
    """Return *error* of the server with the place where each wrong value was given."""
    complaints = [_located(complaint, batch) for complaint in error.complaints]
    return Malformed("", complaints) if complaints else error


def _named(files: Sequence[str]) -> list[Document]:
    documents: list[Document] = []
    wrong: list[Complaint] = []
    for path in files:
        where = "standard input" if path == "-" else path
        try:
            text = read_text(path)
            found = parse_file(text, kind_of(path, text), where=where)
            documents += [with_script(d, read=read_text) for d in found]
            _name_script(documents, path)
        except Malformed as error:
            wrong += error.complaints or [Complaint("", error.sentence, "", where)]
        except UnicodeDecodeError:
            wrong.append(Complaint("", "is not text in UTF-8", "", where))
        except OSError as error:
            wrong.append(_unreadable(error, path, is_first=path == files[0]))
    if wrong:
        raise Malformed(complaints=wrong)
    return documents


def _name_script(documents: list[Document], path: str) -> None:
    """Call a script after its file, if it does not say itself what it is called."""
    last = documents[-1]
    name = os.path.basename(path)
    is_script = last.sources.get("script") == path
    if (
        is_script
        and "name" not in last.data
        and name.isprintable()
        and len(name) <= _NAME_MAX
    ):
        last.data["name"] = name
        last.sources["name"] = "its file"


def _unreadable(error: OSError, path: str, *, is_first: bool) -> Complaint:
    remedy = ""
    if isinstance(error, FileNotFoundError) and is_first:
        remedy = f"to run a command, write: rota submit -- {path} …"
    return Complaint("", f"cannot be read: {error.strerror}", remedy, path)


def _command(chosen: Document, rest: list[str] | None) -> Document:
    if rest:
        if "command" in chosen.data:
            raise Malformed("give a command after -- or -c TEXT, not both")
        return Document({"argv": rest}, {"argv": "after --"})
    if "command" not in chosen.data:
        raise Malformed(
            "nothing to run: give a command after --, shell text with -c, or a file; "
            "for example: rota submit -- hostname"
        )
    return Document({}, {})


def _complete(documents: Sequence[Document], *, key: str | None) -> Batch:
    here = machine()
    defaults: dict[str, Any] = {}
    if len(documents) > 1 and not any("env_policy" in d.data for d in documents):
        # The same variables for ten thousand jobs are looked at, and sent, once.
        defaults["env"] = expand(Document({}, {}), here).data.get("env", {})
        here = here._replace(environ={})
    found = [expand(document, here) for document in documents]
    if defaults:
        for document in found:
            if document.data.get("env") == {}:
                del document.data["env"]
    return Batch([d.data for d in found], [d.sources for d in found], defaults, key)


def _absolute(path: str) -> str:
    return os.path.abspath(os.path.expanduser(path))


def _offset(moment: datetime) -> int:
    offset = moment.astimezone().utcoffset()
    return int(offset.total_seconds() * 1000) if offset else 0


def _located(complaint: Complaint, batch: Batch) -> Complaint:
    field, position = complaint.field, 0
    if field.startswith("jobs[") and "]." in field:
        number, _, field = field[5:].partition("].")
        position = int(number) if number.isdigit() else 0
    if complaint.where or position >= len(batch.sources):
        return complaint
    key = field.partition(".")[0].partition("[")[0]
    where = batch.sources[position].get(key, "")
    return complaint._replace(field=field, where=where) if where else complaint

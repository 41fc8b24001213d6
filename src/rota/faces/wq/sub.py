"""``wq sub``: a job file or a command; in the foreground it ends when this ends.

wq sub FILE, -c COMMAND    its output here, its exit code ours; Ctrl-C, a closed
                           terminal, kill -9 of this: the job ends, too
wq sub -b FILE…            handed in and left alone; output in FILE.wqlog
"""

from __future__ import annotations

import os

from rota.core.getopt import BadOption
from rota.faces.foreign import tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from rota.faces.foreign import Site
    from rota.formats.reading import Reading

    Fields = dict[str, tuple[Any, str]]

RC = "~/.wqrc"
_VALUES = {"-r": "require", "--require": "require", "-c": "command", "--command": "command"}


class Asked:
    """What ``rota run`` would have been asked: which server, and to be quiet."""

    def __init__(self, site: Site) -> None:
        self.server, self.home = site.server, site.home
        self.json, self.quiet = False, True


def sub(words: list[str], site: Site) -> int:
    """Hand in jobs."""
    from rota.formats.wq import from_line

    try:
        said, files, batch = scan(words)
    except BadOption as error:
        tell(f"wq sub: {error}")
        return 2
    above = from_line(said["require"], where="-r") if "require" in said else {}
    if batch and files:
        return _batch(files, above, site)
    if "command" in said:
        fields: Fields = {"command": (said["command"], "-c"), **above}
        return _foreground(fields, "-c", site)
    if len(files) != 1:
        tell("usage: wq sub [-r REQ] (-b FILE… | -c COMMAND | FILE)")
        return 2
    return _foreground({**_file(files[0]), **above}, files[0], site)


def scan(words: list[str]) -> tuple[dict[str, str], list[str], bool]:
    """Return (options with values, files, whether -b was given).

    Raises:
        BadOption: there is no such option, or its value is missing.
    """
    said: dict[str, str] = {}
    files: list[str] = []
    batch = False
    left = list(words)
    while left:
        word = left.pop(0)
        name, equals, value = word.partition("=")
        if word in ("-b", "--batch"):
            batch = True
        elif name in _VALUES and equals and name.startswith("--"):
            said[_VALUES[name]] = value
        elif word in _VALUES:
            if not left:
                raise BadOption(f"{word} needs a value")
            said[_VALUES[word]] = left.pop(0)
        elif word[:2] in ("-r", "-c") and len(word) > 2:
            said[_VALUES[word[:2]]] = word[2:]
        elif word.startswith("-") and word != "-":
            raise BadOption(f"no such option: {word}")
        else:
            files.append(word)
    return said, files, batch


def _file(path: str) -> Fields:
    from rota.core.errors import Malformed
    from rota.faces.gather import read_text
    from rota.formats.wq import from_file

    try:
        return from_file(read_text(path), where=path)
    except OSError as error:
        raise Malformed(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Malformed(f"{path} is not text in UTF-8") from None


def _read(fields: Fields, where: str) -> Reading:
    from rota.formats.wq import job_of

    reading = job_of(fields, where=where)
    for place, what, fate in reading.notices:
        tell(f"wq: {place}: {what}: {fate}")
    return reading


def _foreground(fields: Fields, where: str, site: Site) -> int:
    from rota.faces.run import watch

    reading = _read(fields, where)
    # The line that the job lives by is opened first thing in watch; the mark ends the
    # job if this is killed before it is.
    reading.doc["origin"]["bound"] = "1"
    job = _hand_in([reading], site)[0]
    view = site.client.job(job)
    print(fields["command"][0].rstrip("\n"), flush=True)
    if view.state in ("queued", "held"):
        tell(f"waiting: {view.reason or 'it is next'}")
    tell(f"job: {job}")
    return watch(site.client, Asked(site), job=job, bound=True)


def _batch(files: list[str], above: Fields, site: Site) -> int:
    readings = []
    for path in files:
        reading = _read({**_file(path), **above}, path)
        log = os.path.abspath(f"{path}.wqlog")
        reading.doc.update(output=log, error=log, output_mode="truncate")
        readings.append(reading)
    jobs = _hand_in(readings, site)
    for path, job in zip(files, jobs, strict=True):
        tell(f"submitting {path}")
        print(job)
    return 0


def _hand_in(readings: list[Reading], site: Site) -> list[int]:
    """Submit all of *readings* or none; return their numbers."""
    from rota.core.errors import Malformed
    from rota.faces.gather import Batch, located, machine
    from rota.formats.native import Document, expand

    precmd = _precmd()
    here = machine()
    documents = []
    for reading in readings:
        if precmd:
            setup = reading.doc.get("setup")
            reading.doc["setup"] = f"{precmd}\n{setup}" if setup else precmd
        documents.append(expand(Document(reading.doc, reading.sources), here))
    batch = Batch([d.data for d in documents], [d.sources for d in documents], {}, None)
    try:
        return [job.id for job in site.client.submit(*batch.docs)]
    except Malformed as error:
        raise located(error, batch) from None


def _precmd() -> str:
    """Return what ``~/.wqrc`` wants put before every command."""
    path = os.path.expanduser(RC)
    if not os.path.exists(path):
        return ""
    value, where = _file(path).get("precmd", ("", ""))
    if not isinstance(value, str):
        from rota.core.errors import Complaint, Malformed

        raise Malformed(complaints=[Complaint("precmd", "must be text", "", where)])
    return value.strip()

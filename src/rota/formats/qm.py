"""Info files of QM's job folders, and QMserv.cfg: text → keys of a job file.

    [QMOptions]                 <PARAMETER>                        #!/bin/sh
    nb_proc : 4                   <nb_proc value="4"/>             #QM nb_proc : 4
    script : python fit.py        <script value="python fit.py"/>  python fit.py
    </PARAMETER>

Values are read raw: a % is a %.  Other sections and elements are the job's own.  XML may
have no document type, so neither entities that explode nor any from elsewhere.
"""

from __future__ import annotations

import re
from configparser import Error, RawConfigParser
from xml.parsers import expat

from rota.core.errors import Complaint, Malformed
from rota.core.fields.check import Notes, check
from rota.core.fields.telling import plain, quoted, suggest
from rota.core.notify import ADDRESS
from rota.core.template import holes
from rota.formats.reading import Reading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Options = dict[str, tuple[str, str]]

SECTION = "QMOptions"
KEYS = ("script", "nb_proc", "e_mail", "info", "priority", "size")
JOB_FILE = "proc_config.cfg"
CORES_MAX = 1_000_000
_LINE = re.compile(r"#QM[ \t]+([^:=]+?)[ \t]*[:=][ \t]*(.*?)[ \t]*")
_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+@-]{0,63}")
_YES = {"true": True, "yes": True, "on": True, "1": True,
        "false": False, "no": False, "off": False, "0": False}  # fmt: skip


class Settings:
    """What QMserv.cfg says that has a meaning here.

    Shapes:
        most:        cores that one job gets at most; None: no such rule
        is_blocking: one job at a time
        job_file:    what info files are called
        mails:       the owner of a job is told of its end
    """

    def __init__(self) -> None:
        self.most: int | None = None
        self.is_blocking = False
        self.job_file = JOB_FILE
        self.mails = False


def read(
    text: str, *, where: str = JOB_FILE, most: int | None = None, mails: bool = False
) -> Reading:
    """Return the job of an info file, or of a script with ``#QM`` lines.

    Args:
        most:  cores that a job gets at most
        mails: its owner is told of its end

    Raises:
        Malformed: its complaints name place and key.
    """
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith("#!"):
        options = from_script(text, where=where)
        options["script"] = (text, where)
    elif start.startswith("<"):
        options = from_xml(text, where=where)
    else:
        options = from_cfg(text, where=where)
    reading = job_of(options, where=where, most=most)
    owner, place = options.get("e_mail", ("", ""))
    if mails and ADDRESS.fullmatch(owner):
        reading.say("notify", {owner: ["end"]}, place)
    if start.startswith("#!") and "command" in reading.doc:
        reading.doc["script"] = reading.doc.pop("command")
    return reading


def is_info(text: str) -> bool:
    """Return whether *text* looks like an info file or a script of QM's."""
    if text.startswith("#!"):
        return any(_LINE.fullmatch(line) for line in text.splitlines())
    return f"[{SECTION}]" in text or re.search(r"<script\s+value\s*=", text) is not None


def from_cfg(text: str, *, where: str) -> Options:
    """Return the options of the section ``[QMOptions]``, each with its place.

    Raises:
        Malformed: it is no such file.
    """
    parser = _parsed(text, where)
    section = next((s for s in parser.sections() if s.lower() == SECTION.lower()), None)
    if section is None:
        raise _wrong("", f"has no section [{SECTION}]", f"begin it with [{SECTION}]", where)
    lines = _lines(text, section)
    return {
        _spelt(key): (value or "", f"{where}:{lines.get(key, 1)}:1")
        for key, value in parser.items(section)
    }


def from_xml(text: str, *, where: str) -> Options:
    """Return {element: (its value, place)} of the elements that QM knows.

    Raises:
        Malformed: it is no XML, or has a document type.
    """
    found: Options = {}
    parser = expat.ParserCreate("utf-8")

    def place() -> str:
        return f"{where}:{parser.CurrentLineNumber}:{parser.CurrentColumnNumber + 1}"

    def refuse(*_: object) -> None:
        remedy = "leave <!DOCTYPE …> out"
        raise _wrong("", "has a document type, which is not read", remedy, place())

    def start(name: str, attributes: dict[str, str]) -> None:
        if _spelt(name) in KEYS and "value" in attributes:
            found[_spelt(name)] = (attributes["value"], place())

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = start
    try:
        parser.Parse(text.encode("utf-8", "surrogatepass"), True)
    except expat.ExpatError as error:
        at = f"{where}:{error.lineno}:{error.offset + 1}"
        raise _wrong("", f"is not XML: {expat.ErrorString(error.code)}", "", at) from None
    return found


def from_script(text: str, *, where: str) -> Options:
    """Return the options of the ``#QM`` lines of a script."""
    found: Options = {}
    for number, line in enumerate(text.splitlines(), 1):
        match = _LINE.fullmatch(line)
        if match:
            place = f"{where}:{number}:{match.start(1) + 1}"
            found[_spelt(match[1])] = (match[2], place)
    return found


def job_of(options: Options, *, where: str, most: int | None = None) -> Reading:
    """Return the job that *options* say.

    Raises:
        Malformed: its complaints name place and key.
    """
    reading = Reading()
    script, place = options.get("script", ("", where))
    if not script.strip():
        raise _wrong("script", "is missing", "say what runs: script : ./fit.sh", place)
    if holes(script) & {"job", "task", "attempt", "name", "node", "user"}:
        reading.say("script", f"#!/bin/sh\n{script}", place)
    else:
        reading.say("command", script, place)
    count = _cores(options, reading, most)
    reading.doc.update(cores=count, env={"NB_PROC": str(count)}, restartable=False)
    reading.sources["cores"] = options.get("nb_proc", ("", where))[1]
    if options.get("info", ("", ""))[0]:
        reading.say("info", *options["info"])
    _owner(options, reading)
    _priority(options, reading)
    for key, (_, at) in options.items():
        if key not in KEYS:
            near = suggest(key, KEYS)
            fate = "QM has no such option" + (f"; {near}" if near else "")
            reading.note(at, plain(key), fate)
    notes = Notes(reading.sources)
    check(reading.doc, notes)
    theirs = {"command": "script", "cores": "nb_proc", "tags": "e_mail"}
    wrong = [c._replace(field=theirs.get(c.field, c.field)) for c in notes.complaints]
    if wrong:
        raise Malformed(complaints=wrong)
    return reading


def read_settings(text: str, *, where: str) -> Settings:
    """Return what QMserv.cfg says.

    Raises:
        Malformed: its complaint names line and key.
    """
    found = Settings()
    parser = _parsed(text, where)
    if not parser.has_section("QMServer"):
        return found
    said = dict(parser.items("QMServer"))
    lines = _lines(text, "QMServer")

    def at(key: str) -> str:
        return f"{where}:{lines.get(key, 1)}:1"

    if "maxnbprocessors" in said:
        found.most = _whole(
            said["maxnbprocessors"], "MaxNbProcessors", at("maxnbprocessors")
        )
    kind = (said.get("launch_type") or "blocking").strip().lower()
    if kind not in ("blocking", "non-blocking"):
        problem = f"{quoted(kind)} is neither blocking nor non-blocking"
        raise _wrong("launch_type", problem, "", at("launch_type"))
    found.is_blocking = kind == "blocking"
    name = (said.get("job_file") or JOB_FILE).strip()
    if "/" in name or name in ("", ".", ".."):
        problem = f"{quoted(name)} is no name of a file"
        raise _wrong("job_file", problem, f"job_file = {JOB_FILE}", at("job_file"))
    found.job_file = name
    found.mails = _YES.get((said.get("mailactive") or "").strip().lower(), False)
    return found


def _cores(options: Options, reading: Reading, most: int | None) -> int:
    text, place = options.get("nb_proc", ("1", ""))
    count = _whole(text, "nb_proc", place)
    if most is not None and count > most:
        reading.note(place, f"nb_proc {count}", f"QMserv.cfg gives a job {most} at most")
        return most
    return count


def _owner(options: Options, reading: Reading) -> None:
    origin: dict[str, Any] = {"system": "qm"}
    mail, place = options.get("e_mail", ("", ""))
    if mail:
        origin["e_mail"] = plain(mail)
        if _WORD.fullmatch(mail):
            reading.say("tags", [mail], place)
    if options.get("size", ("", ""))[0]:
        origin["size"] = plain(options["size"][0])
    reading.doc["origin"] = origin


def _priority(options: Options, reading: Reading) -> None:
    text, place = options.get("priority", ("0", ""))
    if not re.fullmatch(r"\s*[+-]?\d{1,9}\s*", text):
        reading.note(place, f"priority {plain(text)}", "it is no whole number")
    elif int(text):
        reading.say("priority", max(-1000, min(1000, int(text))), place)


def _whole(text: str | None, key: str, place: str) -> int:
    if (
        not re.fullmatch(r"\s*\d{1,7}\s*", text or "")
        or not 0 < int(text or 0) <= CORES_MAX
    ):
        problem = f"{quoted(text)} is no number of processors"
        raise _wrong(key, problem, f"write {key} : 4", place)
    return int(text or 1)


def _parsed(text: str, where: str) -> RawConfigParser:
    parser = RawConfigParser(strict=False, allow_no_value=True)
    try:
        parser.read_string(text.lstrip("\ufeff"), source=where)
    except Error as error:
        line = getattr(error, "lineno", None)
        problems = getattr(error, "errors", None)
        line = problems[0][0] if line is None and problems else line
        at = f"{where}:{line}:1" if line else where
        raise _wrong("", "is no cfg file: this line cannot be read", "", at) from None
    except AttributeError:
        # The parser itself stumbles: an indented line goes on with a key without a value.
        problem = "is no cfg file: an indented line follows a key that has no value"
        raise _wrong("", problem, "begin each key in the first column", where) from None
    return parser


def _lines(text: str, section: str) -> dict[str, int]:
    """Return {key: its line} of one section."""
    found: dict[str, int] = {}
    inside = ""
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("["):
            inside = line.strip("[] \t")
        elif inside == section and line[:1] not in ("#", ";", " ", "\t"):
            found[re.split(r"[:=]", line, maxsplit=1)[0].strip().lower()] = number
    return found


def _spelt(key: str) -> str:
    return key.strip().lower().replace("-", "_")


def _wrong(key: str, problem: str, remedy: str, where: str) -> Malformed:
    return Malformed(complaints=[Complaint(key, problem, remedy, where)])

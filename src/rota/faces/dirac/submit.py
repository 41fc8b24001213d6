"""``dsub``, ``dirac-wms-job-submit``, ``dirac-wms-match``: descriptions become jobs.

usual ◀ --JDL file or text ◀ #JDL lines of the script ◀ options of the command line
"""

from __future__ import annotations

import os
import sys

from rota.core.getopt import BadOption
from rota.faces.foreign import tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from rota.faces.dirac.entry import Asked
    from rota.faces.foreign import Site
    from rota.formats.reading import Reading

    Said = dict[str, tuple[Any, str]]

USUAL: Said = {"OutputSandbox": (["std.out", "std.err"], "dsub")}
LISTS = ("OutputSandbox", "InputSandbox", "OutputData", "InputData", "Site", "Tag")
NAMES = {"Name": "JobName", "BannedSite": "BannedSites"}
_OWN = ("JDL", "Parametric", "ForceExecUpload", "verbose")


def dsub(asked: Asked, site: Site) -> int:
    """Hand in a script, or a program with its arguments, or what stands on stdin."""
    for job in _hand_in(site, _described(asked)):
        print(f"JobID = {job}" if "verbose" in asked else job)
    return 0


def job_submit(asked: Asked, site: Site) -> int:
    """Hand in JDL files; print their numbers, as programs read them."""
    if not asked.words:
        raise BadOption("name the JDL files to hand in")
    jobs: list[int] = []
    for path in asked.words:
        jobs += (found := _hand_in(site, _of_file(path)))
        print(f"JobID = {found[0] if len(found) == 1 else found}")
    if asked.get("File"):
        with open(asked.get("File"), "a", encoding="utf-8") as file:
            file.writelines(f"{job}\n" for job in jobs)
    return 0


def match(asked: Asked, site: Site) -> int:
    """Tell why the job of a JDL would wait, or that it would not; nothing is handed in."""
    from rota.faces.terminal import clean
    from rota.faces.why import waiting

    if not asked.words:
        raise BadOption("name the JDL file to match")
    docs = [reading.doc for path in asked.words for reading in _of_file(path)]
    for row in site.client.explain(*docs, waits=True):
        print(clean(str(row["name"])))
        for line in waiting(row["waits"]):
            print(f"  {clean(line)}")
    return 0


def _hand_in(site: Site, readings: list[Reading]) -> list[int]:
    for where, what, fate in dict.fromkeys(n for r in readings for n in r.notices):
        tell(f"{where}: {what}: {fate}")
    return [job.id for job in site.client.submit(*(reading.doc for reading in readings))]


def _of_file(path: str) -> list[Reading]:
    from rota.formats.jdl import read

    return read(_text(path), where=path)


def _text(path: str) -> str:
    from rota.core.errors import Malformed

    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except UnicodeDecodeError:
        raise Malformed(f"{path} is not text in UTF-8") from None
    except OSError as error:
        raise Malformed(f"{path} cannot be read: {error.strerror}") from None


def _described(asked: Asked) -> list[Reading]:
    from rota.formats.jdl import jobs_of, parse, script_lines

    said: Said = dict(USUAL)
    if jdl := asked.get("JDL"):
        text = _text(jdl) if os.path.exists(jdl) else jdl
        said.update(parse(text, where=jdl if os.path.exists(jdl) else "--JDL"))
    script = where = ""
    if not asked.words and "Executable" not in said:
        script, where = sys.stdin.read(), "standard input"
    elif asked.words and os.path.isfile(asked.words[0]):
        script, where = _script(asked.words[0]), asked.words[0]
    if script:
        script = script if script.startswith("#!") else f"#!/bin/sh\n{script}"
        said.update(script_lines(script, where=where))
        if where != "standard input":
            said.setdefault("JobName", (os.path.basename(where), where))
    elif asked.words:
        program = asked.words[0]
        said["Executable"] = (program, "command line")
        # A whole path is a program of the node, unless it is said to be brought.
        is_there = os.path.isabs(program) and "ForceExecUpload" not in asked
        if os.path.isfile(program) and not is_there:
            _bring(said, program)
    if asked.words[1:]:
        import shlex

        said["Arguments"] = (shlex.join(asked.words[1:]), "command line")
    said.update(_of_options(asked))
    return jobs_of(said, where=where or "command line", script=script)


def _script(path: str) -> str:
    """Return the text of a script; "" of a program that is none."""
    with open(path, "rb") as file:
        start = file.read(2)
    return _text(path) if start == b"#!" else ""


def _bring(said: Said, program: str) -> None:
    files, place = said.get("InputSandbox", ([], "command line"))
    files = files if isinstance(files, list) else [files]
    said["InputSandbox"] = ([*files, program], place)


def _of_options(asked: Asked) -> Said:
    said: Said = {}
    for name, value in asked.options.items():
        if name in _OWN:
            continue
        key = NAMES.get(name, name)
        inside = [part for part in value.split(",") if part] if name in LISTS else value
        said[key] = (inside, f"--{name}")
    if "Parametric" in asked:
        said["Parameters"] = (loops(asked.get("Parametric")), "--Parametric")
    return said


def loops(text: str) -> list[str]:
    """Return the values of "a,b,0:10:2": items, and start:stop[:step[:factor]].

    Raises:
        BadOption: a loop does not end, or has a number that is none.
    """
    values: list[str] = []
    for item in text.split(","):
        parts = item.split(":")
        if len(parts) == 1:
            values.append(item)
            continue
        try:
            start, stop, step, factor = [*map(int, parts), *(1, 1)[len(parts) - 2 :]]
        except ValueError:
            raise BadOption(
                f"--Parametric: {item!r} is no start:stop:step:factor"
            ) from None
        value = start
        while value < stop and len(values) <= 10_000:
            values.append(str(value))
            if value * factor + step <= value:
                raise BadOption(f"--Parametric: {item!r} never comes to its end")
            value = value * factor + step
    return values

"""Batch scripts of Grid Engine: ``#$`` lines and the options of qsub → keys of a job file.

#$ -N fit -cwd -j y -pe smp 4 -l h_rt=1:00:00,mem_free=2G -t 1-10:2 -tc 3
"""

from __future__ import annotations

import re
import shlex

from rota.core.errors import Complaint, Malformed
from rota.formats import mail
from rota.formats.reading import Reading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

VALUES = frozenset(
    [
        "-A",
        "-N",
        "-P",
        "-S",
        "-a",
        "-ac",
        "-binding",
        "-c",
        "-ckpt",
        "-dc",
        "-e",
        "-hold_jid",
        "-hold_jid_ad",
        "-i",
        "-j",
        "-js",
        "-jsv",
        "-l",
        "-m",
        "-M",
        "-masterq",
        "-o",
        "-p",
        "-q",
        "-r",
        "-R",
        "-sc",
        "-shell",
        "-sync",
        "-t",
        "-tc",
        "-v",
        "-wd",
        "-w",
        "-b",
        "-C",
        "-now",
        "-ar",
        "-pe",
    ]
)
"""Options with a value; -pe has two."""

FLAGS = frozenset(
    [
        "-V",
        "-clear",
        "-cwd",
        "-h",
        "-hard",
        "-notify",
        "-nostdin",
        "-soft",
        "-terse",
        "-verify",
        "-help",
    ]
)
IGNORED = {
    "-w": "it is checked anyway",
    "-binding": "cores are bound as the node says", "-R": "there are reservations anyway",
    "-c": "nothing is checkpointed", "-ckpt": "nothing is checkpointed",
    "-notify": "use a warning before the time limit", "-shell": "scripts begin with #!",
    "-js": "shares are not by job", "-soft": "all is required", "-hard": "all is required",
}  # fmt: skip
MEMORY = frozenset({"mem_free", "h_vmem", "s_vmem", "virtual_free", "h_rss", "mem"})
_SIZE = re.compile(r"(\d+(?:\.\d+)?)([kKmMgG]?)")
_FACTORS = {
    "": 1,
    "k": 1000,
    "K": 1 << 10,
    "m": 10**6,
    "M": 1 << 20,
    "g": 10**9,
    "G": 1 << 30,
}
_TIME = re.compile(r"(?:(\d*):)?(?:(\d*):)?(\d+)")
_TASKS = re.compile(r"(\d{1,9})(?:-(\d{1,9})(?::(\d{1,9}))?)?")


class Unknown(ValueError):
    """There is no such option, or it has no value; ``word`` is what was written."""

    def __init__(self, problem: str, word: str) -> None:
        super().__init__(problem)
        self.word = word


def scan(words: Sequence[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Return ([(option, value)], script and its arguments); the first word ends options.

    Raises:
        Unknown: with Grid Engine's sentence.
    """
    given: list[tuple[str, str]] = []
    left = list(words)
    while left and left[0].startswith("-") and left[0] != "-":
        word = left.pop(0)
        if word == "--":
            break
        if word in FLAGS:
            given.append((word, ""))
        elif word in VALUES:
            count = 2 if word == "-pe" else 1
            if len(left) < count:
                raise Unknown(f"ERROR! {word} option must have argument", word)
            given.append((word, " ".join(left[:count])))
            del left[:count]
        else:
            raise Unknown(f"Unknown option {word}", word)
    return given, left


def script_options(
    text: str, *, where: str, prefix: str = "#$"
) -> list[tuple[str, str, str]]:
    """Return [(option, value, "where:line:column")] of the lines that begin with *prefix*.

    Raises:
        Malformed: its complaint names the line.
    """
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith(prefix) or line[len(prefix) : len(prefix) + 1] not in (
            " ",
            "\t",
            "-",
        ):
            continue
        place = f"{where}:{number}"
        try:
            given, rest = scan(shlex.split(line[len(prefix) :], comments=True))
            if rest:
                raise Unknown(f"{rest[0]!r} is no option", rest[0])
        except ValueError as error:
            word = error.word if isinstance(error, Unknown) else ""
            place = f"{place}:{max(0, line.find(word, len(prefix))) + 1}"
            raise Malformed(complaints=[Complaint("", str(error), "", place)]) from None
        at = len(prefix)
        for option, value in given:
            at = line.index(option, at)
            found.append((option, value, f"{place}:{at + 1}"))
            at += len(option)
    return found


def job_of(options: Sequence[tuple[str, str, str]], *, script: str = "") -> Reading:
    """Return the job that *options*, later ones winning, say; without what is run.

    Raises:
        Malformed: its complaint names the option and where it was said.
    """
    reading = Reading()
    reading.doc.update(cwd="~", origin={"system": "gridengine"}, output_mode="append")
    for option, value, where in options:
        try:
            _apply(reading, option, value, where)
        except ValueError as error:
            complaint = Complaint(option, str(error), "", where)
            raise Malformed(complaints=[complaint]) from None
    _settle(reading, script)
    return reading


def read(text: str, *, where: str = "job.sh") -> Reading:
    """Return the job of batch script *text*.

    Raises:
        Malformed: its complaint names the line and the option.
    """
    reading = job_of(script_options(text, where=where), script=where)
    reading.say("script", text if text.startswith("#!") else f"#!/bin/sh\n{text}", where)
    return reading


def size(text: str) -> int:
    """Return the bytes of "2G", "500M": K, M, G are powers of 1024, k, m, g of 1000."""
    found = _SIZE.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is no amount of memory such as 2G")
    return int(float(found[1]) * _FACTORS[found[2]])


def seconds(text: str) -> int:
    """Return the seconds of "3600", "1:00:00", ":30:"."""
    found = _TIME.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is no time such as 1:00:00")
    parts = [int(part or 0) for part in found.groups()]
    if found[2] is None and found[1] is not None:
        parts = [0, parts[0], parts[2]]
    return (parts[0] * 60 + parts[1]) * 60 + parts[2]


def _apply(reading: Reading, option: str, value: str, where: str) -> None:
    doc, origin = reading.doc, reading.doc["origin"]
    plain: Mapping[str, str] = {
        "-N": "name", "-P": "account", "-A": "account", "-wd": "cwd", "-ac": "info",
        "-ar": "reservation",
    }  # fmt: skip
    if option in plain:
        reading.say(plain[option], value, where)
    elif option == "-cwd":
        reading.say("cwd", "here", where)
    elif option == "-q":
        reading.say("queue", re.split(r"[,@]", value)[0], where)
    elif option in ("-o", "-e", "-i"):
        origin[option[1:]] = value.removeprefix(":").split(",")[0]
    elif option == "-j":
        origin["join"] = "y" if value in ("y", "yes") else ""
    elif option == "-pe":
        name, _, slots = value.partition(" ")
        if not re.fullmatch(r"\d+(-\d*)?|-\d+", slots):
            raise ValueError(f"{slots!r} is no number of slots")
        reading.say("cores", max(1, int(slots.lstrip("-").partition("-")[0])), where)
        origin["pe"] = name
    elif option == "-l":
        _resources(reading, value, where)
    elif option == "-t":
        _tasks(reading, value, where)
    elif option == "-tc":
        origin["tc"] = str(int(value))
    elif option in ("-hold_jid", "-hold_jid_ad"):
        ending = "[*]" if option.endswith("_ad") else ""
        jobs = [part.strip() for part in value.split(",") if part.strip()]
        reading.say("after", [f"any:{job}{ending}" for job in jobs], where)
    elif option == "-h":
        reading.say("held", True, where)
    elif option == "-p":
        reading.say("priority", max(-1000, min(999, int(value))), where)
    elif option == "-r":
        reading.say("restartable", value in ("y", "yes"), where)
    elif option == "-S":
        reading.say("shell", value, where)
    elif option == "-v":
        pairs = dict(part.partition("=")[::2] for part in value.split(",") if part)
        doc.setdefault("named", {}).update(pairs)
    elif option in ("-m", "-M"):
        _mail(doc, (option, value, where))
    elif option == "-V":
        origin["all"] = "1"
    elif option in IGNORED:
        reading.note(where, f"{option} {value}".strip(), IGNORED[option])


def _mail(doc: dict[str, Any], said: tuple[str, str, str]) -> None:
    """Remember -m or -M for ``_settle``: they mean nothing alone."""
    if said[0] == "-m":
        mail.moments(said[1], mail.GRIDENGINE, mail.GRIDENGINE_UNTOLD)
    doc.setdefault("mail", {})[said[0]] = said


def _resources(reading: Reading, text: str, where: str) -> None:
    """Apply -l name=value,…"""
    for part in text.split(","):
        name, _, value = part.partition("=")
        if name in ("h_rt", "s_rt"):
            reading.say("time", f"{max(1, seconds(value))}s", where)
        elif name in MEMORY:
            reading.doc["each"] = size(value)
        elif name in ("gpu", "gpus", "ngpus"):
            reading.say("gpus", int(value or 1), where)
        elif name in ("hostname", "h"):
            reading.say("host", value, where)
        elif name in ("q", "qname"):
            reading.say("queue", value, where)
        else:
            reading.note(where, f"-l {part}", "nodes here have no such complex")


def _tasks(reading: Reading, text: str, where: str) -> None:
    found = _TASKS.fullmatch(text)
    if not found or int(found[1]) < 1:
        raise ValueError(f"{text!r} is no range of tasks such as 1-10:2")
    first, last, step = found[1], found[2] or found[1], found[3] or "1"
    if int(last) < int(first) or not int(step):
        raise ValueError(f"{text!r} has no tasks in it")
    reading.say("array", f"{first}-{last}:{step}" if first != last else first, where)
    reading.doc["origin"].update(first=first, last=last, step=step)


def _settle(reading: Reading, script: str) -> None:
    """Put together what several options say together."""
    doc, origin = reading.doc, reading.doc["origin"]
    doc.setdefault("name", script.rpartition("/")[2] or "STDIN")
    if "array" in doc and origin.get("tc"):
        doc["array"] += f"%{origin['tc']}"
    each = doc.pop("each", 0)
    if each:
        # Grid Engine counts memory for each slot.
        doc["memory"] = f"{each * doc.get('cores', 1)} B"
    said = doc.pop("mail", {})
    whom, when = (said.get(option, (option, "", "")) for option in ("-M", "-m"))
    words = mail.moments(when[1], mail.GRIDENGINE, mail.GRIDENGINE_UNTOLD)
    mail.say(reading, whom=whom, when=when, words=words)
    named = doc.pop("named", {})
    env = {name: value for name, value in named.items() if value}
    origin["passed"] = ",".join(name for name, value in named.items() if not value)
    if "first" in origin:
        names = {"FIRST": "first", "LAST": "last", "STEPSIZE": "step"}
        env.update({f"SGE_TASK_{name}": origin[key] for name, key in names.items()})
    name = doc["name"]
    env.update(JOB_NAME=name, REQNAME=name, REQUEST=name)
    doc["env"] = env
    ending = "{job}.{task}" if "array" in doc else "{job}"
    doc["output"] = _path(origin.get("o", ""), f"{name}.o{ending}")
    is_joined = origin.get("join") == "y"
    doc["error"] = (
        doc["output"] if is_joined else _path(origin.get("e", ""), f"{name}.e{ending}")
    )
    if origin.get("i"):
        # Just "open" means something else to us; to them it is a file.
        doc["stdin"] = "./open" if origin["i"] == "open" else origin["i"]
    doc["origin"] = {key: held for key, held in origin.items() if held}


def _path(text: str, name: str) -> str:
    if not text:
        return name
    if text.endswith("/"):
        return text + name
    holes = {"$JOB_ID": "{job}", "$TASK_ID": "{task}", "$JOB_NAME": "{name}",
             "$USER": "{user}", "$HOSTNAME": "{node}"}  # fmt: skip
    for variable, hole in holes.items():
        text = text.replace(variable, hole)
    return text

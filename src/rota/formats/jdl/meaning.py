"""What the keys of one description mean here: one function for each, in ``KEYS``.

Sites, computing elements and tags are labels of nodes; sandboxes are inputs and outputs.
What lies on a grid (LFN:, SB:) is not reached from here, and that is said.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from typing import Any

from rota.core.errors import Complaint, Malformed
from rota.formats.jdl.tokens import Statements, shown
from rota.formats.reading import Reading

GIB = 1 << 30
_LABEL = re.compile(r"[^A-Za-z0-9_.:+/=-]")
_GRID = ("LFN:", "SB:", "PFN:", "lfn:")
_YES = ("1", "yes", "true", "y")


class _Job:
    """One job on its way; ``said`` holds what was said, ``out`` what became of it."""

    def __init__(self, said: Statements, where: str) -> None:
        self.said, self.where, self.out = said, where, Reading()
        self.key = ""

    def place(self, key: str) -> str:
        """Return where *key* was said."""
        return self.said[key][1] or self.where if key in self.said else self.where

    def wrong(self, key: str, problem: str, remedy: str = "") -> Malformed:
        """Return the error that says *problem* of *key*."""
        return Malformed(complaints=[Complaint(key, problem, remedy, self.place(key))])

    def text(self, key: str) -> str:
        """Return the value of *key* as one text."""
        value = self.said.get(key, ("", ""))[0]
        if isinstance(value, (list, dict)):
            raise self.wrong(key, "must be one value")
        return str(value).strip()

    def texts(self, key: str) -> list[str]:
        """Return the value of *key* as a list; one text may hold several, by commas."""
        value = self.said.get(key, ("", ""))[0]
        if isinstance(value, str):
            value = value.split(",")
        if isinstance(value, dict) or any(not isinstance(one, str) for one in value):
            raise self.wrong(key, "must be a list of texts")
        return [one.strip() for one in value if one.strip()]

    def number(self, key: str, most: int) -> int:
        """Return the value of *key* as a whole number from 0 to *most*."""
        text = self.text(key)
        if not re.fullmatch(r"\d{1,12}(\.0*)?", text) or int(text.split(".")[0]) > most:
            raise self.wrong(key, f"{shown(text)!r} is no number from 0 to {most}")
        return int(text.split(".")[0])

    def say(self, ours: str, value: Any, key: str) -> None:
        """Say *value* under the key *ours*; *key* said it."""
        self.out.say(ours, value, self.place(key))

    def note(self, key: str, fate: str) -> None:
        """Tell what became of *key* that was not carried over as it was said."""
        self.out.note(self.place(key), shown(key), fate)


def meant(said: Statements, *, where: str, script: str = "") -> Reading:
    """Return the job that *said* describes; *script*, if there is one, is what it runs.

    Raises:
        Malformed: its complaint has line and key.
    """
    job = _Job(said, where)
    job.out.doc["origin"] = {"system": "dirac"}
    job.say("cwd", "fresh", "")
    for key in said:
        if key in KEYS:
            KEYS[key](job, key)
        elif key not in _ELSEWHERE and not key.startswith("Parameter"):
            job.note(key, "no such key; ignored")
    _sandboxes(job)
    _run(job, script)
    return job.out


def _run(job: _Job, script: str) -> None:
    """Say what is run, in its folder: a file of its sandbox, or a program that is there."""
    try:
        words = shlex.split(job.text("Arguments"))
    except ValueError:
        words = job.text("Arguments").split()
    if script:
        job.say("script", script, "")
        if words:
            job.say("args", words, "Arguments")
        return
    program = job.text("Executable")
    if not program:
        raise job.wrong("Executable", "is missing", "say what is to be run")
    name = program.rpartition("/")[2]
    brought = [text.partition(" -> ")[2] or text for text in job.out.doc.get("inputs", ())]
    if name in brought:
        # A sandbox forgets that a file can be run.
        call = shlex.join([f"./{name}", *words])
        command = f"chmod +x {shlex.quote(f'./{name}')} && exec {call}"
        job.say("command", command, "Executable")
    else:
        job.say("argv", [program, *words], "Executable")
    if "name" not in job.out.doc:
        job.say("name", "Name", "")


def _sandboxes(job: _Job) -> None:
    inputs, outputs = [], []
    for path in job.texts("InputSandbox"):
        name = path.rstrip("/").rpartition("/")[2]
        if path.startswith(_GRID):
            job.note("InputSandbox", f"{shown(path)} is on a grid and not brought")
        else:
            inputs.append(path if name == path else f"{path} -> {name}")
    for key in ("OutputSandbox", "OutputData"):
        outputs += [_numbered(p) for p in job.texts(key) if not p.startswith(_GRID)]
    if inputs:
        job.say("inputs", inputs, "InputSandbox")
    for key, ours, usual in (
        ("StdOutput", "output", "std.out"), ("StdError", "error", "std.err"),
    ):  # fmt: skip
        name = _numbered(job.text(key) or usual)
        if name in outputs:
            job.say(ours, name, key)
            job.say("output_mode", "truncate", key)
    job.say("outputs", outputs or ["none"], "OutputSandbox")


def _numbered(path: str) -> str:
    return path.replace("%j", "{job}")


def _name(job: _Job, key: str) -> None:
    job.say("name", shown(job.text(key))[:60].replace("%j", "{job}") or "Name", key)


def _group(job: _Job, key: str) -> None:
    if text := job.text(key):
        job.say("tags", [f"jobgroup.{re.sub(r'[^A-Za-z0-9_.+@-]', '_', text)[:50]}"], key)
        job.out.doc["origin"]["jobgroup"] = text


def _priority(job: _Job, key: str) -> None:
    # One is the usual one there, as 0 is here.
    job.say("priority", job.number(key, 10) - 1, key)


def _sites(job: _Job, key: str) -> None:
    found = [_label(text) for text in job.texts(key) if text.upper() != "ANY"]
    if found:
        ours = "not_group" if key.startswith("Banned") else "group"
        job.say(ours, [*job.out.doc.get(ours, ()), *found], key)


def _tags(job: _Job, key: str) -> None:
    found = [re.sub(r"[^A-Za-z0-9_.:+/=-]", "_", text) for text in job.texts(key)]
    if found:
        job.say("require", [*job.out.doc.get("require", ()), *found], key)


def _label(text: str) -> str:
    return _LABEL.sub("_", text)[:64]


def _cores(job: _Job, key: str) -> None:
    if count := job.number(key, 1024):
        job.say("cores", count, key)


def _most(job: _Job, key: str) -> None:
    most = job.number(key, 1024)
    if "MinNumberOfProcessors" not in job.said and "NumberOfProcessors" not in job.said:
        job.say("cores", max(1, most), key)
    else:
        job.note(key, "it gets the fewest that it asks for")


def _whole(job: _Job, key: str) -> None:
    if job.text(key).lower() in _YES:
        job.say("exclusive", True, key)


def _memory(job: _Job, key: str) -> None:
    if gib := job.number(key, 1_000_000):
        job.say("memory", f"{gib * GIB} B", key)


def _env(job: _Job, key: str) -> None:
    pairs = [text.partition("=") for text in job.texts(key)]
    job.say("env", {name: value for name, equals, value in pairs if name and equals}, key)


def _kept(job: _Job, key: str) -> None:
    job.out.doc["origin"][key.lower()] = ", ".join(job.texts(key))


def _told(fate: str) -> Callable[[_Job, str], None]:
    return lambda job, key: job.note(key, fate)


_HERE = _told("there is no grid storage here; say InputSandbox")
_LIMIT = _told("is no time limit here: it counts cpu of a standard machine; say time")
KEYS: dict[str, Callable[[_Job, str], None]] = {
    "JobName": _name, "JobGroup": _group, "JobType": _kept, "CPUTime": _LIMIT,
    "MaxCPUTime": _LIMIT, "Priority": _priority, "Site": _sites, "GridCE": _sites,
    "BannedSites": _sites, "BannedSite": _sites, "Tags": _tags, "Tag": _tags,
    "Platform": _told("nodes are told apart by tags"), "InputData": _HERE,
    "InputDataModule": _HERE, "InputDataPolicy": _HERE, "OutputPath": _HERE,
    "OutputSE": _HERE, "NumberOfProcessors": _cores, "MinNumberOfProcessors": _cores,
    "MaxNumberOfProcessors": _most, "WholeNode": _whole, "MaxRAM": _memory,
    "Memory": _memory, "ExecutionEnvironment": _env,
    "LogLevel": _told("there is no wrapper whose log it could set"),
    "DisableCPUCheck": _told("cpu is not checked anyway"),
    "JobPath": _told("there are no optimizers"), "Owner": _kept, "OwnerGroup": _kept,
    "JobConfigArgs": _told("there is no dirac configuration on the nodes"),
    **dict.fromkeys(
        ("StopSigRegex", "StopSigNumber", "StopSigStartSeconds", "StopSigFinishSeconds"),
        _told("say warn and warn_signal"),
    ),
}  # fmt: skip
"""{key: what it does}."""

_ELSEWHERE = frozenset({"Executable", "Arguments", "StdOutput", "StdError", "InputSandbox",
                        "OutputSandbox", "OutputData"})  # fmt: skip

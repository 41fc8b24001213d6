"""Documents as DIRAC's job descriptions; what has a script is that, with ``#JDL`` lines.

{"argv": ["./fit", "a b"], "cores": 4} ──write──▶ [
                                                   Executable = "./fit";
                                                   Arguments = "'a b'"; …
"""

from __future__ import annotations

import re
import shlex

from rota.core.units import parse_size
from rota.formats.commands import shell_text
from rota.formats.jdl.meaning import GIB

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    Lost = list[tuple[str, str, str]]

_LISTS = {
    "require": "Tags", "group": "Site", "not_group": "BannedSites",
    "outputs": "OutputSandbox",
}  # fmt: skip
_SILENT = frozenset(
    {*_LISTS, "command", "argv", "args", "script", "setup", "shell", "name", "cores",
     "memory", "priority", "env", "exclusive", "inputs", "output", "error", "output_mode",
     "origin", "cwd"}
)  # fmt: skip


def write(doc: Mapping[str, Any]) -> tuple[str, Lost]:
    """Return *doc* as a JDL, and [(where, what, fate)] of what it cannot say."""
    lost: Lost = [
        ("", key, "a JDL has no word for it") for key in doc if key not in _SILENT
    ]
    said = _needs(doc, lost)
    if "script" in doc:
        if doc.get("args"):
            said["Arguments"] = shlex.join(map(str, doc["args"]))
        head, _, body = str(doc["script"]).partition("\n")
        rest = [line for line in body.split("\n") if not line.startswith("#JDL")]
        lines = [f"#JDL {line};" for line in _statements(said, lost)]
        return "\n".join([head, *lines, *rest]), lost
    words = [str(word) for word in doc.get("argv", ())]
    if not words or "setup" in doc:
        words = ["/bin/sh", "-c", shell_text(doc)]
    run = {"Executable": words[0], "Arguments": shlex.join(words[1:])}
    told = {key: value for key, value in {**run, **said}.items() if value}
    lines = [f"    {line};" for line in _statements(told, lost)]
    return "\n".join(["[", *lines, "]", ""]), lost


def _needs(doc: Mapping[str, Any], lost: Lost) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if "name" in doc:
        said["JobName"] = str(doc["name"]).replace("{job}", "%j")
    if "cores" in doc:
        said["NumberOfProcessors"] = str(doc["cores"])
    if doc.get("memory"):
        said["MaxRAM"] = str(-(-parse_size(str(doc["memory"])) // GIB))
    if isinstance(priority := doc.get("priority", 0), int) and 0 < priority <= 9:
        said["Priority"] = str(priority + 1)
    elif priority:
        lost.append(("", "priority", "is a number from 1 to 9 more than usual there"))
    if doc.get("exclusive"):
        said["WholeNode"] = "Yes"
    for key, theirs in _LISTS.items():
        value = doc.get(key) or []
        found = [value] if isinstance(value, str) else [str(one) for one in value]
        if found and found != ["none"]:
            said[theirs] = found
    if isinstance(env := doc.get("env"), dict) and env:
        said["ExecutionEnvironment"] = [f"{name}={value}" for name, value in env.items()]
    _files(doc, said, lost)
    return said


def _files(doc: Mapping[str, Any], said: dict[str, Any], lost: Lost) -> None:
    inputs = []
    for text in map(str, doc.get("inputs", ())):
        path, _, name = text.partition(" -> ")
        inputs.append(path)
        if name and name != path.rpartition("/")[2]:
            lost.append(("", "inputs", f"{path} keeps its name there"))
    if inputs:
        said["InputSandbox"] = inputs
    for key, theirs in (("output", "StdOutput"), ("error", "StdError")):
        if key in doc:
            said[theirs] = str(doc[key]).replace("{job}", "%j")
            kept = said.setdefault("OutputSandbox", [])
            if said[theirs] not in kept:
                kept.append(said[theirs])
    if doc.get("cwd", "fresh") not in ("fresh", "here"):
        lost.append(("", "cwd", "a job has a folder of its own there"))


def _statements(said: Mapping[str, Any], lost: Lost) -> list[str]:
    """Return "Key = value" of each, but for what no text of a JDL can hold."""
    lines = []
    for key, value in said.items():
        texts = value if isinstance(value, list) else [value]
        if any(re.search(r'[\r\n]|\\"|\\$', text) for text in texts):
            lost.append(("", key, "a line end, or a \\ before a quote, cannot be said"))
            continue
        quoted = ['"' + text.replace('"', '\\"') + '"' for text in texts]
        shown = "{" + ", ".join(quoted) + "}" if isinstance(value, list) else quoted[0]
        lines.append(f"{key} = {shown}")
    return lines

"""Documents as task files of the JAWS Task Manager: one task, in a pool of one machine."""

from __future__ import annotations

import json

from rota.core.units import parse_duration, parse_size
from rota.formats.commands import shell_text
from rota.formats.jtm import POOL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_SILENT = frozenset(
    {"command", "argv", "script", "setup", "shell", "cores", "memory", "time", "name",
     "tags", "cwd", "output", "error", "output_mode", "expect", "origin", "env"}
)  # fmt: skip
_TAG = "pool."


def write(doc: Mapping[str, Any]) -> tuple[str, list[tuple[str, str, str]]]:
    """Return *doc* as a task file, and [(where, what, fate)] of what it cannot say."""
    lost = [("", key, "JTM has no word for it") for key in doc if key not in _SILENT]
    if doc.get("env"):
        lost.append(("", "env", "a task has its worker's variables"))
    task: dict[str, Any] = {"command": shell_text(doc)}
    folder = str(doc.get("cwd", ""))
    if folder.startswith(("/", "$", "~")):
        task["output_dir"] = folder
    elif folder not in ("", "here"):
        lost.append(("", "cwd", "must be a whole path there"))
    for key, theirs in (("output", "stdout"), ("error", "stderr")):
        if key in doc:
            task[theirs] = str(doc[key])
    if doc.get("expect"):
        task["output_files"] = ",".join(map(str, doc["expect"]))
    task["pool"] = _pool(doc)
    return json.dumps(task, indent=4, ensure_ascii=False) + "\n", lost


def _pool(doc: Mapping[str, Any]) -> dict[str, Any]:
    names = [str(tag) for tag in doc.get("tags", ()) if str(tag).startswith(_TAG)]
    pool: dict[str, Any] = {"name": names[0].removeprefix(_TAG) if names else POOL}
    if "name" in doc:
        pool["job_id"] = str(doc["name"])
    pool.update(cpu=doc.get("cores", 1), node=1, nwpn=1)
    if doc.get("memory"):
        pool["mem"] = f"{max(1, parse_size(str(doc['memory'])) >> 20)}MB"
    if doc.get("time") not in (None, "none"):
        seconds = parse_duration(str(doc["time"])) // 1000
        pool["time"] = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return pool

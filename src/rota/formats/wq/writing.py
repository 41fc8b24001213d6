"""Documents as job files of wq, and what wq has no words for."""

from __future__ import annotations

from rota.core.fields.forms import PRIORITY_WORDS
from rota.core.units import parse_size
from rota.formats.commands import shell_text
from rota.formats.wq.meaning import GB

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_SAME = {"n": "N", "N": "N", "cores": "N", "host": "host", "group": "group",
         "not_group": "not_group", "min_cores": "min_cores", "threads": "threads",
         "name": "job_name"}  # fmt: skip
_SILENT = frozenset({"origin", "shell", "cwd", "env", "env_policy", "mode", "command",
                     "argv", "script", "setup", "priority", "min_memory"})  # fmt: skip


def write(doc: Mapping[str, Any]) -> tuple[str, list[tuple[str, str, str]]]:
    """Return *doc* as a job file of wq, and [(where, what, fate)] of what it cannot say."""
    import yaml

    lost: list[tuple[str, str, str]] = []
    said: dict[str, Any] = {"command": shell_text(doc)}
    mode = str(doc.get("mode", "byhost" if "host" in doc else "bycore1")).replace("_", "")
    said["mode"] = mode.replace("by", "by_", 1)
    for key, field in _SAME.items():
        if key in doc:
            said[field] = doc[key]
    if doc.get("priority"):
        said["priority"] = _priority(doc["priority"], lost)
    if doc.get("min_memory"):
        size = parse_size(str(doc["min_memory"]))
        said["min_mem"] = size // GB if size % GB == 0 else size / GB
    for key in doc:
        if key not in _SAME and key not in _SILENT:
            lost.append(("", key, "wq has no word for it"))
    if "$ROTA_HOSTFILE" in said["command"]:
        said["hostfile"] = "auto"
        said["command"] = said["command"].replace("$ROTA_HOSTFILE", "%hostfile%")
    return str(yaml.safe_dump(said, sort_keys=False, allow_unicode=True)), lost


def _priority(said: Any, lost: list[tuple[str, str, str]]) -> str:
    if said in PRIORITY_WORDS:
        return str(said)
    if said == PRIORITY_WORDS["block"]:
        return "block"
    number = said if isinstance(said, int) else 0
    word = "high" if number > 0 else "low" if number < 0 else "med"
    lost.append(("", "priority", f"{said} is {word} there"))
    return word

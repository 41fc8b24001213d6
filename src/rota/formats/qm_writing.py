"""Documents as info files of QM: a cfg where one line says what runs, else a script.

{"command": "./fit", "cores": 4} ──write──▶ [QMOptions]        #!/bin/sh
                                            script : ./fit     #QM nb_proc : 4
                                            nb_proc : 4        …
"""

from __future__ import annotations

import re

from rota.core.notify import ADDRESS
from rota.formats.commands import shell_text
from rota.formats.qm import SECTION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_SILENT = frozenset(
    {"command", "argv", "script", "setup", "cores", "info", "priority", "notify", "env",
     "origin", "restartable", "shell", "tags"}
)  # fmt: skip


def write(doc: Mapping[str, Any]) -> tuple[str, list[tuple[str, str, str]]]:
    """Return *doc* as an info file, and [(where, what, fate)] of what it cannot say."""
    lost = [("", key, "QM has no word for it") for key in doc if key not in _SILENT]
    said = {"nb_proc": str(doc.get("cores", 1))}
    for key in ("info", "priority"):
        if doc.get(key):
            said[key] = " ".join(str(doc[key]).split())
    if isinstance(doc.get("priority"), str):
        lost.append(("", "priority", "a number is wanted there"))
        said.pop("priority")
    if owner := _owner(doc):
        said["e_mail"] = owner
    text = shell_text(doc).strip()
    if "script" not in doc and "\n" not in text:
        lines = [f"[{SECTION}]", f"script : {text}"]
        return "\n".join([*lines, *(f"{k} : {v}" for k, v in said.items()), ""]), lost
    head, _, body = str(doc.get("script", f"#!/bin/sh\n{text}")).partition("\n")
    kept = [line for line in body.rstrip("\n").split("\n") if not line.startswith("#QM ")]
    options = [f"#QM {key} : {value}" for key, value in said.items()]
    return "\n".join([head, *options, *kept, ""]), lost


def _owner(doc: Mapping[str, Any]) -> str:
    """Return the address that is told of the job, or that one of its tags is."""
    notify = doc.get("notify") or {}
    told = [notify] if isinstance(notify, str) else list(notify)
    for word in [*told, *doc.get("tags", ())]:
        if ADDRESS.fullmatch(str(word)) and re.fullmatch(r"[^\s]{1,63}", str(word)):
            return str(word)
    return ""

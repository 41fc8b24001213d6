"""What a document runs, as text that a shell reads: for systems that know nothing else."""

from __future__ import annotations

import shlex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def shell_text(doc: Mapping[str, Any]) -> str:
    """Return what *doc* runs, its setup before it, as shell text without a first line."""
    if "command" in doc:
        text = str(doc["command"])
    elif "script" in doc:
        text = str(doc["script"]).rstrip("\n")
        if text.startswith("#!/bin/bash\n"):
            text = text.partition("\n")[2]
        elif "\n" in text:
            # A shell reads it from here, by the interpreter that its first line names.
            head, _, rest = text.partition("\n")
            text = f"{head.removeprefix('#!')} <<'END_OF_SCRIPT'\n{rest}\nEND_OF_SCRIPT"
    else:
        text = shlex.join(str(word) for word in doc.get("argv", ()))
    setup = str(doc.get("setup", ""))
    if setup and "ROTA_HOSTFILE" not in setup:
        text = f"{setup}\n{text}"
    return text

"""A document of ours as a batch script of Slurm's, with what it cannot say.

{"cores": 4, "script": …} ──write──▶ "#!/bin/sh\\n#SBATCH --cpus-per-task=4\\n…"
"""

from __future__ import annotations

import re
import shlex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

_KINDS = {"ok": "afterok", "any": "afterany", "notok": "afternotok", "start": "after"}
_HOLES = {"job": "%A", "task": "%a", "raw": "%j", "node": "%N", "user": "%u", "name": "%x"}
_HOLE = re.compile(r"\{(\w+)(?::\d+)?\}")
_RUNS = frozenset(
    {"script", "command", "argv", "args", "setup", "env", "mode", "n", "origin"}
)


def _memory(value: Any) -> str:
    from rota.core.units import parse_size

    size = value if isinstance(value, int) else parse_size(str(value))
    return f"{max(1, size >> 20)}M"


def _time(value: Any) -> str:
    from rota.core.units import parse_duration

    if value in (None, "none"):
        return "UNLIMITED"
    seconds = parse_duration(str(value)) // 1000
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}"


def _after(value: Any) -> str:
    texts = value if isinstance(value, list) else [value]
    found = []
    for text in texts:
        kind, colon, job = str(text).rpartition(":")
        word = (
            "aftercorr" if job.endswith("[*]") else _KINDS.get(kind if colon else "ok", "")
        )
        whole = job.removesuffix("[*]").replace("[", "_").rstrip("]")
        found.append(f"{word}:{whole}")
    return ",".join(found)


def _pattern(value: Any) -> str:
    return _HOLE.sub(lambda hole: _HOLES.get(hole[1], hole[0]), str(value))


def _joined(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _pairs(value: Any) -> str:
    return ",".join(f"{name}:{amount}" for name, amount in dict(value).items())


_KEYS: Mapping[str, tuple[str, Callable[[Any], str]]] = {
    "name": ("job-name", str), "queue": ("partition", str), "account": ("account", str),
    "cores": ("cpus-per-task", str), "memory": ("mem", _memory),
    "memory_per_core": ("mem-per-cpu", _memory), "gpus": ("gpus", str),
    "time": ("time", _time), "array": ("array", str), "after": ("dependency", _after),
    "output": ("output", _pattern), "error": ("error", _pattern), "stdin": ("input", str),
    "cores_per_node": ("ntasks-per-node", str), "host": ("nodelist", str),
    "group": ("nodelist", _joined), "not_group": ("exclude", _joined),
    "require": ("constraint", lambda v: _joined(v).replace(" ", "")),
    "licences": ("licenses", _pairs), "resources": ("gres", _pairs),
    "info": ("comment", str),
    "reservation": ("reservation", str), "begin": ("begin", str),
    "output_mode": ("open-mode", str),
}  # fmt: skip


def write(doc: Mapping[str, Any]) -> tuple[str, list[tuple[str, str, str]]]:
    """Return (script, what it cannot say)."""
    lines: list[str] = []
    lost: list[tuple[str, str, str]] = []
    for key, value in doc.items():
        if (key, value) == ("stdin", "open"):
            lost.append(("", key, "Slurm sends nothing to a batch job that runs"))
        elif key in _KEYS:
            option, shown = _KEYS[key]
            text = shown(value)
            if key != "output_mode" or text in ("append", "truncate"):
                lines.append(f"--{option}={_quoted(text)}")
        elif key == "cwd":
            if value not in ("here", "fresh"):
                lines.append(f"--chdir={_quoted(str(value))}")
        elif key == "priority" and isinstance(value, int):
            lines.append(f"--nice={-value}")
        elif key in ("held", "exclusive") and value:
            lines.append("--hold" if key == "held" else "--exclusive")
        elif key == "restartable":
            lines.append("--requeue" if value else "--no-requeue")
        elif key == "warn":
            before = _time(value).split(":")
            seconds = int(before[0]) * 3600 + int(before[1]) * 60 + int(before[2])
            lines.append(f"--signal=B:{doc.get('warn_signal', 'TERM')}@{seconds}")
        elif key not in _RUNS | {"warn_signal"}:
            lost.append(("", key, "Slurm has no word for it"))
    if doc.get("mode") == "bynode":
        lines.append(f"--nodes={doc.get('n', 1)}")
    return _script(doc, lines), lost


def _quoted(text: str) -> str:
    return f'"{text}"' if re.search(r"[\s#']", text) else text


def _script(doc: Mapping[str, Any], lines: list[str]) -> str:
    """Return the script with its #SBATCH lines, those it had replaced."""
    head, body = f"#!{doc.get('shell', '/bin/sh')}", ""
    if "script" in doc:
        first, *rest = str(doc["script"]).split("\n")
        head = first
        body = "\n".join(
            line for line in rest if not re.match(r"#(SBATCH|ROTA|\$)[ \t:]", line)
        )
    else:
        env = doc.get("env") or {}
        for name, value in env.items() if isinstance(env, dict) else ():
            body += f"export {name}={shlex.quote(str(value))}\n"
        if "setup" in doc:
            body += f"{doc['setup']}\n"
        body += str(doc.get("command") or shlex.join(map(str, doc.get("argv", ()))))
        body = body.replace("{task}", "${SLURM_ARRAY_TASK_ID}").replace(
            "{job}", "$SLURM_JOB_ID"
        )
    return "\n".join([head, *(f"#SBATCH {line}" for line in lines), body.rstrip("\n"), ""])

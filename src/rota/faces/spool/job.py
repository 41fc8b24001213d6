"""A job folder as a job of ours: which info file, and the script that runs in it.

    QM_qJobs/fit/{proc_config.cfg, …} ──▶ document whose script first renames the folder
                                          into QM_Jobs: who renames it first has it

So a folder that somebody moves out of the queue is never started, and one that has been
started is never in the queue, whoever is killed when.
"""

from __future__ import annotations

import os
import shlex

from rota.core.errors import Malformed
from rota.faces.spool.folders import INFO_MAX, LOG, QUEUE, RUNNING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from rota.formats.qm import Settings
    from rota.formats.reading import Reading

GONE = 75
NAME_MAX = 200

TEXT = """\
#!/bin/sh
# Made by `rota spool`: takes its folder out of the queue, then runs what it says there.
name={name}
key={key}
if grep -qs "$key" "{queue}/$name/.rota"; then
    mv "{queue}/$name" "{running}/$name" || exit {gone}
elif ! grep -qs "$key" "{running}/$name/.rota"; then
    echo "its folder was taken out of the queue"
    exit {gone}
fi
cd "{running}/$name" || exit {gone}
echo "Job started by QM at:  $(date +%Y-%m-%dT%H:%M:%S)" > {log}
{notes}exec 3>&1
code=$( {{ {{ /bin/sh -c {command} 2>&1 3>&- 4>&-; echo $? >&4; }} |
    tee -a {log} >&3 4>&-; }} 4>&1 )
exit "${{code:-1}}"
"""


def info_of(folder: str, settings: Settings) -> tuple[str, str]:
    """Return (name, text) of the info file of *folder*; ("", "") when there is none.

    That of the name which QMserv.cfg says; else the first ``.cfg``, ``.xml`` or script
    which looks like one.

    Raises:
        Malformed: it is no text, or too much of it.
    """
    from rota.formats.qm import is_info

    path = os.path.join(folder, settings.job_file)
    if os.path.isfile(path):
        return settings.job_file, _text(path)
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if os.path.isfile(path) and not name.startswith("."):
            if not name.endswith((".cfg", ".xml")) and not starts_as_script(path):
                continue
            text = _text(path)
            if is_info(text):
                return name, text
    return "", ""


def starts_as_script(path: str) -> bool:
    """Return whether the file at *path* begins with ``#!``."""
    with open(path, "rb") as file:
        return file.read(2) == b"#!"


def read_info(name: str, info: tuple[str, str], settings: Settings) -> Reading:
    """Return the job that the *info* file of folder *name* says.

    Raises:
        Malformed: its complaints name file, line and key.
    """
    from rota.formats.qm import read

    return read(
        info[1], where=f"{name}/{info[0]}", most=settings.most, mails=settings.mails
    )


def document(
    reading: Reading, *, name: str, info: str, key: str, root: str, tag: str
) -> dict[str, Any]:
    """Return what is submitted for folder *name*, whose info file is *info*."""
    doc = dict(reading.doc)
    script, command = str(doc.pop("script", "")), str(doc.pop("command", ""))
    if not info.endswith((".cfg", ".xml")):
        # A script of the user's is run where it lies, by what its first line says.
        words = script.partition("\n")[0][2:].split() or ["/bin/sh"]
        command = shlex.join([*words, f"./{info}"])
    elif script:
        command = script.partition("\n")[2]
    doc["script"] = TEXT.format(
        name=shlex.quote(name), key=shlex.quote(key), command=shlex.quote(command),
        queue=QUEUE, running=RUNNING, log=LOG, gone=GONE, notes=_notes(reading),
    )  # fmt: skip
    shown = "".join(char if char.isprintable() else "?" for char in name)[:NAME_MAX]
    doc.update(name=shown, cwd=root, key=key, grace="10s")
    doc["tags"] = [*doc.get("tags", ()), tag, key]
    return doc


def _notes(reading: Reading) -> str:
    lines = [f"{where}: {what}: {fate}" for where, what, fate in reading.notices]
    return "".join(f"echo {shlex.quote(line)} >> {LOG}\n" for line in lines)


def _text(path: str) -> str:
    where = os.path.basename(path)
    with open(path, "rb") as file:
        raw = file.read(INFO_MAX + 1)
    if len(raw) > INFO_MAX:
        raise Malformed(f"{where} is longer than {INFO_MAX} bytes: that is no info file")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")

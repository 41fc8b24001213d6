"""``wam -j``, ``-bat``, ``wam FILE.json``: decks become jobs of one submission."""

from __future__ import annotations

import glob
import json
import os
import shlex
import sys
import uuid

from rota.faces.foreign import handed_in, tell
from rota.faces.wam.config import conf
from rota.faces.wam.entry import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from rota.faces.foreign import Site
    from rota.faces.wam.config import Conf
    from rota.faces.wam.entry import Asked
    from rota.formats.reading import Reading


def submit(asked: Asked, site: Site) -> int:
    """Hand in the decks that were named, or those of a job file."""
    mine = conf()
    known = {str(row["name"]) for row in site.client.licences()["licences"]}
    submission = uuid.uuid4().hex[:12]
    docs = []
    for reading in _readings(asked, mine):
        for where, what, fate in reading.notices:
            tell(f"wam: {where}: {what}: {fate}")
        docs.append(completed(reading.doc, asked, mine))
    for doc in docs:
        doc["origin"]["submission"] = submission
        doc["tags"] = [f"wam.{submission}"]
        for name in set(doc.get("licences", ())) - known:
            tell(f"wam: {name} is no licence that this server counts; its tokens are not")
            del doc["licences"][name]
    jobs = handed_in(site.client, docs, say=lambda text: tell(f"wam: {text}"))
    for doc in docs:
        print(f"{jobs[0].id}:{doc['name']} submitted")
    return 0


def completed(doc: dict[str, Any], asked: Asked, mine: Conf) -> dict[str, Any]:
    """Return *doc* with the machine that was chosen, and what is run after the solver."""
    from rota.faces.slurm.submitter import environment

    doc["name"] = doc["name"].rpartition(":")[2]
    doc["env"] = environment()
    if host := asked.get("host"):
        doc["host"] = host[0]
    if mine.post_job:
        # The solver's exit code is the job's, whatever the hook does.
        solver = shlex.join(doc.pop("argv"))
        doc["command"] = f"{solver}\ncode=$?\n{mine.post_job}\nexit $code"
    return doc


def _readings(asked: Asked, mine: Conf) -> list[Reading]:
    from rota.core.errors import Malformed
    from rota.formats.wam import read

    files = asked.get("files", [])
    if len(files) == 1 and files[0].endswith(".json"):
        try:
            with open(files[0], encoding="utf-8") as file:
                return read(file.read(), where=files[0])
        except UnicodeDecodeError:
            raise Malformed(f"{files[0]} is not text in UTF-8") from None
        except OSError as error:
            raise Malformed(f"{files[0]} cannot be read: {error.strerror}") from None
    if files:
        raise UsageError(f"{files[0]} is no job file; -j {files[0]} hands in a deck")
    flags: dict[str, Any] = {"cpus": _count(asked, "cpus"), "gpus": _count(asked, "gpus")}
    tree = {
        "jobFiles": _decks(asked, mine), "solverFlags": {**flags, "interactive": None},
        "advanced": {"sendEmailTo": mine.email if "email" in asked else None},
        "jobData": {"priority": (asked.get("priority") or ["1"])[0]},
    }  # fmt: skip
    try:
        return read(json.dumps(tree), where="")
    except Malformed as error:
        # Nobody wrote this text: there is no place in it to tell.
        bare = [complaint._replace(where="") for complaint in error.complaints]
        raise Malformed(complaints=bare) from None


def _decks(asked: Asked, mine: Conf) -> list[str]:
    if name := asked.get("job"):
        return [name[0] if "." in os.path.basename(name[0]) else f"{name[0]}.inp"]
    found = sorted({path for pattern in mine.decks for path in glob.glob(pattern)})
    if not found:
        raise UsageError(f"there is no {' or '.join(mine.decks)} in this folder")
    if "all" in asked:
        return found
    for number, path in enumerate(found):
        tell(f"{number:3}  {path}")
    answer = _asked("which of them: numbers by commas, or all? ", "say -a for all of them")
    if answer.strip() == "all":
        return found
    picked = [word.strip() for word in answer.split(",") if word.strip()]
    if not picked or not all(w.isdigit() and int(w) < len(found) for w in picked):
        raise UsageError(f"{answer.strip()!r} are none of them")
    return [found[int(word)] for word in picked]


def _count(asked: Asked, name: str) -> str:
    if name in asked:
        return asked[name][0]
    if name == "gpus" or not sys.stdin.isatty():
        return "0" if name == "gpus" else _asked("", "say how many cores: -cpus N")
    return _asked("how many cores? ", "")


def _asked(question: str, remedy: str) -> str:
    if not sys.stdin.isatty():
        raise UsageError(remedy)
    return input(question)

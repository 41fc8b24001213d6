"""``jtm-submit``: a task file, or a command with its pool, becomes a job.

pool NAME is there          → the task waits for its nodes
a pool like CLUSTER or jtm  → NAME is made like it, with what the task says of it
neither                     → it runs on any node, within the pool's time and memory
"""

from __future__ import annotations

import os
import re

from rota.faces.foreign import tell
from rota.faces.jtm.entry import BAD_JSON, POOL, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from rota.faces.foreign import Site
    from rota.formats.reading import Reading

MODEL = "jtm"
"""A pool of this name is the model of those that tasks ask for."""

_WORKFLOW = re.compile(r"/([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f-]{22}/")
_OURS = ("kind", "via", "address", "carry", "python", "scratch", "setup", "options",
         "commands", "idle", "poll", "backlog", "labels", "cluster")  # fmt: skip
"""What a model says of its system, and a task does not."""


def submit(asked: dict[str, str], site: Site) -> int:
    """Hand in a task."""
    from rota.core.errors import Malformed

    try:
        reading = _reading(asked)
    except Malformed as error:
        tell(f"jtm-submit: {error.sentence}")
        return BAD_JSON
    for where, what, fate in reading.notices:
        tell(f"jtm-submit: {where}: {what}: {fate}")
    doc = completed(reading.doc)
    _pooled(site, doc)
    print(f"JTM task ID {site.client.submit(doc)[0].id}")
    return 0


def _reading(asked: dict[str, str]) -> Reading:
    from rota.formats import jtm

    given = [name for name in ("command", "file", "json") if name in asked]
    if len(given) != 1:
        raise UsageError("give one of -cr COMMAND, -f FILE and -j JSON")
    pool = {key: asked[key] for key in dict.fromkeys(POOL.values()) if key in asked}
    if "command" in asked:
        task: dict[str, Any] = {"command": asked["command"]}
    else:
        task = _task(asked)
    inside = task.get("pool")
    pool = {**(inside if isinstance(inside, dict) else {}), **pool}
    if "name" in pool:
        pool.pop("poolname", None)
    found = _WORKFLOW.search(str(task.get("command", "")))
    if str(pool.get("shared", "1")) == "0" and found:
        pool.setdefault("job_id", f"cromwell_{found[1]}")
    return jtm.job_of({**task, "pool": pool}, where=asked.get("file", site_word(asked)))


def site_word(asked: dict[str, str]) -> str:
    """Return what errors call the place where a task was given."""
    return "-j" if "json" in asked else "-cr"


def _task(asked: dict[str, str]) -> dict[str, Any]:
    """Return the one task of the file, or of the text, that was given."""
    from rota.core.errors import Malformed
    from rota.formats import jtm
    from rota.formats.relaxed import loads

    where = asked.get("file", "-j")
    text = asked.get("json")
    if text is None:
        try:
            with open(where, encoding="utf-8") as file:
                text = file.read()
        except UnicodeDecodeError:
            raise Malformed(f"{where} is not text in UTF-8") from None
        except OSError as error:
            raise Malformed(f"{where} cannot be read: {error.strerror}") from None
    if len(jtm.read(text, where=where)) != 1:
        raise Malformed(f"{where} holds several tasks; give them one by one")
    tree = loads(text, where=where)[0]
    task: dict[str, Any] = tree[0] if isinstance(tree, list) else tree
    return task


def completed(doc: dict[str, Any]) -> dict[str, Any]:
    """Return *doc* with this machine's folder and variables, and paths filled in."""
    from rota.faces.slurm.submitter import environment

    doc["cwd"] = os.path.abspath(_path(str(doc.get("cwd", "."))))
    doc["env"] = environment()
    for key in ("output", "error"):
        if key in doc:
            doc[key] = _path(str(doc[key]))
    if "expect" in doc:
        # Patterns are of the folder it works in: what lies there loses its front.
        folder = doc["cwd"] + "/"
        doc["expect"] = [_path(text).removeprefix(folder) for text in doc["expect"]]
    return doc


def _path(text: str) -> str:
    return os.path.expanduser(os.path.expandvars(text))


def _pooled(site: Site, doc: dict[str, Any]) -> None:
    """Let the job of *doc* wait for its pool, if there is one or it can be made."""
    from rota.core.errors import NotAllowed
    from rota.formats.jtm import pool_keys

    origin = doc["origin"]
    pools = {str(pool["name"]): pool for pool in site.client.pools()["pools"]}
    name, keys = origin["pool"], pool_keys(origin)
    if name not in pools:
        model = pools.get(origin.get("cluster", "")) or pools.get(MODEL)
        if model is None or not keys:
            return
        kept = {key: model["keys"][key] for key in _OURS if key in model["keys"]}
        try:
            site.client.pool_asked("add", name, **plain(kept), **keys)
        except NotAllowed as error:
            tell(f"jtm-submit: pool {name} is not made: {error.sentence}")
            return
    doc["pool"] = name
    # The pool's time is that of its machines; a task of theirs may take what is left.
    doc.pop("time", None)


def plain(keys: dict[str, Any]) -> dict[str, Any]:
    """Return *keys*, as a server shows those of a pool, as one writes them."""
    return {
        key.removesuffix("_s"): f"{held}s" if key in ("idle", "poll", "idle_s", "poll_s")
        and isinstance(held, (int, float)) else held
        for key, held in keys.items()
    }  # fmt: skip

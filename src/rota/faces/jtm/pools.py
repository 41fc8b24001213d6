"""JTM's pools and workers are our pools and their agents.

jtm-worker -wt dynamic -p big -t 1:00:00 -c 32 -m 60G -nwpn 4    a pool: pilots when needed
jtm-worker -wt static …                                          … one always
jtm-worker … -dr                                                 the script, nothing else
"""

from __future__ import annotations

from rota.faces.foreign import tell
from rota.faces.jtm.entry import NO_REPLY, POOL, UsageError
from rota.faces.jtm.submit import MODEL, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from rota.faces.foreign import Site

TYPES = ("manual", "static", "dynamic")


def worker(asked: dict[str, str], site: Site) -> int:
    """Make or change a pool, or with -dr print what would be handed in."""
    kind = asked.get("type", "manual")
    if kind not in TYPES:
        raise UsageError(f"-wt is one of {', '.join(TYPES)}, not {kind!r}")
    if kind == "manual" and "dry" not in asked:
        raise UsageError(
            "a worker by hand is an agent: rota join TOKEN offers this machine, and"
            " rota invite on the server's prints the token; or say -wt dynamic"
        )
    name, keys = _described(asked)
    there = {str(pool["name"]): pool for pool in site.client.pools()["pools"]}
    if name not in there:
        model = there.get(asked.get("cluster", "")) or there.get(MODEL)
        said = {"kind": "slurm"} if model is None else dict(model["keys"])
        names = ("kind", "via", "address", "carry", "python", "scratch", "setup",
                 "options", "commands")  # fmt: skip
        keys = {**plain({key: said[key] for key in names if key in said}), **keys}
    if "dry" in asked:
        print(site.client.pool_asked("script", name, **keys)["script"], end="")
        return 0
    if kind == "static":
        keys["min"] = 1
    site.client.pool_asked("set" if name in there else "add", name, **keys)
    tell(f"pool {name}: rota pool show {name} tells how it is doing")
    return 0


def remove_pool(asked: dict[str, str], site: Site) -> int:
    """Cancel a pool's allocations, and the tasks that wait for it or run."""
    name = _name(asked)
    waiting = [job.id for job in site.client.all_jobs(live=True, tag=[f"pool.{name}"])]
    if waiting:
        site.client.kill(*waiting, wait=False)
    there = {str(pool["name"]) for pool in site.client.pools()["pools"]}
    if name in there:
        site.client.pool_asked("remove", name)
    elif not waiting:
        tell(f"jtm-remove-pool: there is no pool {name}, and no task of it")
        return NO_REPLY
    return 0


def check_worker(asked: dict[str, str], site: Site) -> int:
    """Print how many workers are alive, of one pool or of all; exit 0 when there are."""
    label = f"pool:{_name(asked)}" if "name" in asked else ""
    alive = [
        node
        for node in site.client.nodes()
        if node.state in ("up", "drained") and (not label or label in node["labels"])
    ]
    print(len(alive))
    return 0 if alive else 1


def check_manager(asked: dict[str, str], site: Site) -> int:
    """Exit 0 when the server answers; 255, as JTM's, when it does not."""
    from rota.core.errors import Unreachable

    try:
        site.client.info()
    except Unreachable as error:
        tell(f"jtm-check-manager: {error.sentence}")
        return 255
    return 0


def _name(asked: dict[str, str]) -> str:
    from rota.formats.jtm import pool_name

    if not asked.get("name"):
        raise UsageError("say which pool: -p NAME")
    return pool_name(asked["name"])


def _described(asked: dict[str, str]) -> tuple[str, dict[str, Any]]:
    """Return the name of the pool that the options describe, and its keys."""
    from rota.formats.jtm import job_of, pool_keys

    pool = {key: asked[key] for key in dict.fromkeys(POOL.values()) if key in asked}
    pool.setdefault("time", "00:30:00")
    origin = job_of({"command": "worker", "pool": pool}, where=":").doc["origin"]
    return origin["pool"], pool_keys(origin)

"""Outputs of jobs brought here, and files brought to jobs that run.

ended     files(job) ─────────────────╮
running   snap(job, patterns) ─▶ tree ─┴─▶ those that are meant ─▶ Mover.fetch
put       gather ─▶ Mover.send ─▶ put(job, tree)
"""

from __future__ import annotations

import os

from rota.client import calls
from rota.client.moving import Mover, tree_of
from rota.core.errors import Missing
from rota.core.globs import Globs, rule_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from rota.client.filing import FileVerbs


def fetch(
    client: FileVerbs,
    job: int,
    patterns: Sequence[str],
    *,
    to: str,
    task: int | None = None,
    attempt: int | None = None,
    force: bool = False,
) -> list[str]:
    """Do what ``Client.fetch`` says."""
    found = listed(client, job, patterns, task=task, attempt=attempt)
    tree = tree_of(meant(found["files"], patterns))
    if not tree.entries:
        raise Missing(nothing(found, patterns))
    name = f"{job}.{found['task']}.{found['attempt']}"
    mover = Mover(client.line_address, told=client.told, attempt=name)
    try:
        return mover.fetch(tree, to, force=force)
    finally:
        mover.close()


def listed(
    client: FileVerbs,
    job: int,
    patterns: Sequence[str],
    *,
    task: int | None,
    attempt: int | None,
) -> dict[str, Any]:
    """Return the files there are of an attempt: stored ones, or those of a running job."""
    view = client.ask(calls.job(job, task))
    is_latest = attempt is None or attempt == view.get("attempt")
    if view["state"] != "running" or not is_latest or view.get("phase") == "staging_out":
        return client.files(job, task=task, attempt=attempt)
    wanted = list(patterns) or _outputs(view) or ["*"]
    told = client.ask(calls.snap(job, wanted, task=task))
    if told["tree"] is None:
        return {"id": job, "task": task or 0, "attempt": told["attempt"], "tree": None,
                "files": []}  # fmt: skip
    return client.files(job, task=task, attempt=told["attempt"], tree=told["tree"])


def meant(rows: Sequence[Any], patterns: Sequence[str]) -> list[Any]:
    """Return those of *rows*, files as the server lists them, that *patterns* mean."""
    globs = Globs([rule_of(text) for text in patterns])
    return [row for row in rows if not patterns or globs.find(row["path"])]


def put(
    client: FileVerbs, job: int, rules: Sequence[str], *, task: int | None = None
) -> dict[str, Any]:
    """Do what ``Client.put`` says."""
    from rota.client.gathering import gather

    view = client.ask(calls.job(job, task))
    mover = Mover(client.line_address, told=client.told,
                  attempt=f"{job}.{task or 0}.{view.get('attempt') or 1}")  # fmt: skip
    try:
        tree = mover.send(gather(rules, None, folder=os.getcwd()))
    finally:
        mover.close()
    return client.ask(calls.put(job, tree, task=task))


def nothing(found: dict[str, Any], patterns: Sequence[str]) -> str:
    """Return why there is nothing to fetch, as a sentence."""
    job, attempt = found["id"], found["attempt"]
    if found["tree"] is None:
        return (
            f"attempt {attempt} of job {job} has no stored files; "
            "name outputs when you submit"
        )
    names = ", ".join(row["path"] for row in found["files"][:5])
    return f"nothing of job {job} is called {' or '.join(patterns)}; there are: {names}"


def _outputs(view: dict[str, Any]) -> list[str]:
    return list((view.get("spec") or {}).get("outputs") or ())

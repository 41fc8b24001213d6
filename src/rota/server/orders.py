"""Effects for agents as messages: run, kill, suspend, signal, forget.

Run(spec, grants, tasks)  ──▶  {"t": "run", "spec": {…} once per job, "tasks": […], …}
"""

from __future__ import annotations

from typing import Any

from rota.core.job import JobSpec, facts_of, show_name
from rota.engine.events import Forget, Kill, Run, Signal, Suspend
from rota.server.auth import Pass
from rota.server.link import Link

Order = Run | Kill | Suspend | Signal | Forget


def message_of(effect: Order, *, link: Link, lease_ms: int) -> dict[str, Any]:
    """Return *effect* as *link* needs it."""
    if isinstance(effect, Run):
        return run_message(effect, link=link, lease_ms=lease_ms)
    if isinstance(effect, Kill):
        return kill_message(effect)
    if isinstance(effect, Suspend):
        return {"t": "suspend", "a": effect.attempt, "on": effect.on}
    if isinstance(effect, Signal):
        return {"t": "signal", "a": effect.attempt, "signal": effect.signal}
    return {"t": "forget", "as": effect.attempts}


def run_message(run: Run, *, link: Link, lease_ms: int) -> dict[str, Any]:
    """Return *run* as *link* needs it: with the spec when it does not have that yet."""
    grant = run.grants[0]
    version, is_new = link.spec_version(run.job, run.spec)
    message: dict[str, Any] = {
        "t": "run",
        "alloc": run.alloc,
        "job": run.job,
        "spec_version": version,
        "cores": grant.cores,
        "memory": grant.memory,
        "gpus": grant.gpus,
        "nodes": [(g.node, g.cores, g.gpus) for g in run.grants],
        "tasks": _tasks(run),
    }
    if is_new:
        message["spec"] = spec_message(run, shown=link.shown, lease_ms=lease_ms)
    return message


def spec_message(run: Run, *, shown: Pass, lease_ms: int) -> dict[str, Any]:
    """Return what the agent must know of a job to run its tasks."""
    spec = run.spec
    request = spec.request
    return {
        "argv": spec.argv,
        "command": spec.command,
        "script": spec.script,
        "args": spec.args,
        "name": show_name(spec),
        "cwd": spec.cwd,
        "env": spec.env,
        "setup": spec.setup,
        "shell": spec.shell,
        "stdin": spec.stdin,
        "tree": spec.tree,
        "outputs": spec.outputs,
        "expect": spec.expect or None,
        "output": spec.output,
        "error": spec.error,
        "output_mode": spec.output_mode,
        "origin": spec.origin,
        "grace_ms": spec.grace_ms,
        "warn_ms": spec.warn_ms,
        "warn_signal": spec.warn_signal,
        "time_ms": request.time_ms,
        "memory": request.memory,
        "cores": request.cores,
        "gpus": request.gpus,
        "progress": spec.progress,
        **_watched(run),
        "lease_ms": lease_ms if spec.restartable else None,
        "user": run.user.name,
        "uid": None if shown.acts_for(run.user) else run.user.uid,
        "array": spec.array is not None,
    }


def _watched(run: Run) -> dict[str, Any]:
    """Return what few jobs ask for, and is left out for the others."""
    spec = run.spec
    asked = {
        "stall_ms": spec.stall_ms, "output_max": spec.output_max,
        "terminal": spec.terminal, "container": spec.container,
        "container_args": spec.container_args,
        "threads": spec.request.threads if spec.request.threads > 1 else None,
        "disk": spec.request.disk, "denied_if": run.denied_if,
        "monitor": spec.monitor, "fail_if": spec.fail_if, "pass_if": spec.pass_if,
    }  # fmt: skip
    return {name: held for name, held in asked.items() if held}


def kill_message(kill: Kill) -> dict[str, Any]:
    """Return *kill* as it travels."""
    message = {
        "t": "kill",
        "a": kill.attempt,
        "grace_ms": kill.grace_ms,
        "reason": kill.reason.to_dict(),
    }
    return {**message, "signal": kill.signal} if kill.signal else message


def _tasks(run: Run) -> list[tuple[int, int, dict[str, Any] | None]]:
    spec: JobSpec = run.spec
    if spec.array is None or not spec.array.values:
        return [(index, n, None) for index, n, _ in run.tasks]
    return [(index, n, facts_of(spec, index, at)) for index, n, at in run.tasks]

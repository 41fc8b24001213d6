"""Pilots as Jobs of Kubernetes: kubectl, one Secret and one Job for each pilot.

    Secret  the agent and its token, seen by the pod as files in /rota
    Job     one container of the pool's image, never started twice

``cluster`` is the context, ``partition`` the namespace, ``account`` the service account,
``constraint`` a node selector key=value; options: ["image=python:3.12-slim"].
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rota.core.pool import Pool
from rota.launch.body import body
from rota.launch.contract import (
    ENDED,
    QUEUED,
    RUNNING,
    Command,
    LaunchFailed,
    Output,
    Seen,
    Ticket,
    refusal,
)

IMAGE = "python:3.12-slim"
PLACE = "/rota"


class Kubernetes:
    """See the head of the file."""

    def script(self, pool: Pool, ticket: Ticket) -> str:
        inside = replace(
            ticket, cargo={}, kept=None,
            agent_file=f"{PLACE}/agent.pyz", token_file=f"{PLACE}/token",
        )  # fmt: skip
        items = [_secret(ticket), _job(pool, ticket, body(pool, inside))]
        manifest = {"apiVersion": "v1", "kind": "List", "items": items}
        return json.dumps(manifest, indent=1) + "\n"

    def submit(self, script: str, *, pool: Pool, marker: str) -> Command:
        return Command((*_kubectl(pool), "create", "-f", "-", "-o", "name"), script)

    def submitted(self, output: Output) -> str:
        names = [word for word in output.out.split() if word.startswith("job.batch/")]
        if output.code == 0 and names:
            return names[0].partition("/")[2]
        raise refusal(output, what="the submit", cure="`kubectl get namespaces` lists them")

    def poll(self, ids: Sequence[str], *, pool: Pool, prefix: str) -> Command:
        ours = f"rota-pool={pool.name}"
        return Command((*_kubectl(pool), "get", "jobs", "-l", ours, "-o", "json"))

    def polled(self, output: Output) -> Mapping[str, Seen]:
        if output.code != 0:
            raise refusal(output, what="listing jobs")
        try:
            return dict(_rows(json.loads(output.out)["items"]))
        except (ValueError, KeyError, TypeError) as error:
            raise LaunchFailed(f"this is no answer of kubectl: {error!r}") from None

    def cancel(self, ids: Sequence[str], *, pool: Pool) -> Command:
        both = [f"{kind}/{one}" for one in ids for kind in ("job", "secret")]
        return Command(
            (*_kubectl(pool), "delete", "--ignore-not-found", "--wait=false", *both)
        )


def _kubectl(pool: Pool) -> tuple[str, ...]:
    context = ("--context", pool.cluster) if pool.cluster else ()
    space = ("--namespace", pool.partition) if pool.partition else ()
    return ("kubectl", *context, *space)


def _rows(items: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Seen]]:
    for item in items:
        about, status = item["metadata"], item.get("status", {})
        ends = [c for c in status.get("conditions", ()) if c.get("status") == "True"]
        ends = [c for c in ends if c["type"] in ("Complete", "Failed")]
        if ends:
            state, word = (
                ENDED,
                ": ".join(
                    str(ends[0][key]) for key in ("type", "reason") if ends[0].get(key)
                ),
            )
        elif status.get("ready"):
            state, word = RUNNING, "Running"
        else:
            state, word = QUEUED, "Pending"
        name = about.get("labels", {}).get("rota-marker", "")
        yield about["name"], Seen(state, name, word)


def _about(pool: str, ticket: Ticket) -> dict[str, Any]:
    # Names here know no capitals and no underscores; labels do.
    name = ticket.marker.lower().replace("_", "-")
    return {"name": name, "labels": {"rota-marker": ticket.marker, "rota-pool": pool}}


def _secret(ticket: Ticket) -> dict[str, Any]:
    token = base64.b64encode(ticket.cargo.get("token", "").encode()).decode()
    pool = ticket.marker.split("-")[2]
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": _about(pool, ticket),
        "data": {
            "agent.pyz": ticket.cargo.get("agent", "").replace("\n", ""),
            "token": token,
        },
    }


def _job(pool: Pool, ticket: Ticket, text: str) -> dict[str, Any]:
    about = _about(pool.name, ticket)
    asked: dict[str, str] = {"cpu": str((pool.cores or 1) * pool.agents)}
    if pool.memory:
        asked["memory"] = str(pool.memory * pool.agents)
    if pool.gpus:
        asked["nvidia.com/gpu"] = str(pool.gpus * pool.agents)
    options = dict(option.partition("=")[::2] for option in pool.options)
    container = {
        "name": "pilot",
        "image": options.get("image", IMAGE),
        "command": ["/bin/sh", "-c", text],
        "resources": {"requests": asked, "limits": asked},
        "volumeMounts": [{"name": "rota", "mountPath": PLACE, "readOnly": True}],
    }
    pod: dict[str, Any] = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "terminationGracePeriodSeconds": 30,
        "containers": [container],
        "volumes": [
            {"name": "rota",
             "secret": {"secretName": about["name"], "defaultMode": 0o400}}
        ],
    }  # fmt: skip
    if pool.account:
        pod["serviceAccountName"] = pool.account
    if pool.constraint:
        key, _, value = pool.constraint.partition("=")
        pod["nodeSelector"] = {key: value}
    spec: dict[str, Any] = {
        "backoffLimit": 0,
        "completions": pool.nodes,
        "parallelism": pool.nodes,
        "template": {"metadata": {"labels": about["labels"]}, "spec": pod},
    }
    if pool.time_ms is not None:
        spec["activeDeadlineSeconds"] = -(-pool.time_ms // 1000)
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": about, "spec": spec}

"""Kubernetes: the manifest, and what ``kubectl get jobs -o json`` says.

The listings are written after the batch/v1 API (its reference): they were not recorded
here, where there is no cluster.
"""

from __future__ import annotations

import base64
import json

import pytest

from rota.launch.contract import ENDED, QUEUED, RUNNING, LaunchFailed
from rota.launch.kubernetes import Kubernetes
from tests.launch.samples import output, pool, ticket

CARGO = {"agent": base64.b64encode(b"the agent").decode(), "token": "s3cret"}


def _item(**status: object) -> dict[str, object]:
    labels = {"rota-marker": "rota-ab12-big-7", "rota-pool": "big"}
    return {"metadata": {"name": "rota-ab12-big-7", "labels": labels}, "status": status}


def _read(*items: dict[str, object]) -> list[tuple[str, str]]:
    seen = Kubernetes().polled(output(json.dumps({"kind": "List", "items": items})))
    return [(one.state, one.word) for one in seen.values()]


def test_the_manifest_asks_for_what_the_pool_says() -> None:
    """One Secret, one Job; the token stands in the Secret alone."""
    given = pool("kubernetes", partition="team", constraint="disk=ssd")
    text = Kubernetes().script(given, ticket(cargo=CARGO))
    secret, job = json.loads(text)["items"]
    assert base64.b64decode(secret["data"]["token"]) == b"s3cret"
    assert base64.b64decode(secret["data"]["agent.pyz"]) == b"the agent"
    spec = job["spec"]["template"]["spec"]
    assert spec["containers"][0]["resources"]["limits"]["cpu"] == "4"
    assert spec["nodeSelector"] == {"disk": "ssd"}
    assert job["spec"]["activeDeadlineSeconds"] == 3600
    assert job["spec"]["backoffLimit"] == 0
    assert "s3cret" not in json.dumps(job)
    command = Kubernetes().submit(text, pool=given, marker="rota-ab12-big-7")
    assert command.argv[:3] == ("kubectl", "--namespace", "team")


def test_names_are_such_as_kubernetes_takes() -> None:
    """No capitals, no underscores; the label keeps the marker as it is."""
    text = (
        Kubernetes()
        .script(pool("kubernetes"), ticket(cargo=CARGO))
        .replace("rota-ab12-big-7", "rota-ab12-big-7")
    )
    assert json.loads(text)["items"][1]["metadata"]["labels"]["rota-marker"] == (
        "rota-ab12-big-7"
    )


def test_states_are_read() -> None:
    """Pending, running, over either way."""
    assert _read(_item(active=1, ready=0)) == [(QUEUED, "Pending")]
    assert _read(_item(active=1, ready=1)) == [(RUNNING, "Running")]
    done = {"type": "Complete", "status": "True"}
    assert _read(_item(succeeded=1, conditions=[done])) == [(ENDED, "Complete")]
    late = {"type": "Failed", "status": "True", "reason": "DeadlineExceeded"}
    assert _read(_item(failed=1, conditions=[late])) == [
        (ENDED, "Failed: DeadlineExceeded")
    ]


def test_rubbish_is_no_answer() -> None:
    """Nobody is gone because of it."""
    for text in ("", "{}", "[]"):
        with pytest.raises(LaunchFailed):
            Kubernetes().polled(output(text))
    assert Kubernetes().submitted(output("secret/x\njob.batch/x\n")) == "x"

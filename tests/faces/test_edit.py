"""``rota edit``: keys of a waiting job, as in a job file."""

from __future__ import annotations

import pytest

from rota.client.http import Client
from rota.core.errors import Malformed
from rota.faces.edit import changes
from tests.faces.conftest import Rota


def test_words_become_values_of_a_document() -> None:
    """As the options of submit do; what repeats is joined."""
    wanted = changes(["cores=4", "memory=10GB", "held=no", "tags=a", "tag=b", "env=A=1"])

    assert wanted == {
        "cores": 4, "memory": "10GB", "held": False, "tags": ["a", "b"], "env": {"A": "1"},
    }  # fmt: skip


def test_everything_wrong_is_told_at_once() -> None:
    """With the nearest key."""
    with pytest.raises(Malformed) as caught:
        changes(["memroy=1GB", "cores"])

    assert [str(c) for c in caught.value.complaints] == [
        "memroy: unknown key; did you mean `memory`?",
        "cores: sets nothing; write KEY=VALUE",
    ]


def test_a_waiting_job_is_changed(rota: Rota, client: Client) -> None:
    """And nothing else of it."""
    doc = {"argv": ["true"], "cwd": "/", "held": True, "name": "edited", "cores": 1}
    job = client.submit(doc)[0].id
    said = rota("edit", "edited", "cores=2", "priority=high")

    assert (said.code, said.out) == (0, f"job {job} edited\n")
    view = client.job(job)
    assert (view["request"]["cores"], view["priority"], view.name) == (2, 500, "edited")
    assert rota("edit", str(job), "memory=10").code == 2
    assert rota("edit", str(job), "cores=64").code == 2
    client.kill(job)
    assert rota("edit", str(job), "cores=1").code == 2

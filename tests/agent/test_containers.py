"""Words for each container program, as their manuals have them; which are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from rota.agent.containers import (
    Inside,
    environment,
    labels,
    outermost,
    runtime_for,
    wrapped,
)

ENV = {"PATH": "/opt/bin", "HOME": "/home/a", "TOKEN": "s3cret", "ROTA_JOB_ID": "7"}


def inside(program: str, **rest: object) -> Inside:
    """Return a container of *program* with what *rest* says."""
    said: dict[str, object] = {
        "program": f"/usr/bin/{program}", "image": "ubuntu:24.04", "args": [],
        "binds": ["/data/run", "/home/a/node/tmp/s.0"], "cwd": "/data/run", "gpus": [],
        "terminal": False, "keep": False,
    }  # fmt: skip
    return Inside(**{**said, **rest})  # type: ignore[arg-type]


def put(folder: Path, *names: str) -> str:
    """Make programs called *names* in *folder*; return it as a PATH."""
    for name in names:
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)
    return f"/nowhere:{folder}"


def test_podman() -> None:
    """The same folders, the node's network, our cgroup; names of variables, no values."""
    words = wrapped(["sh", "-c", "make"], ENV, inside("podman"))

    assert words[:4] == ["/usr/bin/podman", "run", "--rm", "--interactive"]
    assert "--cgroups=disabled" in words
    assert "--network=host" in words
    assert "--volume=/data/run:/data/run" in words
    assert "--workdir=/data/run" in words
    assert [word for word in words if word.startswith("--env")] == [
        "--env=ROTA_JOB_ID", "--env=TOKEN"
    ]  # fmt: skip
    assert words[-4:] == ["ubuntu:24.04", "sh", "-c", "make"]
    assert not any("s3cret" in word for word in words)


def test_podman_with_more() -> None:
    """A terminal, gpus by number, whoever one is, further words before the image."""
    words = wrapped(
        ["id"], ENV,
        inside("podman", image="docker://ubuntu", gpus=[0, 2], terminal=True, keep=True,
               args=["--volume=/x:/x:ro"], init="/usr/bin/catatonit"),
    )  # fmt: skip

    assert {"--tty", "--userns=keep-id", "--init", "--init-path=/usr/bin/catatonit"} <= set(
        words
    )
    assert "--device=nvidia.com/gpu=0" in words
    assert "--device=nvidia.com/gpu=2" in words
    assert words[-3:] == ["--volume=/x:/x:ro", "ubuntu", "id"]


@pytest.mark.parametrize("program", ["apptainer", "singularity"])
def test_apptainer(program: str) -> None:
    """Names are of a registry; it takes the variables from its own environment."""
    words = wrapped(["id"], ENV, inside(program, gpus=[1], args=["--cleanenv"]))

    assert words == [
        f"/usr/bin/{program}", "exec", "--no-home", "--bind=/data/run",
        "--bind=/home/a/node/tmp/s.0", "--pwd=/data/run", "--nv", "--cleanenv",
        "docker://ubuntu:24.04", "id",
    ]  # fmt: skip
    assert environment({**ENV, "LD_PRELOAD": "x.so"}, words[0]) == ENV


@pytest.mark.parametrize("image", ["/images/a.sif", "./a.sif", "a.sif", "library://a/b:1"])
def test_files_and_other_places_stay_as_they_are(image: str) -> None:
    """What is no bare name is said as it is."""
    assert image in wrapped(["id"], ENV, inside("apptainer", image=image))


def test_what_a_node_offers(tmp_path: Path) -> None:
    """A label for having one, and one for each; nothing on a bare node."""
    assert labels("/nowhere") == []
    path = put(tmp_path, "podman", "apptainer")

    assert labels(path) == ["container", "container:apptainer", "container:podman"]
    assert runtime_for("ubuntu", path) == str(tmp_path / "apptainer")


def test_podman_reads_no_files(tmp_path: Path) -> None:
    """A .sif is for apptainer alone."""
    path = put(tmp_path, "podman")

    assert runtime_for("ubuntu", path) == str(tmp_path / "podman")
    assert runtime_for("a.sif", path) is None


def test_folders_in_others_need_no_word() -> None:
    """The outer one has them."""
    assert outermost(["/a/b", "/a", "/ab", "/a/b/c"]) == ["/a", "/ab"]

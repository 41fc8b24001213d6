"""A job that really runs in a container: podman, with an image made of one program.

Where the tests run, crun refuses (cgroups in hybrid mode) and nobody may raise a limit, so
podman is told to take runc and limits of its own: in its configuration and by
``container_args``, as anybody would on such a machine.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.agent.server import Node, is_there, node, until

pytestmark = pytest.mark.real
IMAGE = "localhost/rota-busybox"
NEEDED = ("podman", "runc", "busybox")
ARGS = ["--cgroups=enabled", "--ulimit=nofile=1024:1024", "--ulimit=nproc=1024:1024"]


class Box:
    """A node, and the words for a job in a container on it."""

    def __init__(self, here: Node, folder: Path, env: dict[str, str]) -> None:
        self.here, self.folder, self.env = here, folder, env
        self.work = folder / "work"
        self.work.mkdir()

    def job(self, number: int, text: str, **more: Any) -> None:
        """Order a job that runs *text* in the image."""
        self.here.run(
            number, argv=["sh", "-c", text], container=IMAGE, container_args=ARGS,
            env={**self.env, **more}, cwd=str(self.work),
        )  # fmt: skip


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """A node whose podman has its own place for images, and one image."""
    lacking = [name for name in NEEDED if shutil.which(name) is None]
    if lacking or os.getuid() != 0:
        pytest.skip(f"containers are tried by root with {', '.join(NEEDED)}: no {lacking}")
    folder = tmp_path_factory.mktemp("box")
    env = _configured(folder)
    _make_image(folder, env)
    with node(folder) as here:
        yield Box(here, folder, env)
    # What was killed has not told podman: its mounts would stay, and the folder with them.
    subprocess.run(
        ["podman", "rm", "--all", "--force"], env={**os.environ, **env}, check=True,
        capture_output=True, timeout=60,
    )  # fmt: skip


def _configured(folder: Path) -> dict[str, str]:
    engine = folder / "containers.conf"
    engine.write_text('[engine]\nruntime = "runc"\ncgroup_manager = "cgroupfs"\n')
    storage = folder / "storage.conf"
    storage.write_text(
        f'[storage]\ndriver = "vfs"\ngraphroot = "{folder}/images"\n'
        f'runroot = "{folder}/run"\n'
    )
    return {
        "CONTAINERS_CONF": str(engine),
        "CONTAINERS_STORAGE_CONF": str(storage),
        "XDG_RUNTIME_DIR": str(folder),
    }


def _make_image(folder: Path, env: dict[str, str]) -> None:
    """Import an image that is busybox and nothing else."""
    programs = folder / "root" / "bin"
    programs.mkdir(parents=True)
    shutil.copy(str(shutil.which("busybox")), programs / "busybox")
    for name in ("sh", "echo", "cat", "sleep", "ls", "touch"):
        (programs / name).symlink_to("busybox")
    archive = shutil.make_archive(str(folder / "root"), "tar", folder / "root")
    subprocess.run(
        ["podman", "import", archive, IMAGE], env={**os.environ, **env}, check=True,
        capture_output=True, timeout=60,
    )  # fmt: skip


def test_it_runs_in_the_image_and_works_in_its_folder(box: Box) -> None:
    """Exit code, output, variables; what it makes is there afterwards, in its folder."""
    text = "ls /; echo $GREETING $ROTA_JOB_ID; echo made > file; echo oops >&2; exit 5"
    box.job(1, text, GREETING="hello")
    end = box.here.finished(1)
    said = box.here.output(1).split()
    assert (end["exit"], end["reason"]["code"]) == (5, "exit_code"), box.here.output(
        1, ending="err"
    )
    assert "usr" not in said and said[-2:] == ["hello", "1"]
    assert box.here.output(1, ending="err") == "oops\n"
    assert (box.work / "file").read_text() == "made\n"


def test_what_is_not_in_the_image_is_not_found(box: Box) -> None:
    """The node's own programs are not the image's."""
    box.job(2, "python3 -c 1")
    assert box.here.finished(2)["exit"] == 127


def test_a_kill_ends_all_of_it(box: Box) -> None:
    """What runs in the container is below the shepherd, and gone with the job."""
    box.job(3, "sleep 600 & sleep 601")
    inside = until(_both_sleep, "it runs")
    box.here.kill(3, grace_ms=500)
    assert box.here.finished(3)["reason"]["code"] == "killed"
    until(lambda: not any(is_there(pid) for pid in inside), "all of it ends")


def _both_sleep() -> list[int]:
    """Return the pids of both programs of the job, once they are there."""
    found = [
        int(path.parent.name)
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if _words(path)[:2] in (["sleep", "600"], ["sleep", "601"])
    ]
    return found if len(found) == 2 else []


def _words(path: Path) -> list[str]:
    try:
        return path.read_bytes().decode().split("\0")[:-1]
    except OSError:
        return []

"""From a spec to a launch: pure, and the same for every task but where it differs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rota.agent.recipe import PATH_DEFAULT, Places, Recipe
from rota.agent.slots import Slot, Trash

PLACES = Places("/h/out", "/h/work")


def recipe(*, gpus: tuple[int, ...] = (), gpus_here: bool = False, **spec: Any) -> Recipe:
    """Return the recipe of a job that is allocated cores 4 and 5 of node a, 1 of b."""
    run = {"alloc": 9, "job": 12, "cores": [4, 5], "memory": 0,
           "gpus": list(gpus), "nodes": [["a", [4, 5], []], ["b", [1], []]]}  # fmt: skip
    full = {"name": "sim", "argv": ["true"], "cwd": "/w", "env": {}} | spec
    slot = Slot("/h/tmp/9", Trash("/h/tmp"))
    return Recipe(full, run=run, places=PLACES, slot=slot, gpus_here=gpus_here)


@pytest.mark.parametrize(
    ("spec", "argv"),
    [
        ({"argv": ["a", "{task}{x}", "{y}"]}, ["a", "7vw", "{y}"]),
        ({"argv": None, "command": "a {x}"}, ["/bin/sh", "-c", "a vw"]),
        ({"argv": None, "command": "a", "setup": "s {x}", "shell": "/bin/bash"},
         ["/bin/bash", "-c", "s vw\na"]),
        ({"argv": ["a", "b"], "setup": "s"},
         ["/bin/sh", "-c", 's\nexec "$@"', "/bin/sh", "a", "b"]),
        ({"argv": None, "script": "#!/x\n"}, ["/h/tmp/9/script0"]),
        ({"argv": None, "script": "x\n"}, ["/bin/sh", "/h/tmp/9/script0"]),
        ({"argv": None, "script": "#!/x\n", "setup": "s"},
         ["/bin/sh", "-c", 's\nexec "$@"', "/bin/sh", "/h/tmp/9/script0"]),
        ({"argv": None, "command": "${task} {task}"}, ["/bin/sh", "-c", "${task} 7"]),
    ],
)  # fmt: skip
def test_argv(spec: dict[str, Any], argv: list[str]) -> None:
    """argv, command and script, with and without setup; quoted where a shell reads."""
    assert recipe(**spec).launch(7, n=2, values={"x": "vw"}).argv == argv


def test_places_of_outputs() -> None:
    """Our own place by default; the job's names are taken from its working folder."""
    launch = recipe(cwd=None).launch(7, n=2, values=None)
    assert (launch.cwd, launch.is_fresh) == ("/h/work/12.7.2", True)
    assert (launch.stdout, launch.stderr) == ("/h/out/12/7.2.out", "/h/out/12/7.2.err")
    assert launch.out_is_ours and launch.err_is_ours and launch.stdin == "/dev/null"
    named = recipe(cwd="/w/{name}", output="o.{task}", error="/e/{attempt}", stdin="i")
    launch = named.launch(7, n=2, values=None)
    assert (launch.cwd, launch.stdout, launch.stderr) == ("/w/sim", "/w/sim/o.7", "/e/2")
    assert not launch.out_is_ours and not launch.err_is_ours and launch.stdin == "/w/sim/i"


def test_environment() -> None:
    """What is the job's, what is the allocation's, what is the task's."""
    env = recipe(env={"A": "{x}/{task}", "OMP_NUM_THREADS": "9"}).launch(
        7, n=2, values={"x": "v", "item": "i"}
    ).env  # fmt: skip
    assert env["A"] == "v/7" and env["PATH"] == PATH_DEFAULT
    assert env["OMP_NUM_THREADS"] == "9" and env["MKL_NUM_THREADS"] == "2"
    assert env["ROTA_CORES"] == "3" and env["ROTA_NODELIST"] == "a,b"
    assert env["ROTA_TASK_ID"] == "7" and env["ROTA_ATTEMPT"] == "2"
    assert env["ROTA_VAR_x"] == "v" and env["ROTA_ITEM"] == "i"
    assert env["TMPDIR"] == "/h/tmp/9/tmp" and "PWD" not in env
    assert recipe(env={"PWD": "/old"}).launch(0, n=1, values=None).env["PWD"] == "/w"


def test_one_task_does_not_see_anothers_values() -> None:
    """The shared part of the environment is not written to."""
    one = recipe()
    one.launch(1, n=1, values={"item": "secret"})
    assert "ROTA_ITEM" not in one.launch(2, n=1, values=None).env


def test_devices() -> None:
    """On a node with devices a job sees those it was granted, and no others."""
    env = recipe(gpus=(1, 3), gpus_here=True).launch(0, n=1, values=None).env
    assert env["CUDA_VISIBLE_DEVICES"] == "1,3"
    env = recipe(gpus_here=True).launch(0, n=1, values=None).env
    assert env["CUDA_VISIBLE_DEVICES"] == ""
    assert "CUDA_VISIBLE_DEVICES" not in recipe().launch(0, n=1, values=None).env


def test_hosts() -> None:
    """A line for each core."""
    assert recipe().hosts == "a\na\nb\n"


def test_in_a_container_its_folders_are_where_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The container program is run instead, with the job's own words last."""
    program = tmp_path / "podman"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    launch = recipe(container="ubuntu", container_args=["--x"], env={"A": "1"}).launch(
        7, n=2, values=None
    )

    assert launch.argv[0] == str(program)
    assert launch.argv[-3:] == ["--x", "ubuntu", "true"]
    assert {"--volume=/w:/w", "--volume=/h/tmp/9:/h/tmp/9", "--env=A"} <= set(launch.argv)
    assert (launch.env["A"], launch.cwd) == ("1", "/w")


def test_a_terminal_is_one_stream() -> None:
    """Its errors go where its output goes."""
    launch = recipe(terminal="24x80").launch(7, n=2, values=None)

    assert launch.terminal == "24x80"
    assert launch.stderr == launch.stdout == "/h/out/12/7.2.out"


def test_ranks_of_several_threads() -> None:
    """A line for each rank in the host file, and its threads for those who ask."""
    one, two = recipe(), recipe(threads=2)
    env = two.launch(7, n=2, values=None).env

    assert (one.hosts, two.hosts) == ("a\na\nb\n", "a\nb\n")
    assert (env["ROTA_RANKS"], env["OMP_NUM_THREADS"]) == ("2", "2")
    assert one.launch(7, n=2, values=None).env["ROTA_RANKS"] == "3"
    assert env["ROTA_HOSTFILE_OPENMPI"] == env["ROTA_HOSTFILE"] + ".openmpi"

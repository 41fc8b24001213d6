"""What an attempt finds and leaves: environment, TMPDIR, working folder."""

from __future__ import annotations

from typing import Any

from tests.agent.server import Node


def environment(node: Node, job: int, task: int, **spec: Any) -> dict[str, str]:
    """Return the environment a task was given."""
    node.run(job, [[task, 1, {"item": "i t", "beta": "0.5"}]], argv=["env", "-0"], **spec)
    node.finished(job, task)
    pairs = node.output(job, task).rstrip("\0").split("\0")
    return dict(pair.split("=", 1) for pair in pairs)


def test_environment_is_what_the_job_says_and_no_more(shared: Node) -> None:
    """Nothing of the agent's own environment leaks into jobs."""
    job = next(shared.jobs)
    env = environment(
        shared, job, 4, env={"A": "1", "PATH": "/usr/bin:/bin", "B": "{task}"}
    )
    assert env["A"] == "1" and env["PATH"] == "/usr/bin:/bin" and env["B"] == "4"
    assert env["ROTA_JOB_ID"] == str(job) and env["ROTA_TASK_ID"] == "4"
    assert env["ROTA_ATTEMPT"] == "1" and env["ROTA_NODELIST"] == "here"
    assert env["ROTA_VAR_item"] == "i t" and env["ROTA_ITEM"] == "i t"
    assert env["ROTA_VAR_beta"] == "0.5" and env["ROTA_CORES"] == "1"
    assert {"HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "ROTA_PROGRESS"} <= set(env)
    leaked = set(env) - {"A", "B", "PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR"}
    assert {name for name in leaked if not name.startswith("ROTA_")} == {
        "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS",
    }  # fmt: skip


def test_the_job_has_the_last_word_on_threads(shared: Node) -> None:
    """OMP_NUM_THREADS follows the grant unless the job sets it."""
    assert environment(shared, next(shared.jobs), 0)["OMP_NUM_THREADS"] == "1"
    env = environment(shared, next(shared.jobs), 0, env={"OMP_NUM_THREADS": "16"})
    assert env["OMP_NUM_THREADS"] == "16"


def test_hostfile_has_a_line_for_each_core(shared: Node) -> None:
    """Several nodes: mpirun finds them in ROTA_HOSTFILE."""
    job = next(shared.jobs)
    order = shared.order(
        job, None, alloc=job, command='cat "$ROTA_HOSTFILE"; echo $ROTA_CORES'
    )
    order["nodes"] = [["a", [0, 1], []], ["b", [3], []]]
    shared.server.tell(order)
    shared.finished(job)
    assert shared.output(job) == "a\na\nb\n3\n"


def test_tmpdir_is_private_and_empty_for_each_task(shared: Node) -> None:
    """What one task leaves in TMPDIR, the next one of the strip does not find."""
    job = next(shared.jobs)
    leave = 'cd "$TMPDIR"; mkdir -p a/b; touch a/b/c; chmod 0 a'
    text = f'ls -A "$TMPDIR" | wc -l; {leave}'
    shared.run(job, [[0, 1, None], [1, 1, None]], command=text)
    shared.finished(job, 1)
    assert [shared.output(job, task).strip() for task in (0, 1)] == ["0", "0"]


def test_a_job_that_removes_its_tmpdir_harms_nobody(shared: Node) -> None:
    """The next task of the strip has one again."""
    job = next(shared.jobs)
    tasks = [[0, 1, None], [1, 1, None]]
    shared.run(job, tasks, command='test -d "$TMPDIR" && rm -r "$TMPDIR"')
    assert shared.finished(job, 1)["exit"] == 0


def test_fresh_working_folder(shared: Node) -> None:
    """Without a cwd a task gets an empty folder of its own; used, it stays."""
    job = next(shared.jobs)
    shared.run(
        job,
        [[0, 1, None], [1, 1, None]],
        cwd=None,
        command="ls -A; [ $ROTA_TASK_ID = 0 ] || touch f",
    )
    shared.finished(job, 1)
    assert shared.output(job, 0) == shared.output(job, 1) == ""
    assert not (shared.home / "work" / f"{job}.0.1").exists()
    assert (shared.home / "work" / f"{job}.1.1" / "f").exists()

"""What an attempt is given and how its end is told, with real processes."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.agent.server import Node

jobs = iter(range(1000, 100_000))


def ran(node: Node, **spec: Any) -> dict[str, Any]:
    """Return how a job of one task ended, its id in it."""
    job = next(jobs)
    node.run(job, **spec)
    return node.finished(job) | {"job": job}


def output_of(node: Node, **spec: Any) -> str:
    """Return what a job wrote that ended well."""
    end = ran(node, **spec)
    assert end["reason"]["code"] == "ok", node.output(end["job"], ending="err")
    return node.output(end["job"])


# ── exit codes and signals ────────────────────────────────────────────────────────────


@pytest.mark.parametrize("code", [0, 1, 3, 127, 137, 255])
def test_the_exit_code_is_the_kernels(shared: Node, code: int) -> None:
    """137 is an exit code like any other, not a guess at memory."""
    end = ran(shared, command=f"exit {code}")
    assert (end["exit"], end["sig"]) == (code, None)
    assert end["reason"]["code"] == ("ok" if code == 0 else "exit_code")
    assert end["s"] <= end["at"]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGPIPE])
def test_the_signal_is_the_kernels(shared: Node, number: int) -> None:
    """A job that dies of a signal is told apart from one that exits with 128+N."""
    end = ran(shared, command=f"kill -{int(number)} $$")
    assert (end["exit"], end["sig"]) == (None, number)
    assert end["reason"]["code"] == "signal"
    assert end["reason"]["text"].startswith(f"killed by signal {int(number)} (SIG")


# ── what cannot start ─────────────────────────────────────────────────────────────────


def test_command_not_found(shared: Node) -> None:
    """No such program on the job's PATH: 127, by name."""
    end = ran(shared, argv=["no-such-program"])
    assert (end["exit"], end["reason"]["code"]) == (127, "not_found")
    assert "no-such-program" in end["reason"]["text"]


def test_path_not_found(shared: Node) -> None:
    """The same for a path, taken from the working folder."""
    end = ran(shared, argv=["./nothing/here"])
    assert (end["exit"], end["reason"]["code"]) == (127, "not_found")


def test_not_executable(shared: Node) -> None:
    """A file that may not be executed: 126, by path."""
    path = shared.folder / "plain.txt"
    path.write_text("hello")
    end = ran(shared, argv=[str(path)])
    assert (end["exit"], end["reason"]["code"]) == (126, "not_executable")
    assert str(path) in end["reason"]["text"]


def test_a_folder_is_not_executable(shared: Node) -> None:
    """A folder is no program."""
    end = ran(shared, argv=["/tmp"])
    assert (end["exit"], end["reason"]["code"]) == (126, "not_executable")


def test_missing_interpreter_is_named(shared: Node) -> None:
    """A script whose interpreter is missing is not found either."""
    path = shared.folder / "script"
    path.write_text("#!/no/such/interpreter\n")
    path.chmod(0o755)
    end = ran(shared, argv=[str(path)])
    assert (end["exit"], end["reason"]["code"]) == (127, "not_found")


def test_text_without_interpreter_runs_in_the_shell(shared: Node) -> None:
    """As in every shell, a text without "#!" is read by sh."""
    path = shared.folder / "bare"
    path.write_text("echo bare $1\n")
    path.chmod(0o755)
    assert output_of(shared, argv=[str(path), "x"]) == "bare x\n"


def test_unusable_working_folder(shared: Node) -> None:
    """A cwd that is not there is named with the kernel's word for it."""
    end = ran(shared, argv=["true"], cwd="/no/such/folder")
    assert (end["exit"], end["reason"]["code"]) == (None, "cwd")
    assert "/no/such/folder" in end["reason"]["text"]


def test_unwritable_output(shared: Node) -> None:
    """An output that cannot be opened is named."""
    end = ran(shared, argv=["true"], output="/proc/nothing/x.txt")
    assert end["reason"]["code"] == "output"
    assert "/proc/nothing" in end["reason"]["text"]


def test_unreadable_input(shared: Node) -> None:
    """An input that is not there is named."""
    end = ran(shared, argv=["cat"], stdin="missing.txt")
    assert end["reason"]["code"] == "spawn"
    assert "missing.txt" in end["reason"]["text"]


def test_zero_byte_in_an_argument(shared: Node) -> None:
    """What no kernel takes fails the job, not the shepherd."""
    assert ran(shared, argv=["echo", "a\0b"])["reason"]["code"] == "spawn"
    assert ran(shared, argv=["true"])["exit"] == 0


def test_malformed_spec_fails_the_job_only(shared: Node) -> None:
    """A spec of the wrong shape is refused by name."""
    end = ran(shared, argv=["true"], env={"A": 7})
    assert end["reason"]["code"] == "spawn"
    assert "env" in end["reason"]["text"]
    end = ran(shared)
    assert "neither argv nor command nor script" in end["reason"]["text"]


def test_somebody_elses_job(shared: Node) -> None:
    """An agent serves its own user only."""
    end = ran(shared, argv=["true"], uid=os.getuid() + 1)
    assert "serves user id" in end["reason"]["text"]


# ── argv, command, script, setup ──────────────────────────────────────────────────────


def test_argv_is_not_read_by_a_shell(shared: Node) -> None:
    """Words reach the program as they are."""
    assert output_of(shared, argv=["echo", "$HOME", "*", "a  b"]) == "$HOME * a  b\n"


def test_command_is_shell_text(shared: Node) -> None:
    """Shell text has pipes and variables."""
    assert output_of(shared, command="X=5; echo $X | tr 5 6") == "6\n"


def test_shell_of_the_jobs_choice(shared: Node) -> None:
    """A job may name another shell."""
    text = output_of(shared, command="a=(1 2 3); echo ${a[2]}", shell="/bin/bash")
    assert text == "3\n"


def test_script_with_its_interpreter(shared: Node) -> None:
    """A script runs by its first line."""
    script = "#!/usr/bin/env python3\nimport sys\nprint(sys.argv[1:])\n"
    assert output_of(shared, script=script) == "[]\n"


def test_script_without_first_line(shared: Node) -> None:
    """Without one it is shell text."""
    assert output_of(shared, script="echo hello\n") == "hello\n"


@pytest.mark.parametrize(
    "what",
    [{"argv": ["sh", "-c", "echo $A"]}, {"command": "echo $A"}, {"script": "echo $A\n"}],
    ids=["argv", "command", "script"],
)
def test_setup_comes_first(shared: Node, what: dict[str, Any]) -> None:
    """Setup runs in the same shell before whatever the job is."""
    assert output_of(shared, setup="export A=ready", **what) == "ready\n"


def test_placeholders_are_quoted_for_the_shell_and_not_for_argv(shared: Node) -> None:
    """A value is data, and data must not become commands."""
    job = next(jobs)
    values = {"item": "a b; echo owned", "n": "$(id)"}
    shared.run(
        job, [[7, 2, values]], command="printf '%s|' {item} {n} {job} {task} {attempt}"
    )
    shared.finished(job, 7, 2)
    assert shared.output(job, 7, 2) == f"a b; echo owned|$(id)|{job}|7|2|"
    job = next(jobs)
    shared.run(job, [[3, 1, values]], argv=["echo", "x{item}x", "{unknown}"])
    shared.finished(job, 3)
    assert shared.output(job, 3) == "xa b; echo ownedx {unknown}\n"


def test_stdin_of_the_job(shared: Node) -> None:
    """Input comes from a file, else there is none."""
    (shared.folder / "in.txt").write_text("question")
    assert output_of(shared, argv=["cat"], stdin="in.txt") == "question"
    assert output_of(shared, argv=["cat"]) == ""


# ── environment ───────────────────────────────────────────────────────────────────────


def environment(node: Node, job: int, task: int, **spec: Any) -> dict[str, str]:
    """Return the environment a task was given."""
    node.run(job, [[task, 1, {"item": "i t", "beta": "0.5"}]], argv=["env", "-0"], **spec)
    node.finished(job, task)
    pairs = node.output(job, task).rstrip("\0").split("\0")
    return dict(pair.split("=", 1) for pair in pairs)


def test_environment_is_what_the_job_says_and_no_more(shared: Node) -> None:
    """Nothing of the agent's own environment leaks into jobs."""
    job = next(jobs)
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
    assert environment(shared, next(jobs), 0)["OMP_NUM_THREADS"] == "1"
    env = environment(shared, next(jobs), 0, env={"OMP_NUM_THREADS": "16"})
    assert env["OMP_NUM_THREADS"] == "16"


def test_hostfile_has_a_line_for_each_core(shared: Node) -> None:
    """Several nodes: mpirun finds them in ROTA_HOSTFILE."""
    job = next(jobs)
    order = shared.order(
        job, None, alloc=job, command='cat "$ROTA_HOSTFILE"; echo $ROTA_CORES'
    )
    order["nodes"] = [["a", [0, 1], []], ["b", [3], []]]
    shared.server.tell(order)
    shared.finished(job)
    assert shared.output(job) == "a\na\nb\n3\n"


def test_tmpdir_is_private_and_empty_for_each_task(shared: Node) -> None:
    """What one task leaves in TMPDIR, the next one of the strip does not find."""
    job = next(jobs)
    leave = 'cd "$TMPDIR"; mkdir -p a/b; touch a/b/c; chmod 0 a'
    text = f'ls -A "$TMPDIR" | wc -l; {leave}'
    shared.run(job, [[0, 1, None], [1, 1, None]], command=text)
    shared.finished(job, 1)
    assert [shared.output(job, task).strip() for task in (0, 1)] == ["0", "0"]


def test_a_job_that_removes_its_tmpdir_harms_nobody(shared: Node) -> None:
    """The next task of the strip has one again."""
    job = next(jobs)
    tasks = [[0, 1, None], [1, 1, None]]
    shared.run(job, tasks, command='test -d "$TMPDIR" && rm -r "$TMPDIR"')
    assert shared.finished(job, 1)["exit"] == 0


def test_fresh_working_folder(shared: Node) -> None:
    """Without a cwd a task gets an empty folder of its own; used, it stays."""
    job = next(jobs)
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


# ── outputs ───────────────────────────────────────────────────────────────────────────


def test_output_is_complete_to_the_byte(shared: Node) -> None:
    """Ten megabytes from several processes at once: all there, errors apart (G23)."""
    end = ran(
        shared,
        command="for i in 1 2 3 4; do head -c 2500000 /dev/zero & done; wait; echo e >&2",
    )
    assert len(shared.output(end["job"])) == 10_000_000
    assert shared.output(end["job"], ending="err") == "e\n"


def test_named_outputs_and_missing_folders(shared: Node) -> None:
    """Patterns are filled, folders are made, and ``rota log`` still finds it."""
    job = next(jobs)
    shared.run(
        job,
        [[5, 1, None]],
        command="echo out; echo err >&2",
        output="logs/{job}/{task}.{attempt}.txt",
    )
    shared.finished(job, 5)
    named = shared.folder / "logs" / str(job) / "5.1.txt"
    assert named.read_text() == "out\n"
    assert shared.output(job, 5) == "out\n"
    assert shared.output(job, 5, ending="err") == "err\n"


def test_an_output_never_overwrites_another(shared: Node) -> None:
    """The same name twice: the second gets a number, the first stays."""
    first = ran(shared, command="echo one", output="same.txt")
    second = ran(shared, command="echo two", output="same.txt")
    assert (shared.folder / "same.txt").read_text() == "one\n"
    assert (shared.folder / "same.txt.1").read_text() == "two\n"
    assert (
        shared.output(first["job"]) == "one\n" and shared.output(second["job"]) == "two\n"
    )


def test_both_streams_in_one_file(shared: Node) -> None:
    """The same name for both: one file, in order."""
    end = ran(
        shared, command="echo a; echo b >&2; echo c", output="both.txt", error="both.txt"
    )
    assert (shared.folder / "both.txt").read_text() == "a\nb\nc\n"
    assert shared.output(end["job"], ending="err") == "a\nb\nc\n"


def test_output_to_a_device(shared: Node) -> None:
    """/dev/null may be named."""
    assert (
        ran(shared, argv=["echo", "x"], output="/dev/null", error="/dev/null")["exit"] == 0
    )


# ── cores ─────────────────────────────────────────────────────────────────────────────

needs_two = pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="needs two cores")


@needs_two
def test_a_job_is_bound_to_its_cores(shared: Node) -> None:
    """A grant smaller than the machine is kept to; the shepherd itself stays free."""
    core = max(os.sched_getaffinity(0))
    ask = "import os; print(sorted(os.sched_getaffinity(0)))"
    assert output_of(shared, argv=["python3", "-c", ask], cores=[core]) == f"[{core}]\n"
    everywhere = sorted(os.sched_getaffinity(0))
    assert output_of(shared, argv=["python3", "-c", ask]) == f"{everywhere}\n"


def test_cores_beyond_the_machine_bind_nobody(shared: Node) -> None:
    """An agent told to offer more than there is does not fail the jobs it gets."""
    assert ran(shared, argv=["true"], cores=[4000])["exit"] == 0


# ── usage ─────────────────────────────────────────────────────────────────────────────


def test_usage_counts_children_and_strays(shared: Node) -> None:
    """Cpu time of a child nobody waited for is the attempt's all the same."""
    burn = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done"
    end = ran(shared, command=f"sh -c '{burn}' & wait")
    assert end["usage"]["cpu_s"] > 0.05
    end = ran(
        shared,
        command=f"(setsid sh -c '{burn}; touch burnt' &); while [ ! -e burnt ]; do :; done",
    )
    assert end["usage"]["cpu_s"] > 0.05
    assert end["usage"]["wall_s"] >= 0


def test_usage_sees_the_largest_process(shared: Node) -> None:
    """max_rss is at least what one process held."""
    script = "#!/usr/bin/env python3\nx = bytearray(80_000_000)\n"
    assert ran(shared, script=script)["usage"]["max_rss"] > 75_000_000


def test_samples_of_a_longer_job(shared: Node) -> None:
    """After a second there is a first sample of the whole tree."""
    job = next(jobs)
    shared.run(job, command="sleep 30 & sleep 30 & wait")
    rows = shared.server.until(
        lambda told: [
            r for m in told if m["t"] == "samples" for r in m["rows"] if r[0] == job
        ],
        "samples",
    )
    assert rows[0][:3] == [job, 0, 1] and rows[0][8] == 3 and rows[0][5] > 0
    shared.kill(job, grace_ms=0)
    shared.finished(job)


# ── strips ────────────────────────────────────────────────────────────────────────────


def test_a_strip_runs_in_order_one_at_a_time(shared: Node) -> None:
    """Tasks of an allocation never overlap."""
    job = next(jobs)
    log = shared.folder / f"order.{job}"
    text = f'echo "+$ROTA_TASK_ID" >> {log}; echo "-$ROTA_TASK_ID" >> {log}'
    shared.run(job, [[i, 1, None] for i in range(20)], command=text)
    shared.finished(job, 19)
    assert log.read_text().split() == [f"{sign}{i}" for i in range(20) for sign in "+-"]


def test_recall_gives_back_what_has_not_started(shared: Node) -> None:
    """All but the running one come back, and may run elsewhere under another number."""
    job = next(jobs)
    shared.run(job, [[i, 1, None] for i in range(4)], command="sleep 60")
    shared.wait("started", job, 0)
    shared.server.tell({"t": "recall", "alloc": shared._alloc})
    for task in (1, 2, 3):
        assert shared.wait("declined", job, task)["reason"]["code"] == "returned"
    shared.kill(job, grace_ms=0)
    assert shared.finished(job)["reason"]["code"] == "killed"


def test_stale_and_double_numbers_are_refused(shared: Node) -> None:
    """A number not larger than one seen never runs again (G07)."""
    job = next(jobs)
    count = shared.folder / f"count.{job}"
    shared.run(job, [[0, 2, None]], command=f"echo x >> {count}")
    shared.finished(job, 0, 2)
    shared.run(job, [[0, 1, None]], command=f"echo x >> {count}")
    assert shared.wait("declined", job, 0, 1)["reason"]["code"] == "returned"
    shared.run(job, [[0, 2, None]], command=f"echo x >> {count}")
    assert shared.wait("declined", job, 0, 2)["reason"]["evidence"]["stale"]
    shared.run(job, [[0, 3, None]], command=f"echo x >> {count}")
    shared.finished(job, 0, 3)
    assert count.read_text() == "x\nx\n"


def test_the_same_order_twice_runs_once(shared: Node) -> None:
    """A server that lost an answer may repeat itself."""
    job = next(jobs)
    order = shared.order(job, None, alloc=job, command="sleep 60")
    shared.server.tell(order, order)
    shared.wait("started", job)
    shared.server.tell(order)
    shared.kill(job, grace_ms=0)
    shared.finished(job)
    assert shared.seen("declined", job) is None


def test_unknown_spec_is_given_back(shared: Node) -> None:
    """An order without a spec the agent knows is declined, not lost."""
    job = next(jobs)
    order = shared.order(job, None, alloc=job, argv=["true"])
    del order["spec"]
    shared.server.tell(order)
    assert shared.wait("declined", job)["reason"]["evidence"] == {"spec": "unknown"}


def test_a_spec_is_sent_once_for_an_array(shared: Node) -> None:
    """The second strip of an array comes without its spec."""
    job = next(jobs)
    shared.run(job, [[0, 1, None]], argv=["echo", "{task}"])
    order = shared.order(job, [[1, 1, None]], alloc=job, argv=["echo", "{task}"])
    del order["spec"]
    shared.server.tell(order)
    shared.finished(job, 1)
    assert shared.output(job, 1) == "1\n"


def test_nothing_is_left_of_a_strip(shared: Node, tmp_path: Path) -> None:
    """Its folder under tmp goes when it is done."""
    job = next(jobs)
    shared.run(job, [[0, 1, None]], script="touch $TMPDIR/x; echo 1 / 2 > $ROTA_PROGRESS\n")
    shared.finished(job)
    from tests.agent.server import until

    until(lambda: not list((shared.home / "tmp").iterdir()), "tmp is empty")

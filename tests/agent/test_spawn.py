"""Starting attempts: what is run, what cannot be, where output goes, on which cores."""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.agent.server import Node


def test_command_not_found(shared: Node) -> None:
    """No such program on the job's PATH: 127, by name."""
    end = shared.ran(argv=["no-such-program"])
    assert (end["exit"], end["reason"]["code"]) == (127, "not_found")
    assert "no-such-program" in end["reason"]["text"]


def test_path_not_found(shared: Node) -> None:
    """The same for a path, taken from the working folder."""
    end = shared.ran(argv=["./nothing/here"])
    assert (end["exit"], end["reason"]["code"]) == (127, "not_found")


def test_not_executable(shared: Node) -> None:
    """A file that may not be executed: 126, by path."""
    path = shared.folder / "plain.txt"
    path.write_text("hello")
    end = shared.ran(argv=[str(path)])
    assert (end["exit"], end["reason"]["code"]) == (126, "not_executable")
    assert str(path) in end["reason"]["text"]


def test_a_folder_is_not_executable(shared: Node) -> None:
    """A folder is no program."""
    end = shared.ran(argv=["/tmp"])
    assert (end["exit"], end["reason"]["code"]) == (126, "not_executable")


def test_missing_interpreter_is_named(shared: Node) -> None:
    """A script whose interpreter is missing is not found either."""
    path = shared.folder / "script"
    path.write_text("#!/no/such/interpreter\n")
    path.chmod(0o755)
    end = shared.ran(argv=[str(path)])
    assert (end["exit"], end["reason"]["code"]) == (127, "not_found")


def test_text_without_interpreter_runs_in_the_shell(shared: Node) -> None:
    """As in every shell, a text without "#!" is read by sh."""
    path = shared.folder / "bare"
    path.write_text("echo bare $1\n")
    path.chmod(0o755)
    assert shared.output_of(argv=[str(path), "x"]) == "bare x\n"


def test_unusable_working_folder(shared: Node) -> None:
    """A cwd that is not there is named with the kernel's word for it."""
    end = shared.ran(argv=["true"], cwd="/no/such/folder")
    assert (end["exit"], end["reason"]["code"]) == (None, "cwd")
    assert "/no/such/folder" in end["reason"]["text"]


def test_unwritable_output(shared: Node) -> None:
    """An output that cannot be opened is named."""
    end = shared.ran(argv=["true"], output="/proc/nothing/x.txt")
    assert end["reason"]["code"] == "output"
    assert "/proc/nothing" in end["reason"]["text"]


def test_unreadable_input(shared: Node) -> None:
    """An input that is not there is named."""
    end = shared.ran(argv=["cat"], stdin="missing.txt")
    assert end["reason"]["code"] == "spawn"
    assert "missing.txt" in end["reason"]["text"]


def test_zero_byte_in_an_argument(shared: Node) -> None:
    """What no kernel takes fails the job, not the shepherd."""
    for spec in (
        {"argv": ["echo", "a\0b"]},
        {"argv": ["a\0b"]},
        {"argv": ["true"], "cwd": "/a\0b"},
        {"argv": ["true"], "output": "/a\0b"},
        {"argv": ["true"], "stdin": "/a\0b"},
        {"argv": ["true"], "env": {"A": "a\0b"}},
        {"argv": ["true"], "env": {"A=B": "c"}},
        {"argv": ["true"], "env": {"A": "\ud800"}},
        {"script": "echo \ud800"},
    ):
        code = shared.ran(**spec)["reason"]["code"]
        assert code in ("spawn", "output", "cwd", "ok"), spec
    assert shared.ran(argv=["true"])["exit"] == 0


def test_malformed_spec_fails_the_job_only(shared: Node) -> None:
    """A spec of the wrong shape is refused by name."""
    end = shared.ran(argv=["true"], env={"A": 7})
    assert end["reason"]["code"] == "spawn"
    assert "env" in end["reason"]["text"]
    end = shared.ran()
    assert "neither argv nor command nor script" in end["reason"]["text"]


def test_somebody_elses_job(shared: Node) -> None:
    """An agent serves its own user only."""
    end = shared.ran(argv=["true"], uid=os.getuid() + 1)
    assert "serves user id" in end["reason"]["text"]


def test_argv_is_not_read_by_a_shell(shared: Node) -> None:
    """Words reach the program as they are."""
    assert shared.output_of(argv=["echo", "$HOME", "*", "a  b"]) == "$HOME * a  b\n"


def test_command_is_shell_text(shared: Node) -> None:
    """Shell text has pipes and variables."""
    assert shared.output_of(command="X=5; echo $X | tr 5 6") == "6\n"


def test_shell_of_the_jobs_choice(shared: Node) -> None:
    """A job may name another shell."""
    text = shared.output_of(command="a=(1 2 3); echo ${a[2]}", shell="/bin/bash")
    assert text == "3\n"


def test_script_with_its_interpreter(shared: Node) -> None:
    """A script runs by its first line."""
    script = "#!/usr/bin/env python3\nimport sys\nprint(sys.argv[1:])\n"
    assert shared.output_of(script=script) == "[]\n"


def test_script_without_first_line(shared: Node) -> None:
    """Without one it is shell text."""
    assert shared.output_of(script="echo hello\n") == "hello\n"


@pytest.mark.parametrize(
    "what",
    [{"argv": ["sh", "-c", "echo $A"]}, {"command": "echo $A"}, {"script": "echo $A\n"}],
    ids=["argv", "command", "script"],
)
def test_setup_comes_first(shared: Node, what: dict[str, Any]) -> None:
    """Setup runs in the same shell before whatever the job is."""
    assert shared.output_of(setup="export A=ready", **what) == "ready\n"


def test_g32_placeholders_are_quoted_for_the_shell_and_not_for_argv(shared: Node) -> None:
    """A value is data, and data must not become commands."""
    job = next(shared.jobs)
    values = {"item": "a b; echo owned", "n": "$(id)"}
    shared.run(
        job, [[7, 2, values]], command="printf '%s|' {item} {n} {job} {task} {attempt}"
    )
    shared.finished(job, 7, 2)
    assert shared.output(job, 7, 2) == f"a b; echo owned|$(id)|{job}|7|2|"
    job = next(shared.jobs)
    shared.run(job, [[3, 1, values]], argv=["echo", "x{item}x", "{unknown}"])
    shared.finished(job, 3)
    assert shared.output(job, 3) == "xa b; echo ownedx {unknown}\n"


def test_stdin_of_the_job(shared: Node) -> None:
    """Input comes from a file, else there is none."""
    (shared.folder / "in.txt").write_text("question")
    assert shared.output_of(argv=["cat"], stdin="in.txt") == "question"
    assert shared.output_of(argv=["cat"]) == ""


def test_g23_output_is_complete_to_the_byte(shared: Node) -> None:
    """Ten megabytes from several processes at once: all there, errors apart (G23)."""
    end = shared.ran(
        command="for i in 1 2 3 4; do head -c 2500000 /dev/zero & done; wait; echo e >&2",
    )
    assert len(shared.output(end["job"])) == 10_000_000
    assert shared.output(end["job"], ending="err") == "e\n"


def test_named_outputs_and_missing_folders(shared: Node) -> None:
    """Patterns are filled, folders are made, and ``rota log`` still finds it."""
    job = next(shared.jobs)
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
    first = shared.ran(command="echo one", output="same.txt")
    second = shared.ran(command="echo two", output="same.txt")
    assert (shared.folder / "same.txt").read_text() == "one\n"
    assert (shared.folder / "same.txt.1").read_text() == "two\n"
    assert (
        shared.output(first["job"]) == "one\n" and shared.output(second["job"]) == "two\n"
    )


def test_both_streams_in_one_file(shared: Node) -> None:
    """The same name for both: one file, in order."""
    end = shared.ran(
        command="echo a; echo b >&2; echo c", output="both.txt", error="both.txt"
    )
    assert (shared.folder / "both.txt").read_text() == "a\nb\nc\n"
    assert shared.output(end["job"], ending="err") == "a\nb\nc\n"


def test_output_to_a_device(shared: Node) -> None:
    """/dev/null may be named."""
    assert (
        shared.ran(argv=["echo", "x"], output="/dev/null", error="/dev/null")["exit"] == 0
    )


needs_two = pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="needs two cores")


@needs_two
def test_a_job_is_bound_to_its_cores(shared: Node) -> None:
    """A grant smaller than the machine is kept to; the shepherd itself stays free."""
    core = max(os.sched_getaffinity(0))
    ask = "import os; print(sorted(os.sched_getaffinity(0)))"
    assert shared.output_of(argv=["python3", "-c", ask], cores=[core]) == f"[{core}]\n"
    everywhere = sorted(os.sched_getaffinity(0))
    assert shared.output_of(argv=["python3", "-c", ask]) == f"{everywhere}\n"


def test_cores_beyond_the_machine_bind_nobody(shared: Node) -> None:
    """An agent told to offer more than there is does not fail the jobs it gets."""
    assert shared.ran(argv=["true"], cores=[4000])["exit"] == 0

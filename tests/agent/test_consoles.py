"""Terminals of attempts: what is typed arrives, what is shown is kept to the end."""

from __future__ import annotations

import base64
import itertools
from typing import Any

from tests.agent.server import Message, Node, is_there, until

_ids = itertools.count(1)


def typed(node: Node, job: int, data: bytes = b"", **rest: Any) -> Message:
    """Type *data* to *job*; return what the agent answers."""
    number = next(_ids)
    node.server.tell(
        {"t": "input", "id": number, "a": [job, 0, 1],
         "b64": base64.b64encode(data).decode(), **rest}
    )  # fmt: skip
    found: Message = node.server.until(
        lambda told: next((m for m in told if m["t"] == "staged" and m["id"] == number), 0),
        "an answer to what was typed",
    )
    return found


def shown(node: Node, job: int, text: str) -> None:
    """Wait until *text* was on the screen of *job*."""
    until(lambda: text in node.wrote(job), f"{text!r} on the screen")


def begun(node: Node, command: str, **spec: Any) -> int:
    """Start *command* on a terminal, and wait until it runs."""
    job = next(node.jobs)
    node.run(job, command=command, **{"terminal": "30x100", **spec})
    node.wait("started", job)
    return job


def test_it_has_a_terminal_of_its_size_and_its_code_is_kept(shared: Node) -> None:
    """All three streams are it, and it is the terminal of its session."""
    command = "tty <&2; stty size; [ -t 0 ] && [ -t 1 ] && [ -t 2 ] && : >/dev/tty; exit 7"
    end = shared.ran(command=command, terminal="33x111")

    assert end["exit"] == 7
    assert "/dev/pts/" in shared.output(end["job"])
    assert "33 111\n" in shared.output(end["job"])


def test_what_is_typed_is_read_and_the_end_of_it_ends_it(shared: Node) -> None:
    """In order, through the line discipline: it is echoed, too."""
    job = begun(shared, "cat; echo over")
    assert typed(shared, job, "grüß\n".encode())["bytes"] == 7
    shown(shared, job, "grüß\ngrüß\n")
    typed(shared, job, eof=True)

    assert shared.finished(job)["exit"] == 0
    assert shared.wrote(job).endswith("over\n")


def test_ctrl_c_interrupts_what_is_in_front(shared: Node) -> None:
    """The kernel makes a signal of the key; the shell around it lives on."""
    command = "trap : INT; sleep 600; echo $?; read -r line; echo got $line"
    job = begun(shared, f"echo begun; {command}")
    shown(shared, job, "begun")
    typed(shared, job, b"\x03")
    shown(shared, job, "130")
    typed(shared, job, b"x\n")

    assert shared.finished(job)["exit"] == 0
    assert "got x" in shared.wrote(job)


def test_another_size_is_told(shared: Node) -> None:
    """The program gets WINCH and finds the new size."""
    command = "trap 'stty size; exit 0' WINCH; echo begun; while :; do sleep 0.05; done"
    job = begun(shared, command)
    shown(shared, job, "begun")
    typed(shared, job, rows=12, columns=34)

    assert shared.finished(job)["exit"] == 0
    assert "12 34" in shared.wrote(job)


def test_all_it_shows_is_kept_to_the_last_byte(shared: Node) -> None:
    """Also of a program that writes more than a terminal holds, and ends at once."""
    end = shared.ran(command="stty -onlcr; seq 1 40000", terminal="24x80")

    whole = "".join(f"{n}\n" for n in range(1, 40001))
    assert shared.output(end["job"]) == whole


def test_what_nobody_reads_is_bounded(shared: Node) -> None:
    """More than a bufferful is refused, and the job goes on."""
    job = begun(shared, "stty raw -echo; echo begun; sleep 600")
    shown(shared, job, "begun")
    answers = [typed(shared, job, b"x" * 30_000) for _ in range(5)]
    shared.kill(job, grace_ms=0)

    assert answers[0].get("error") is None
    assert "does not read" in answers[-1]["error"]
    assert shared.finished(job)["reason"]["code"] == "killed"


def test_it_outlives_the_agent(own: Node) -> None:
    """Killed and started again, the agent passes on to the same program."""
    job = begun(own, "echo begun; read -r line; echo got $line")
    shown(own, job, "begun")
    own.kill_agent()
    own.start()
    typed(own, job, b"again\n")

    assert own.finished(job)["exit"] == 0
    assert "got again" in own.wrote(job)


def test_nothing_of_it_is_left_in_the_background(shared: Node) -> None:
    """What it leaves behind with ``&`` ends with it, terminal and all (G15)."""
    command = "nohup sleep 600 >/dev/null 2>&1 & echo pid $!"
    end = shared.ran(command=command, terminal="24x80")
    pid = int(shared.output(end["job"]).split("pid ")[1])

    assert end["exit"] == 0
    assert not is_there(pid)


def test_a_job_without_a_terminal_says_so(shared: Node) -> None:
    """Nothing is lost in silence."""
    job = next(shared.jobs)
    shared.run(job, command="sleep 600")
    shared.wait("started", job)
    answer = typed(shared, job, b"x")
    shared.kill(job, grace_ms=0)

    assert "no terminal" in answer["error"]
    shared.finished(job)


def test_a_program_that_is_not_there_is_told_as_ever(shared: Node) -> None:
    """127, and the terminal is given back."""
    end = shared.ran(argv=["no-such-program"], terminal="24x80")

    assert (end["exit"], end["reason"]["code"]) == (127, "not_found")


def test_a_terminal_let_go_can_be_come_back_to(shared: Node) -> None:
    """A program that closes all of it still finds it by name, and is read."""
    command = "exec >/dev/null 2>&1 </dev/null; seq 1 20000 >/dev/tty"
    end = shared.ran(command=command, terminal="24x80")

    assert end["exit"] == 0
    assert shared.output(end["job"]).endswith("20000\n")

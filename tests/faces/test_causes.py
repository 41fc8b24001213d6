"""The confusion matrix: failures planted in real processes × the cause that is reported."""

from __future__ import annotations

from typing import Any

import pytest

from rota.client.http import Client
from tests.faces.conftest import Rota

HOG = "exec python3 -c 'x = bytearray(300 << 20); import time; time.sleep(30)'"
STEPS = "for i in 1 2 3; do echo $i / 9; sleep 0.1; done; sleep 30"
FLOOD = "head -c 40000000 /dev/zero | tr '\\0' x; echo; echo the end"

PLANTED: dict[str, tuple[str, dict[str, Any]]] = {
    # what was planted: (the cause that must be told, the job)
    "exits with 0": ("ok", {"command": "true"}),
    "exits with 3": ("exit_code", {"command": "exit 3"}),
    "exits with 137, as if killed": ("exit_code", {"command": "exit 137"}),
    "kills itself with SEGV": ("signal", {"command": "kill -SEGV $$"}),
    "kills itself with KILL": ("signal", {"command": "kill -KILL $$"}),
    "takes 300 MB of its 60 MB": ("oom", {"command": HOG, "memory": "60MB"}),
    "sleeps over its limit": ("time_limit", {"command": "sleep 30", "time": "1s"}),
    "ignores TERM over its limit": (
        "time_limit",
        {"command": "trap '' TERM; sleep 30 & wait; sleep 30", "time": "1s", "grace": "1s"},
    ),
    "tells progress, then no more": ("stalled", {"command": STEPS, "stall": "1s"}),
    "never tells progress": ("stalled", {"command": "sleep 30", "stall": "1s"}),
    "prints ERROR and exits with 0": (
        "pattern", {"command": "echo ERROR: diverged", "fail_if": ["^ERROR"]},
    ),
    "forgets to print DONE": ("pattern", {"command": "echo dne", "pass_if": ["DONE"]}),
    "forgets the file it was to make": (
        "expect", {"command": "true", "cwd": "fresh", "expect": ["result.dat"]},
    ),
    "prints DONE": ("ok", {"command": "echo DONE", "pass_if": ["DONE"]}),
    "is a command that is not there": ("not_found", {"argv": ["no-such-program"]}),
    "is a file that is no program": ("not_executable", {"argv": ["/etc/passwd"]}),
    "names a folder that is not there": ("cwd", {"argv": ["true"], "cwd": "/no/such"}),
    "names an output that cannot be": (
        "output", {"argv": ["true"], "output": "/dev/null/x"},
    ),
    "asks to be run elsewhere": ("requeue", {"command": "exit 99", "requeue_codes": [99]}),
    "asks so by a file, and exits with 0": (
        "requeue", {"command": "echo no GPU here > $ROTA_REQUEUE"},
    ),
    "writes 40 MB over its 1 MB": ("ok", {"command": FLOOD, "output_limit": "1MB"}),
}  # fmt: skip


def reported(client: Client, job: int) -> str:
    """Return the cause that the first attempt of *job* ended for."""
    for event in client.watch(jobs=[job], since=0, level="task"):
        if event is not None and event.data["move"] in ("finish", "fail", "requeue"):
            break
    code = str(client.job(job)["attempts"][0]["reason"]["code"])
    if client.job(job).state == "held":
        client.kill(job)
    return code


@pytest.mark.real
def test_every_planted_failure_is_told_for_what_it_is(client: Client) -> None:
    """All of them right: the table is docs/why/causes.md."""
    jobs = {
        what: client.submit({"cwd": "/", **doc})[0].id
        for what, (_, doc) in PLANTED.items()
    }  # fmt: skip
    told = {what: reported(client, job) for what, job in jobs.items()}
    print(f"\n{'planted':36} {'must be':15} told")
    for what, (cause, _) in PLANTED.items():
        print(f"{what:36} {cause:15} {told[what]}")

    assert told == {what: cause for what, (cause, _) in PLANTED.items()}


def test_a_flood_keeps_its_head_and_tail(rota: Rota, client: Client) -> None:
    """40 MB written, about 1 MB kept, the cut is marked, the last line is there."""
    text = "echo the beginning; " + FLOOD
    job = client.submit({"command": text, "cwd": "/", "output_limit": "1MB"})[0].id
    client.wait(job, timeout_s=60)
    said = rota("log", str(job)).out

    assert said.startswith("the beginning\n") and said.endswith("\nthe end\n")
    assert "bytes left out here]" in said and len(said) < 3_000_000

"""A step: the processes that srun starts on this node, as Slurm's slurmstepd would.

    run(["./model"], {"ntasks": 2}) ──▶ two processes, SLURM_PROCID 0 and 1 ──▶ exit code

Standard library only, and nothing of ours: outside a job, srun sends this very file to the
node as the job's script.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading

FORWARDED = (signal.SIGINT, signal.SIGTERM)


def run(argv: list[str], options: dict) -> int:  # type: ignore[type-arg]
    """Run *argv* as many times as asked; return the highest exit code, 128 + signal.

    Shapes:
        options: ntasks, label, output, error (patterns with %t), input (text or None),
                 kill_on_bad_exit, step; of a job of several nodes also nodes,
                 ntasks_per_node, nodelist (with commas), overcommit, chdir
    """
    if int(os.environ.get("SLURM_JOB_NUM_NODES") or 1) > 1:
        places = _places()
        where = seats(options, places)
        if any(name != places[0][0] for name in where):
            return _spread(argv, options, where)
        options = {**options, "ntasks": len(where)}
    node = os.environ.get("SLURMD_NODENAME") or os.uname().nodename
    count = int(options.get("ntasks") or 1)
    tasks = []
    copies: list[threading.Thread] = []
    for number in range(count):
        try:
            tasks.append(_start(argv, number, options))
        except OSError as error:
            for task in tasks:
                task.kill()
            told = f"execve(): {argv[0]}: {error.strerror}"
            print(f"slurmstepd-{node}: error: {told}", file=sys.stderr)
            print(f"srun: error: {node}: task {number}: Exited with exit code 2",
                  file=sys.stderr)  # fmt: skip
            return 2 if isinstance(error, FileNotFoundError) else 13
        copies += _copies(tasks[-1], number, label=bool(options.get("label")))
    _forward(tasks)
    _feed(tasks[0], options.get("input"))
    code = 0
    for task in tasks:
        ended = task.wait()
        code = max(code, ended if ended >= 0 else 128 - ended)
        if ended and options.get("kill_on_bad_exit"):
            for other in tasks:
                other.terminate()
    for copy in copies:
        copy.join()
    for number, task in enumerate(tasks):
        _report(node, number, task.returncode)
    return code


def seats(options: dict, places: list[tuple[str, int]]) -> list[str]:  # type: ignore[type-arg]
    """Return a node for each task: every node gets one, the first are filled up.

    Shapes:
        places: (node, tasks there is room for), in the job's order
    """
    names = (options.get("nodelist") or "").split(",") if options.get("nodelist") else None
    chosen = [place for place in places if names is None or place[0] in names]
    chosen = chosen[: options.get("nodes") or len(chosen)]
    each = options.get("ntasks_per_node")
    count = options.get("ntasks") or (each or 0) * len(chosen)
    count = count or max(len(chosen), int(os.environ.get("SLURM_NTASKS") or 1))
    chosen = chosen[:count]
    counts = [1] * len(chosen)
    left = count - len(chosen)
    for at, (_, room) in enumerate(chosen):
        more = min(left, max(0, (each or room) - 1))
        counts[at] += more
        left -= more
    for number in range(left):
        counts[number % len(counts)] += 1
    return [chosen[at][0] for at, n in enumerate(counts) for _ in range(n)]


def _places() -> list[tuple[str, int]]:
    with open(os.environ["ROTA_HOSTFILE_OPENMPI"], encoding="utf-8") as file:
        lines = [line.split() for line in file]
    return [(name, int(slots.partition("=")[2])) for name, slots in lines]


def _spread(argv: list[str], options: dict, where: list[str]) -> int:  # type: ignore[type-arg]
    """Become what starts programs on other nodes: the job brought it along."""
    program = os.environ["ROTA_SPREAD"]
    words = [program, "-w", ",".join(where)]
    words += ["--label"] if options.get("label") else []
    words += ["--kill-on-failure"] if options.get("kill_on_bad_exit") else []
    words += ["--overcommit"] if options.get("overcommit") else []
    words += ["--cwd", options["chdir"]] if options.get("chdir") else []
    for name, to in (("output", 1), ("error", 2)):
        file = _file(options.get(name), 0)
        if file is not None:
            os.dup2(file.fileno(), to)
            if name == "output" and not options.get("error"):
                os.dup2(to, 2)
    os.environ["SLURM_STEP_ID"] = str(options.get("step") or 0)
    os.execv(program, [*words, "--", *argv])


def _forward(tasks: list[subprocess.Popen]) -> None:  # type: ignore[type-arg]
    def forward(number: int, frame: object) -> None:
        for task in tasks:
            task.send_signal(number)

    if threading.current_thread() is threading.main_thread():
        for name in FORWARDED:
            signal.signal(name, forward)


def _start(argv: list[str], number: int, options: dict) -> subprocess.Popen:  # type: ignore[type-arg]
    env = dict(os.environ)
    count = str(int(options.get("ntasks") or 1))
    step = str(options.get("step") or 0)
    env.update(
        SLURM_PROCID=str(number), SLURM_LOCALID=str(number), SLURM_NODEID="0",
        SLURM_STEP_ID=step, SLURM_STEPID=step, SLURM_STEP_NUM_TASKS=count,
        SLURM_NTASKS=count, SLURM_NPROCS=count, SLURM_STEP_NUM_NODES="1",
        SLURM_STEP_NODELIST=env.get("SLURMD_NODENAME", ""),
    )  # fmt: skip
    piped = subprocess.PIPE if options.get("label") else None
    out = _file(options.get("output"), number) or piped
    err = _file(options.get("error"), number)
    stdin = subprocess.DEVNULL if number else None
    if not number and options.get("input") is not None:
        stdin = subprocess.PIPE
    if err is None:
        err = subprocess.STDOUT if options.get("output") else piped
    return subprocess.Popen(
        argv, env=env, stdin=stdin, stdout=out, stderr=err, cwd=options.get("chdir")
    )


def _file(pattern: str | None, number: int):  # type: ignore[no-untyped-def]
    if not pattern:
        return None
    facts = {"t": str(number), "n": "0", "j": "SLURM_JOB_ID", "J": "SLURM_JOB_ID",
             "A": "SLURM_ARRAY_JOB_ID", "a": "SLURM_ARRAY_TASK_ID", "%": "%",
             "N": "SLURMD_NODENAME", "x": "SLURM_JOB_NAME", "u": "SLURM_JOB_USER",
             "s": "0"}  # fmt: skip
    text, at = "", 0
    while at < len(pattern):
        if pattern[at] == "%" and pattern[at + 1 : at + 2] in facts:
            fact = facts[pattern[at + 1]]
            text += os.environ.get(fact, "") if fact.startswith("SLURM") else fact
            at += 2
        else:
            text += pattern[at]
            at += 1
    return open(text, "ab" if number or os.path.exists(text) else "wb")


def _copies(
    task: subprocess.Popen,  # type: ignore[type-arg]
    number: int,
    *,
    label: bool,
) -> list[threading.Thread]:
    """Pass on what a task writes, each line with the number of the task before it."""
    if not label:
        return []
    made = []
    for pipe, to in ((task.stdout, sys.stdout), (task.stderr, sys.stderr)):
        if pipe is not None:
            thread = threading.Thread(target=_labelled, args=(pipe, to, number))
            thread.start()
            made.append(thread)
    return made


def _labelled(pipe, to, number: int) -> None:  # type: ignore[no-untyped-def]
    for line in pipe:
        to.buffer.write(b"%d: " % number + line)
        to.flush()


def _feed(task: subprocess.Popen, text: str | None) -> None:  # type: ignore[type-arg]
    if text is None or task.stdin is None:
        return
    try:
        task.stdin.write(text.encode("utf-8", "surrogateescape"))
        task.stdin.close()
    except BrokenPipeError:
        # It does not read: nothing is lost that it wanted.
        return


def _report(node: str, number: int, ended: int) -> None:
    if ended > 0:
        told = f"Exited with exit code {ended}"
    elif ended < 0:
        told = signal.strsignal(-ended) or f"Signal {-ended}"
    else:
        return
    print(f"srun: error: {node}: task {number}: {told}", file=sys.stderr)


if __name__ == "__main__":
    # As a job's script: the options as JSON, then the command.
    sys.exit(run(sys.argv[2:], json.loads(sys.argv[1])))

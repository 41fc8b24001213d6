"""``rota bench``: how fast a queue on this machine is, beside the price of its processes.

WHAT                                      THIS MACHINE
1 000 × true, 2 at a time                 1 510 jobs/s       0.45 × the bare loop's rate
processor time of one, all counted        0.93 ms            1.7 × the bare loop's
"""

from __future__ import annotations

from rota.faces import terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from rota.faces.timing import Figures

EPILOG = """\
  rota bench                    some seconds, in a home of its own beside yours
  rota bench --jobs 10000       more jobs, steadier numbers

  The bare loop spawns /bin/true and waits, and neither queues nor records anything; it
  runs in turn with the queue.  Read the ratios: they compare on a busy machine, too.
"""
JOBS_MAX = 1_000_000


def options(parser: ArgumentParser) -> None:
    """Say what ``bench`` takes."""
    parser.add_argument(
        "--jobs", type=int, default=1000, metavar="N", help="how many [1000]"
    )
    parser.add_argument("--cores", type=int, default=2, metavar="N", help="at a time [2]")


def run(args: Namespace) -> int:
    """Measure; show a line for each figure."""
    from rota.core.errors import Malformed
    from rota.faces.timing import measured

    for name, least, most in (("jobs", 10, JOBS_MAX), ("cores", 1, 1024)):
        if not least <= getattr(args, name) <= most:
            raise Malformed(f"--{name}: a number from {least} to {most}")
    figures = measured(args.home, jobs=args.jobs, cores=args.cores, tell=terminal.say)
    if args.json:
        terminal.show_json("bench", figures._asdict())
    else:
        for line in page(figures):
            terminal.out(line)
    return 0


def page(of: Figures) -> list[str]:
    """Return the lines that show the figures."""
    from rota.faces.tables import Column, table

    rows = [
        (
            f"{of.jobs} × true, {of.cores} at a time", f"{of.jobs_per_s:.0f} jobs/s",
            f"{of.jobs_per_s / of.floor_jobs_per_s:.2f} × the bare loop's rate",
        ),
        (
            "processor time of one, all counted", f"{of.cpu_ms:.2f} ms",
            f"{of.cpu_ms / of.floor_cpu_ms:.2f} × the bare loop's",
        ),
        (
            "one job, idle: submit to its end", f"{of.latency_p50_ms:.1f} ms",
            f"of 100: {of.latency_p95_ms:.1f} ms at the 95th",
        ),
        ("handed in one by one, each on disk", f"{of.submits_per_s:.0f} /s", ""),
        (
            "rota submit, as a command", f"{of.submit_ms:.0f} ms",
            f"{of.submit_ms / of.python_ms:.1f} × a Python that does nothing",
        ),
    ]  # fmt: skip
    return table([Column("WHAT"), Column("THIS MACHINE", right=True), Column("")], rows)

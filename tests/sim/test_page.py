"""The report as a page."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

from rota.sched.policy import parse_policy
from rota.sched.rules import Rules
from rota.sim.machine import Machine
from rota.sim.page import busy, write_page
from rota.sim.replay import replay
from rota.sim.variants import Variant, run
from rota.sim.workload import Trace
from tests.sim.test_replay import made_up


class _Reader(HTMLParser):
    """What the page shows, and what it would load."""

    def __init__(self) -> None:
        super().__init__()
        self.headings: list[str] = []
        self.pictures = 0
        self.loads: list[str] = []
        self._open = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open = tag
        self.pictures += tag == "svg"
        self.loads += [v or "" for k, v in attrs if k in ("src", "href")]

    def handle_data(self, data: str) -> None:
        if self._open in ("h1", "h2") and data.strip():
            self.headings.append(data)


def test_the_page_shows_all_runs_and_loads_nothing(tmp_path: Path) -> None:
    """A table, five pictures, and it works without a network."""
    jobs = made_up(1, 150)
    runs = [
        run(
            Variant(name, Rules(policy=parse_policy(name)), Machine(12)),
            trace,
            progress=None,
        )
        for name in ("fcfs:easy", "default")
        for trace in [Trace(jobs, 12)]
    ]
    out = tmp_path / "out.html"
    write_page(runs, out, title="t & <t>")
    text = out.read_text()
    reader = _Reader()
    reader.feed(text)
    assert reader.headings[0] == "t & <t>" and reader.pictures == 5
    assert reader.loads == [] and "http" not in text
    for one in runs:
        assert f"<td>{one.figures['avg_bsld']:.4g}</td>" in text


def test_what_is_busy_adds_up_to_the_work() -> None:
    """Whatever the stretches."""
    done = replay(made_up(2, 80), procs=12, policy=parse_policy("fcfs:easy"))
    first = min(job.since for job in done)
    work = sum(job.cores * job.run_ms for job in done)
    for step in (1000, 7777, 10**9):
        used = busy(done, first=first, step=step)
        assert sum(used) == work and max(used) <= 12 * step

"""What a scenario expects of a schedule, one function for each kind of expectation.

    {start: SEL, at: T} or {start: SEL, from: T, to: T}     {end: SEL, at: T}
    {order: [A, B]}        {same_start: [A, B]}             {all_done: true}
    {wait_max: SEL, s: T}  {wait_mean_max: SEL, s: T}       {makespan_max: T}
    {nodes_of: A, count: N}  {on_nodes: SEL, nodes: [n1]}   {busy_min: P, window: [a, b]}
    {share: {user: u}, window: [a, b], min: P, max: P}      {attempts: SEL, min: N, max: N}
    {state: SEL, is: S}    {no_inversion: same_shape}

SEL is an id, "A.*" for all tasks of an array, {user: u}, {all: true}, or a list of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from rota.core.errors import Malformed
from rota.sim.cluster import Row
from rota.sim.scenario import Scenario, ScenarioJob, expand

ENDLESS = 1 << 60


class Verdict(NamedTuple):
    """Whether an expectation holds, and what was seen instead."""

    holds: bool
    expectation: Mapping[str, Any]
    seen: str


class Outcome:
    """A schedule, looked at by task id; times in milliseconds."""

    def __init__(self, scenario: Scenario, rows: Sequence[Row]) -> None:
        self.scenario = scenario
        self.jobs: dict[str, ScenarioJob] = {}
        for job in scenario.jobs:
            for task in range(1 if job.tasks is None else job.tasks):
                self.jobs[job.task_id(task)] = job
        self.rows: dict[str, list[Row]] = {name: [] for name in self.jobs}
        for row in sorted(rows, key=lambda row: row.start):
            self.rows[row.job_id].append(row)

    def first(self, name: str) -> int | None:
        """Return when *name* first started."""
        rows = self.rows[name]
        return rows[0].start if rows else None

    def last(self, name: str) -> int | None:
        """Return when *name* ended for good."""
        rows = self.rows[name]
        return rows[-1].end if rows and rows[-1].state in ("done", "timeout") else None

    def select(self, wanted: Any) -> list[str]:
        """Return the task ids that selector *wanted* names.

        Raises:
            Malformed: there is no such job.
        """
        if isinstance(wanted, list):
            return [name for one in wanted for name in self.select(one)]
        if isinstance(wanted, dict):
            everybody = bool(wanted.get("all"))
            users = {n: job.user for n, job in self.jobs.items()}
            return [n for n, u in users.items() if everybody or u == wanted["user"]]
        if str(wanted).endswith(".*"):
            names = [name for name in self.jobs if name.startswith(wanted[:-1])]
        else:
            names = [str(wanted)] if str(wanted) in self.jobs else []
        if not names:
            raise Malformed(f"expect: there is no job {wanted}")
        return names


def judge(scenario: Scenario, rows: Sequence[Row]) -> list[Verdict]:
    """Return a verdict for each expectation of *scenario*.

    Raises:
        Malformed: an expectation of an unknown kind, or about a job there is not.
    """
    outcome = Outcome(scenario, rows)
    verdicts = []
    for expectation in scenario.expect:
        kind = next(iter(expectation))
        if kind not in KINDS:
            raise Malformed(f"expect: {kind!r} is none of {', '.join(KINDS)}")
        try:
            holds, seen = KINDS[kind](outcome, expectation)
        except KeyError as error:
            raise Malformed(f"expect: {dict(expectation)} lacks {error.args[0]}") from error
        verdicts.append(Verdict(holds, expectation, seen))
    return verdicts


Answer = tuple[bool, str]


def _between(values: Sequence[int | None], row: Mapping[str, Any]) -> Answer:
    low, high = row.get("at", row.get("from", 0)), row.get("at", row.get("to", ENDLESS))
    shown = [None if value is None else value / 1000 for value in values]
    holds = all(value is not None and low <= value <= high for value in shown)
    return holds and bool(values), f"{shown[:5]}{'…' if len(shown) > 5 else ''}"


def _start(outcome: Outcome, row: Mapping[str, Any]) -> Answer:
    return _between([outcome.first(name) for name in outcome.select(row["start"])], row)


def _end(outcome: Outcome, row: Mapping[str, Any]) -> Answer:
    return _between([outcome.last(name) for name in outcome.select(row["end"])], row)


def _order(outcome: Outcome, row: Mapping[str, Any]) -> Answer:
    starts = [outcome.first(name) for name in outcome.select(row["order"])]
    known = [start for start in starts if start is not None]
    return len(known) == len(starts) and known == sorted(known), f"starts {starts}"


def _same_start(outcome: Outcome, row: Mapping[str, Any]) -> Answer:
    starts = {outcome.first(name) for name in outcome.select(row["same_start"])}
    return len(starts) == 1 and None not in starts, f"starts {sorted(map(str, starts))}"


def _waits(outcome: Outcome, selector: Any) -> list[int] | None:
    waits = []
    for name in outcome.select(selector):
        start = outcome.first(name)
        if start is None:
            return None
        waits.append(start - outcome.jobs[name].since)
    return waits


def _wait_max(outcome: Outcome, row: Mapping[str, Any]) -> Answer:
    waits = _waits(outcome, row["wait_max"])
    if waits is None:
        return False, "some never started"
    return max(waits) <= row["s"] * 1000, f"{max(waits) / 1000} s"


def _wait_mean_max(outcome: Outcome, row: Mapping[str, Any]) -> Answer:
    waits = _waits(outcome, row["wait_mean_max"])
    if waits is None:
        return False, "some never started"
    mean = sum(waits) / len(waits) / 1000
    return mean <= row["s"], f"{mean} s"


def _nodes_of(outcome: Outcome, row: Mapping[str, Any]) -> Answer:
    rows = outcome.rows[str(row["nodes_of"])]
    holds = bool(rows) and all(len(r.where) == row["count"] for r in rows)
    return holds, f"{[r.where for r in rows][:3]}"


def _on_nodes(outcome: Outcome, row: Mapping[str, Any]) -> Answer:
    allowed = {name for pattern in row["nodes"] for name in expand(pattern)}
    rows = [r for name in outcome.select(row["on_nodes"]) for r in outcome.rows[name]]
    strange = sorted({name for r in rows for name in r.where} - allowed)
    return bool(rows) and not strange, f"also on {strange}" if strange else ""


def _area(row: Row, window: Sequence[float]) -> float:
    low, high = window[0] * 1000, window[1] * 1000
    return max(0, min(row.end, high) - max(row.start, low)) * sum(row.where.values())


def _share(outcome: Outcome, row: Mapping[str, Any]) -> Answer:
    area: dict[str, float] = {}
    for name, rows in outcome.rows.items():
        user = outcome.jobs[name].user
        area[user] = area.get(user, 0) + sum(_area(r, row["window"]) for r in rows)
    part = area.get(row["share"]["user"], 0) / max(1, sum(area.values()))
    return row["min"] <= part <= row["max"], f"{part:.4f}"


def _busy_min(outcome: Outcome, row: Mapping[str, Any]) -> Answer:
    low, high = row["window"]
    rows = [r for rows in outcome.rows.values() for r in rows]
    cores = sum(len(node.cores) for node in outcome.scenario.nodes)
    busy = sum(_area(r, row["window"]) for r in rows) / ((high - low) * 1000 * cores)
    return busy >= row["busy_min"], f"{busy:.4f}"


def _makespan_max(outcome: Outcome, row: Mapping[str, Any]) -> Answer:
    ends = [outcome.last(name) for name in outcome.jobs]
    known = [end for end in ends if end is not None]
    last = max(known, default=0) / 1000
    return len(known) == len(ends) and last <= row["makespan_max"], f"{last} s"


def _attempts(outcome: Outcome, row: Mapping[str, Any]) -> Answer:
    count = sum(len(outcome.rows[name]) for name in outcome.select(row["attempts"]))
    low = row.get("min", row.get("count", 0))
    return low <= count <= row.get("max", row.get("count", ENDLESS)), str(count)


def _state(outcome: Outcome, row: Mapping[str, Any]) -> Answer:
    rows = [outcome.rows[name] for name in outcome.select(row["state"])]
    states = {r[-1].state if r else "never" for r in rows}
    return states == {row["is"]}, ", ".join(sorted(states))


def _all_done(outcome: Outcome, row: Mapping[str, Any]) -> Answer:
    left = [name for name in outcome.jobs if outcome.last(name) is None]
    return not left, f"{len(left)} not done: {left[:5]}" if left else ""


def _no_inversion(outcome: Outcome, row: Mapping[str, Any]) -> Answer:
    alike: dict[object, list[str]] = {}
    for name, job in outcome.jobs.items():
        alike.setdefault((job.request, job.gang), []).append(name)
    for names in alike.values():
        seen = [(outcome.first(name), outcome.jobs[name], name) for name in names]
        for start, job, name in seen:
            for before, other, rival in seen:
                if start is None or before is None or job.priority <= other.priority:
                    continue
                if job.since <= before < start:
                    return False, f"{rival} started while {name} waited"
    return True, ""


KINDS: Final[Mapping[str, Callable[[Outcome, Mapping[str, Any]], Answer]]] = {
    "start": _start,
    "end": _end,
    "order": _order,
    "same_start": _same_start,
    "wait_max": _wait_max,
    "wait_mean_max": _wait_mean_max,
    "nodes_of": _nodes_of,
    "on_nodes": _on_nodes,
    "share": _share,
    "busy_min": _busy_min,
    "makespan_max": _makespan_max,
    "attempts": _attempts,
    "state": _state,
    "all_done": _all_done,
    "no_inversion": _no_inversion,
}

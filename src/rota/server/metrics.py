"""``/metrics``: how the server and its queue do, as Prometheus reads it.

    Family("rota_tasks", "gauge", …, [({"state": "queued"}, 12.0)]) ──text──▶ lines

Names are frozen like the API's.  No label holds what users can make up without end: no
job, no tag, no path.  The dashboard beside docs/how-to/metrics.md shows these families.
"""

from __future__ import annotations

import resource
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from rota.server.parts import Parts
from rota.server.routes.nodes import state_of
from rota.server.timing import BOUNDS_S, Histogram
from rota.server.totals import Totals

MEDIA = "text/plain; version=0.0.4; charset=utf-8"

Labels = Mapping[str, str]


class Family(NamedTuple):
    """One metric: rows are (labels, value); a histogram's stand in ``buckets``."""

    name: str
    kind: str
    says: str
    rows: Iterable[tuple[Labels, float]] = ()
    buckets: Histogram | None = None


def text(families: Iterable[Family]) -> str:
    """Return *families* in the text format, version 0.0.4."""
    lines: list[str] = []
    for family in families:
        lines += [f"# HELP {family.name} {family.says}", _type(family)]
        if family.buckets is not None:
            lines += _histogram(family.name, family.buckets)
        lines += [_line(family.name, labels, value) for labels, value in family.rows]
    return "\n".join(lines) + "\n"


def families(parts: Parts, totals: Totals) -> Iterator[Family]:
    """Yield all there is to know."""
    about = {"version": parts.about.version, "server": parts.about.server}
    yield Family("rota_info", "gauge", "Which server this is.", [(about, 1)])
    yield from _queue(parts, totals)
    yield from _nodes(parts)
    yield from _licences(parts)
    yield from _inside(parts)
    yield from _channels(parts)


def _queue(parts: Parts, totals: Totals) -> Iterator[Family]:
    jobs = len(parts.mind.memory.jobs)
    yield Family("rota_jobs_live", "gauge", "Jobs that are not over.", [({}, jobs)])
    yield Family(
        "rota_tasks", "gauge", "Tasks of live jobs, by queue and state.",
        [
            ({"queue": queue, "state": state}, n)
            for queue, counts in sorted(totals.queues.items())
            for state, n in sorted(counts.items())
        ],
    )  # fmt: skip
    yield Family(
        "rota_history_lines_total", "counter", "Moves of tasks that were ever written.",
        [({}, parts.feed.seq)],
    )  # fmt: skip


def _nodes(parts: Parts) -> Iterator[Family]:
    nodes = parts.mind.nodes()
    states = Counter(state_of(state) for state in nodes)
    here = [state for state in nodes if state.session is not None]
    used = sum(len(s.node.cores) - len(s.cores) for s in here)
    promised = sum(max(0, s.node.memory - s.memory) for s in here)
    sums: tuple[tuple[str, str, float], ...] = (
        ("rota_cores", "Cores of nodes that are connected.",
         sum(len(s.node.cores) for s in here)),
        ("rota_cores_used", "Cores that tasks hold.", used),
        ("rota_memory_bytes", "Memory of nodes that are connected.",
         sum(s.node.memory for s in here)),
        ("rota_memory_used_bytes", "Memory promised to tasks.", promised),
        ("rota_gpus", "GPUs of nodes that are connected.",
         sum(len(s.node.gpus) for s in here)),
        ("rota_gpus_used", "GPUs that tasks hold.",
         sum(len(s.node.gpus) - len(s.gpus) for s in here)),
    )  # fmt: skip
    yield Family(
        "rota_nodes", "gauge", "Nodes, by state.",
        [({"state": state}, n) for state, n in sorted(states.items())],
    )  # fmt: skip
    for name, says, value in sums:
        yield Family(name, "gauge", says, [({}, value)])


def _licences(parts: Parts) -> Iterator[Family]:
    memory = parts.mind.memory
    rows = [({"licence": name}, float(n)) for name, n in memory.rules.licences.items()]
    held = [({"licence": name}, float(n)) for name, n in memory.tally.licences.items()]
    yield Family("rota_licences", "gauge", "Licences that are declared.", rows)
    yield Family("rota_licences_held", "gauge", "Licences that tasks hold.", held)


def _inside(parts: Parts) -> Iterator[Family]:
    timings, loop = parts.loop.timings, parts.loop
    for name, says, buckets in (
        ("rota_decide_seconds", "Deciding on a batch, the round included.", timings.decide),
        ("rota_commit_seconds", "One transaction of the store.", timings.commit),
        ("rota_request_seconds", "Answers of the API.", timings.request),
    ):
        yield Family(name, "histogram", says, buckets=buckets)
    use = resource.getrusage(resource.RUSAGE_SELF)
    now = parts.clock.now()
    counters: tuple[tuple[str, str, float], ...] = (
        ("rota_events_total", "Events that the mind handled.", timings.events),
        ("rota_records_total", "Rows that were committed.", timings.records),
        ("rota_cpu_seconds_total", "Processor time of the server.",
         use.ru_utime + use.ru_stime),
    )  # fmt: skip
    gauges: tuple[tuple[str, str, float], ...] = (
        ("rota_inbox_events", "Events that wait for the mind.", loop.waiting),
        ("rota_store_full", "1 when no new work is taken for want of disk.",
         float(loop.is_full())),
        ("rota_streams", "Event streams that are open.", parts.feed.watchers),
        ("rota_peak_memory_bytes", "Most memory the server ever had.",
         use.ru_maxrss * 1024),
        ("rota_clock_seconds", "The server's time.", now / 1000.0),
    )  # fmt: skip
    for name, says, value in counters:
        yield Family(name, "counter", says, [({}, value)])
    for name, says, value in gauges:
        yield Family(name, "gauge", says, [({}, value)])


def _channels(parts: Parts) -> Iterator[Family]:
    lines = sorted(parts.watch.lines.items())
    rows = [({"channel": name}, line) for name, line in lines]
    yield Family(
        "rota_notifications_sent_total", "counter", "Notices that were sent.",
        [(labels, line.sent) for labels, line in rows],
    )  # fmt: skip
    yield Family(
        "rota_notifications_failed_total", "counter", "Notices that were given up.",
        [(labels, line.failed) for labels, line in rows],
    )  # fmt: skip
    yield Family(
        "rota_notifications_waiting", "gauge", "Notices that wait.",
        [(labels, line.waiting) for labels, line in rows],
    )  # fmt: skip
    yield Family(
        "rota_notifications_up", "gauge", "0 when the last try over the channel failed.",
        [(labels, float(not line.troubles)) for labels, line in rows],
    )  # fmt: skip


def _type(family: Family) -> str:
    return f"# TYPE {family.name} {family.kind}"


def _histogram(name: str, buckets: Histogram) -> Iterator[str]:
    so_far = 0
    for bound, count in zip((*BOUNDS_S, "+Inf"), buckets.counts, strict=True):
        so_far += count
        yield _line(f"{name}_bucket", {"le": str(bound)}, so_far)
    yield _line(f"{name}_sum", {}, buckets.total_s)
    yield _line(f"{name}_count", {}, so_far)


def _line(name: str, labels: Labels, value: float) -> str:
    said = ",".join(f'{key}="{_quoted(held)}"' for key, held in labels.items())
    return f"{name}{{{said}}} {value}" if said else f"{name} {value}"


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

"""Reading traces."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from rota.core.errors import Malformed
from rota.sim.workload import parse_swf, read_swf


def row(**fields: object) -> str:
    """Return an SWF line; fields are named f1 … f18, the rest is −1."""
    return " ".join(str(fields.get(f"f{n}", -1)) for n in range(1, 19))


GOOD = row(f1=1, f2=5, f4=10, f5=4, f8=2, f9=60, f12=7)


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        (GOOD, (1, 5000, 2, 10_000, 60_000, "7")),
        (row(f1=1, f2=5, f4=10, f5=4, f8=-1, f9=60), (1, 5000, 4, 10_000, 60_000, "-1")),
        (row(f1=1, f2=0, f4=10, f5=4), (1, 0, 4, 10_000, 10_000, "-1")),
        (row(f1=1, f2=0, f4=100, f5=4, f9=60), (1, 0, 4, 60_000, 60_000, "-1")),
        (row(f1=1, f2=0, f4="10.9", f5=4, f9=60), (1, 0, 4, 10_000, 60_000, "-1")),
    ],
)
def test_the_rules_decide_what_is_replayed(line: str, kept: tuple[object, ...]) -> None:
    """C1, C6, C7 and whole seconds."""
    trace = parse_swf([line], procs=8, source="t")
    assert tuple(trace.jobs[0]) == kept


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        ("C2", row(f1=2, f2=-5, f4=1, f5=1)),
        ("C3", row(f1=2, f2=5, f4=1, f5=0)),
        ("C4", row(f1=2, f2=5, f4=1, f5=9)),
        ("C5", row(f1=2, f2=5, f4=0.4, f5=1)),
    ],
)
def test_what_cannot_be_replayed_is_dropped_and_counted(rule: str, line: str) -> None:
    """By the rule that dropped it."""
    trace = parse_swf([GOOD, line], procs=8, source="t")
    assert (len(trace.jobs), trace.dropped) == (1, {rule: 1})


def test_jobs_are_sorted_by_submit_then_id() -> None:
    """Whatever the order of the lines."""
    lines = [row(f1=i, f2=s, f4=1, f5=1) for i, s in ((3, 5), (2, 9), (1, 5))]
    assert [job.id for job in parse_swf(lines, procs=8, source="t").jobs] == [1, 3, 2]


def test_the_header_tells_the_size_of_the_machine() -> None:
    """Unless it is given."""
    lines = ["; MaxProcs: 128", ";", "", GOOD]
    assert parse_swf(lines, procs=None, source="t").procs == 128
    assert parse_swf(lines, procs=8, source="t").procs == 8
    with pytest.raises(Malformed, match="how large the machine is"):
        parse_swf([GOOD], procs=None, source="t")


def test_a_broken_line_is_told_by_its_number(tmp_path: Path) -> None:
    """Refused, or skipped if so asked."""
    path = tmp_path / "t.swf"
    path.write_text("\n".join(["; x", GOOD, "1 2 three", row(f1="a"), GOOD]))
    with pytest.raises(Malformed) as caught:
        read_swf(path, procs=8)
    said = str(caught.value)
    assert "t.swf:3: 3 fields instead of 18" in said
    assert "t.swf:4: not a number" in said
    assert "t.swf:5: job 1 stands here a second time" in said
    assert len(read_swf(path, procs=8, skip_broken=True).jobs) == 1


def test_a_compressed_trace_is_read_and_a_torn_one_refused(tmp_path: Path) -> None:
    """gzip, whole."""
    path = tmp_path / "t.swf.gz"
    whole = gzip.compress((GOOD + "\n").encode())
    path.write_bytes(whole)
    assert len(read_swf(path, procs=8).jobs) == 1
    path.write_bytes(whole[:-9])
    with pytest.raises(Malformed, match="not a whole gzip file"):
        read_swf(path, procs=8)


def test_a_trace_without_a_job_is_refused() -> None:
    """There is nothing to tell about it."""
    with pytest.raises(Malformed, match="no job to replay"):
        parse_swf(["; MaxProcs: 4"], procs=None, source="t")

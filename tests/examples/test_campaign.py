"""Are the campaign's statistics right, and does it say so when parts are missing?"""

import json
import os
import statistics
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import merge
import pytest
import slice as slicing
import stats
import swf

from tests.examples import direct
from tests.examples.conftest import ROOT

CAMPAIGN = ROOT / "examples" / "campaign"
SLICES = [
    "KTH-SP2_1996-09-30_1996-10-01",
    "KTH-SP2_1997-02-15_1997-02-22",
    "KTH-SP2_1997-08-22_1997-08-30",
    "HPC2N_2002-07-28_2002-08-01",
    "HPC2N_2004-01-22_2004-02-01",
    "HPC2N_2006-01-15_2006-01-17",
]


@pytest.fixture(scope="module")
def kth_parts() -> list[dict]:
    """The part of every slice of the smaller log, as tasks write and merge reads them."""
    trace = swf.catalogue()["KTH-SP2"]
    parts = [stats.compute(one) for one in slicing.slices_of(trace)]
    return json.loads(json.dumps(parts))


@pytest.fixture
def out(tmp_path: Path, kth_parts: list[dict]) -> Path:
    """A folder as the array leaves it, for the smaller log."""
    names = [part["slice"] for part in kth_parts]
    (tmp_path / "slices.txt").write_text("\n".join(names) + "\n")
    for part in kth_parts:
        stats.write(part, folder=tmp_path / "parts")
    return tmp_path


@pytest.mark.parametrize("trace", direct.CATALOGUE)
def test_the_logs_are_the_archives_own(trace: str) -> None:
    """Nothing was changed in the logs since they came from the archive."""
    assert direct.digest(trace) == direct.CATALOGUE[trace]["sha256"]


def test_there_are_at_least_200_slices_and_each_names_itself() -> None:
    """A slice can be found again from its name alone, and no two are alike."""
    slices = slicing.all_slices()

    assert len(slices) >= 200
    assert [swf.parse_slice(str(one)) for one in slices] == slices
    assert len(set(slices)) == len(slices)


@pytest.mark.parametrize("trace", direct.CATALOGUE)
def test_slices_leave_no_day_out(trace: str) -> None:
    """Each slice begins where the one before ended; none ends before it begins."""
    slices = list(slicing.slices_of(swf.catalogue()[trace]))

    assert all(one.last == later.first for one, later in pairwise(slices))
    assert all(one.first < one.last for one in slices)


@pytest.mark.parametrize("name", SLICES)
def test_a_part_agrees_with_a_direct_computation(name: str) -> None:
    """Jobs, waits, slowdowns, users and busy processors are what the log's text says."""
    one = swf.parse_slice(name)
    expected = direct.facts(one.trace, str(one.first), str(one.last))

    part = stats.compute(one)

    assert part["sums"]["jobs"] == expected["jobs"] > 0
    assert part["wait"]["sum"] == expected["wait_sum"]
    assert part["slowdown"]["sum"] == pytest.approx(expected["slowdown_sum"])
    assert part["users"] == expected["users"]
    assert part["busy"] == expected["busy"]
    assert 0 <= part["busy"] <= part["capacity"]


@pytest.mark.parametrize("name", SLICES)
def test_percentiles_agree_with_a_direct_computation(name: str) -> None:
    """Median and maximum are the text's; all classes together hold each job once."""
    one = swf.parse_slice(name)
    jobs = direct.own(one.trace, str(one.first), str(one.last))
    waits = sorted(row[3] for row in jobs)

    part = stats.compute(one)

    assert part["wait"]["median"] == statistics.median(waits)
    assert part["wait"]["max"] == waits[-1]
    assert sum(wait <= part["wait"]["p95"] for wait in waits) >= 0.95 * len(waits)
    assert part["slowdown"]["median"] == statistics.median(direct.slowdowns(jobs))
    for counts in ("widths", "week", "wait_classes"):
        held = part[counts]
        assert sum(held.values() if isinstance(held, dict) else held) == len(jobs)


@pytest.mark.parametrize(
    ("wait", "at"), [(0, 0), (1, 1), (10, 1), (11, 2), (10**9, len(stats.WAIT_EDGES_S))]
)
def test_a_wait_falls_in_the_class_up_to_its_edge(wait: int, at: int) -> None:
    """An edge belongs to the class below it; what is longer than all edges is the rest."""
    assert stats.classes([wait]).index(1) == at


@pytest.mark.parametrize(
    ("procs", "width"), [(1, 1), (2, 2), (3, 4), (4, 4), (5, 8), (100, 128)]
)
def test_a_width_class_is_the_next_power_of_two(procs: int, width: int) -> None:
    """3 and 4 processors are one class, 5 begins the next."""
    assert stats.width_class(procs) == width


def test_the_interval_holds_the_mean_and_is_the_same_each_time() -> None:
    """The bootstrap is seeded: a second attempt writes the same part."""
    values = [float(n * n % 97) for n in range(500)]

    low, high = stats.interval(values) or (0, 0)

    assert low < statistics.mean(values) < high
    assert stats.interval(values) == [low, high]


def test_the_slices_of_a_log_hold_each_job_once(kth_parts: list[dict]) -> None:
    """The sums over all slices are those that the archive's own rules give."""
    (log,) = merge.fold(kth_parts)

    assert dict(log.sums) == direct.CATALOGUE["KTH-SP2"]["sums"]
    merge.prove([log])


@pytest.mark.slow
def test_the_slices_of_the_longer_log_hold_each_job_once() -> None:
    """The same for the log with 202 876 jobs."""
    trace = swf.catalogue()["HPC2N"]

    (log,) = merge.fold(stats.compute(one) for one in slicing.slices_of(trace))

    assert dict(log.sums) == direct.CATALOGUE["HPC2N"]["sums"]


def test_the_report_is_one_file_with_its_plots_inside(out: Path) -> None:
    """It needs nothing beside it: no address but the archive's, every plot within."""
    assert merge.main(["--out", str(out)]) == 0

    page = (out / "report.html").read_text(encoding="utf-8")
    plots = sorted(out.glob("*.png"))
    assert len(plots) == 6 == page.count("data:image/png;base64,")
    assert all(plot.read_bytes().startswith(b"\x89PNG") for plot in plots)
    assert "28\N{NARROW NO-BREAK SPACE}467 jobs" in page
    assert 'src="http' not in page and "Lars Malinowsky" in page


def test_the_report_says_which_slices_were_tried_again(out: Path) -> None:
    """The retried task can be seen in the end result."""
    path = out / "parts" / f"{SLICES[1]}.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"attempt": 2}))

    assert merge.main(["--out", str(out)]) == 0

    assert f"<code>{SLICES[1]}</code>" in (out / "report.html").read_text(encoding="utf-8")


def test_a_missing_part_is_named(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is drawn from half of the parts."""
    (out / "parts" / f"{SLICES[1]}.json").unlink()

    assert merge.main(["--out", str(out)]) == 1

    complaint = capsys.readouterr().err
    assert complaint.startswith("1 of 45 parts are missing")
    assert f"{SLICES[1]}.json" in complaint
    assert not (out / "report.html").exists()


def test_a_part_that_does_not_add_up_is_noticed(
    out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A part that counts one job too many cannot end in a report."""
    path = out / "parts" / f"{SLICES[1]}.json"
    part = json.loads(path.read_text())
    part["sums"]["jobs"] += 1
    path.write_text(json.dumps(part))

    assert merge.main(["--out", str(out)]) == 1

    assert "jobs add up to 28468, not to 28467" in capsys.readouterr().err


@pytest.mark.parametrize(("attempt", "code"), [("1", 1), ("2", 0)])
def test_the_chosen_task_fails_once(tmp_path: Path, attempt: str, code: int) -> None:
    """Its first attempt ends with 1 and writes nothing, its second is like any other."""
    env = os.environ | {"ROTA_ATTEMPT": attempt, "CAMPAIGN_FAILS_ONCE": SLICES[0]}

    done = _task("--slice", SLICES[0], "--out", str(tmp_path), env=env)

    assert done.returncode == code
    assert len(list(tmp_path.iterdir())) == 1 - code


def test_a_task_tells_its_progress(tmp_path: Path) -> None:
    """The last progress line says that all jobs of the slice are done."""
    done = _task("--slice", SLICES[1], "--out", str(tmp_path), env=dict(os.environ))

    lines = done.stdout.splitlines()
    total = json.loads((tmp_path / f"{SLICES[1]}.json").read_text())["sums"]["jobs"]
    assert lines[-2] == f"{total} / {total}"
    assert 10 <= len(lines) <= 30


@pytest.mark.parametrize(
    "name", ["KTH-SP2", "KTH-SP2_today_tomorrow", "A_2000-01-02_2000-01-01"]
)
def test_what_is_no_slice_is_refused(name: str) -> None:
    """The sentence shows what was given."""
    with pytest.raises(ValueError, match=name):
        swf.parse_slice(name)


def _task(*words: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(CAMPAIGN / "stats.py"), *words]
    return subprocess.run(
        command, env=env, capture_output=True, text=True, check=False, timeout=60
    )

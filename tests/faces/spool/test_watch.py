"""The four folders, a real server, and people who move folders about."""

from __future__ import annotations

import os
import re
import shutil
from itertools import pairwise

import pytest

from rota.faces.spool.folders import read_mark, write_mark
from tests.faces.spool.conftest import Drop

STARTED = re.compile(r"Job started by QM at:  \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\n")
FINISHED = re.compile(r"Job finished at: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d with code (\d+)\n$")


def test_a_folder_is_run_and_found_again(drop: Drop) -> None:
    """Results beside the inputs, process.log with QM's first and last line."""
    folder = drop.put("fit 'one'", "pwd; echo $NB_PROC > result; echo 1 / 2 >&2; exit 3",
                      more="nb_proc : 2\ne_mail : ada@example.org\n")  # fmt: skip
    (folder / "data.txt").write_text("data")
    drop.until(lambda: drop.names(drop.done))
    done = drop.done / "fit 'one'"
    assert (done / "data.txt").exists() and (done / "result").read_text() == "2\n"
    log = (done / "process.log").read_text()
    assert STARTED.match(log) and "1 / 2\n" in log, log
    assert f"{drop.running / folder.name}\n" in log
    found = FINISHED.search(log)
    assert found and found[1] == "3", log
    job = drop.client.job(read_mark(str(done))["job"])
    assert "ada@example.org" in job["tags"]
    assert not drop.names(drop.queue) | drop.names(drop.running)


def test_a_name_that_is_taken(drop: Drop) -> None:
    """The earlier results stay what they are."""
    drop.put("fit", "echo first")
    drop.until(lambda: drop.names(drop.done))
    drop.put("fit", "echo second")
    drop.until(lambda: len(drop.names(drop.done)) == 2)
    assert "first" in (drop.done / "fit" / "process.log").read_text()
    other = next(name for name in drop.names(drop.done) if name != "fit")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-fit", other)
    assert "second" in (drop.done / other / "process.log").read_text()


def test_back_into_the_queue_is_a_new_job(drop: Drop) -> None:
    """As users of QM run something again."""
    drop.put("fit", "date +%s%N >> times")
    drop.until(lambda: drop.names(drop.done))
    (drop.done / "fit").rename(drop.queue / "fit")
    drop.until(lambda: drop.names(drop.done))
    assert len((drop.done / "fit" / "times").read_text().splitlines()) == 2


@pytest.mark.parametrize("how", ["moved", "deleted"])
def test_out_of_the_queue_cancels(drop: Drop, how: str) -> None:
    """Before it has begun, and it never does."""
    drop.put("first", "sleep 600", more="nb_proc : 2\n")
    drop.until(lambda: drop.names(drop.running))
    folder = drop.put("second", "touch ran")
    drop.until(lambda: read_mark(str(folder)).get("job"))
    job = read_mark(str(folder))["job"]
    if how == "moved":
        folder.rename(drop.root / "elsewhere")
    else:
        shutil.rmtree(folder)
    drop.spooler()
    drop.until(lambda: drop.client.job(job).is_final)
    assert drop.client.job(job).state == "cancelled"
    shutil.rmtree(drop.running / "first")
    drop.until(lambda: not list(drop.client.all_jobs(live=True, tag=[drop.watch.tag])))
    assert not drop.names(drop.done) | drop.names(drop.lost)


def test_what_cannot_be_read_is_put_aside(drop: Drop) -> None:
    """Whole, with a note; and what no node can do, too."""
    bomb = drop.queue / "bomb"
    bomb.mkdir()
    (bomb / "infos.xml").write_text(
        "<!DOCTYPE p [<!ENTITY a 'b'>]><p><script value='&a;'/></p>"
    )
    drop.put("nothing", "")
    drop.put("large", "true", more="nb_proc : 999\n")
    drop.until(lambda: len(drop.names(drop.lost)) == 3)
    told = {name: (drop.lost / name / "process.log").read_text() for name in
            ("bomb", "nothing", "large")}  # fmt: skip
    assert all(text.startswith("Job invalid: ") for text in told.values())
    assert "bomb/infos.xml:1" in told["bomb"] and "document type" in told["bomb"]
    assert "nothing/proc_config.cfg:2:1: script: is missing" in told["nothing"]
    assert "the largest node has 2 cores" in told["large"]
    assert (drop.lost / "bomb" / "infos.xml").exists()


def test_a_lone_script_with_its_options_inside(drop: Drop) -> None:
    """The form that QM's authors planned; other files are left where they are."""
    (drop.queue / "notes.txt").write_text("do not touch")
    os.mkfifo(drop.queue / "pipe")
    (drop.queue / "fit.sh").write_text("#!/bin/sh\n#QM nb_proc : 2\necho got $NB_PROC\n")
    drop.until(lambda: drop.names(drop.done))
    assert "got 2\n" in (drop.done / "fit.sh" / "process.log").read_text()
    assert (drop.done / "fit.sh" / "fit.sh").exists()
    assert drop.names(drop.queue) == {"notes.txt", "pipe"}


def test_nothing_half_copied_is_taken(drop: Drop) -> None:
    """Without its info file it waits; under another name, too; a copy is no twin."""
    half = drop.queue / "half"
    half.mkdir()
    (half / "data").write_text("x")
    drop.put("later.part", "true")
    drop.put(".hidden", "true")
    drop.put("other", "true")
    drop.until(lambda: drop.names(drop.done))
    assert drop.names(drop.done) == {"other"} and (half / "data").exists()
    (drop.queue / "later.part").rename(drop.queue / "later")
    drop.until(lambda: "later" in drop.names(drop.done))
    shutil.copytree(drop.done / "later", drop.queue / "copy")
    drop.until(lambda: "copy" in drop.names(drop.done))
    first, second = (read_mark(str(drop.done / n))["key"] for n in ("later", "copy"))
    assert first != second


def test_killed_between_any_two_steps(drop: Drop) -> None:
    """What a spooler left behind that was killed, the next one takes up; once."""
    script = "echo ran >> runs"
    drop.put("marked", script)
    drop.until(lambda: drop.names(drop.done))
    done = drop.done / "marked"
    mark = read_mark(str(done))
    # Ended, its last line written, marked done, and not moved yet.
    done.rename(drop.running / "marked")
    drop.spooler()
    drop.until(lambda: drop.names(drop.done))
    # Submitted, and it ran, and nobody wrote down which job it is.
    write_mark(str(drop.done / "marked"), {k: mark[k] for k in ("key", "name", "doc")})
    (drop.done / "marked").rename(drop.running / "marked")
    drop.spooler()
    drop.until(lambda: drop.names(drop.done))
    done = drop.done / "marked"
    assert read_mark(str(done))["job"] == mark["job"]
    assert (done / "runs").read_text() == "ran\n"
    assert (done / "process.log").read_text().count("Job finished at:") == 1
    # A script on its way into a folder.
    hidden = drop.queue / ".s.sh.rota-script"
    hidden.mkdir()
    (hidden / "s.sh").write_text("#!/bin/sh\n#QM nb_proc : 1\ntrue\n")
    drop.spooler()
    drop.until(lambda: "s.sh" in drop.names(drop.done))


def test_strangers_in_the_running_folder(drop: Drop) -> None:
    """As QM does at its start; they are never run again."""
    drop.put("old", "touch ran", into="QM_Jobs")
    drop.until(lambda: drop.names(drop.lost))
    assert not (drop.lost / "old" / "ran").exists()
    assert "not started by" in (drop.lost / "old" / "process.log").read_text()


def test_one_at_a_time(drop: Drop) -> None:
    """With launch_type blocking, in the order in which they came."""
    drop.settings.is_blocking = True
    script = "cat ../../running 2>/dev/null; echo $$ > ../../running; rm ../../running"
    for name in "abc":
        drop.put(name, script)
    drop.until(lambda: drop.names(drop.done) == set("abc"))
    jobs = [read_mark(str(drop.done / name))["job"] for name in "abc"]
    views = [drop.client.job(job) for job in jobs]
    assert jobs == sorted(jobs)
    assert all(a["ended_at"] <= b["started_at"] for a, b in pairwise(views))

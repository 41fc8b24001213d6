"""Progress is read from what jobs print, and from nothing that only looks like it."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from rota.agent.progress import Follower, Progress, Watch, parse, parse_by
from rota.agent.reactor import Reactor
from tests.agent.server import Node


@pytest.mark.parametrize(
    ("text", "done", "total"),
    [
        ("17 / 40\n", 17, 40),
        ("17/40 files\n", 17, 40),
        ("step 3 / 10\nstep 4 / 10\n", 4, 10),
        ("\r 10%\r 20%\r 30%", 30, 100),
        ("42.5% written\n", 42.5, 100),
        ("[#####     ] 50%  (5/10)\n", 5, 10),
        ("0 / 8\n", 0, 8),
        ("100%\n", 100, 100),
        ("3 / 7\nand then some other line\n", 3, 7),
        ("5 / 10\nratio 3 / 0\n", 5, 10),
    ],
)
def test_progress(text: str, done: float, total: float) -> None:
    """The last one that makes sense counts."""
    told = parse(text)
    assert told is not None
    assert (told.done, told.total) == (done, total)


@pytest.mark.parametrize(
    "text",
    ["", "3 / 0\n", "2024/11/05\n", "/usr/lib/1/2\n", "12 / 5\n", "v1.2/3\n", "120%\n",
     "a/b\n", "x5%y\n", "١/٢/٣\n", "-5%\n", "9" * 400 + " / 5\n"],
)  # fmt: skip
def test_no_progress(text: str) -> None:
    """Dates, paths, ratios and nonsense are none."""
    assert parse(text) is None


def test_a_number_that_may_still_grow_is_not_believed() -> None:
    """ "7 / 1" may become "7 / 1000": wait for what follows."""
    assert parse("6 / 1000\n7 / 1", is_whole=False) == Progress(6, 1000, "6 / 1000")
    assert parse("7 / 1000 ", is_whole=False) == Progress(7, 1000, "7 / 1000")


def test_g32_control_characters_do_not_get_through() -> None:
    """The line is shown to people: no escape codes in it."""
    told = parse("\x1b[32m5 / 9\x1b[0m done\n")
    assert told is not None and told.text.isprintable()


def test_own_expressions() -> None:
    """Named groups, two groups, or one for per cent."""
    assert parse_by(re.compile(r"iter (\d+) of (\d+)"), "iter 3 of 9\n") == (
        3,
        9,
        "iter 3 of 9",
    )
    named = re.compile(r"of (?P<total>\d+): (?P<done>\d+)")
    assert parse_by(named, "of 9: 3\n") == (3, 9, "of 9: 3")
    assert parse_by(re.compile(r"at (\d+)"), "at 5\nat 7\nx\n") == (7, 100, "at 7")
    assert parse_by(re.compile(r"x"), "x\n") is None
    assert parse_by(re.compile(r"(a)"), "a\n") is None


def test_an_exploding_expression_is_dropped(tmp_path) -> None:  # type: ignore[no-untyped-def]
    """It costs the agent a tenth of a second, once."""
    out = tmp_path / "out"
    out.write_text("a" * 60 + "!\n")
    told: list[object] = []
    watch = Watch(Reactor(), tell=told.extend)
    begin = time.monotonic()
    watch.begin({"a": [1, 0, 1], "out": str(out), "file": str(tmp_path / "no"),
                 "regex": r"(a+)+$"})  # fmt: skip
    assert time.monotonic() - begin < 2
    out.write_text("5 / 10\n")
    watch.end((1, 0, 1))
    assert [(m["done"], m["total"]) for m in told] == [(5, 10)]  # type: ignore[index]


def test_progress_of_a_real_job(shared: Node) -> None:
    """Told while it runs, and the last one before its end."""
    text = "for i in 1 2 3 4 5 6 7; do echo $i / 7; sleep 0.15; done"
    shared.run(1, command=text)
    shared.finished(1)
    told = [m for m in shared.server.told if m["t"] in ("progress", "finished")]
    steps = [m["done"] for m in told if m["t"] == "progress"]
    assert steps == sorted(set(steps)) and steps[-1] == 7 and 2 <= len(steps) <= 4
    assert told[-1]["t"] == "finished"


def test_progress_by_its_own_file(shared: Node) -> None:
    """What stands in $ROTA_PROGRESS counts more than what is printed."""
    text = 'echo 1 / 2; echo "30% of it" > $ROTA_PROGRESS; sleep 0.8'
    shared.run(2, command=text)
    shared.finished(2)
    told = shared.seen("progress", 2)
    assert told is not None and (told["done"], told["text"]) == (30, "30% of it")


def test_a_line_without_an_end_costs_its_tail_only(tmp_path: Path) -> None:
    """A gigabyte in one line: no more of it is read than the end."""
    out = tmp_path / "out"
    with open(out, "wb") as file:
        file.truncate(1 << 30)
        file.seek(0, 2)
        file.write(b"x" * 100_000 + b" 3 / 0  7 / 9\r")
    word = {"a": [1, 0, 1], "out": str(out), "file": str(tmp_path / "none"), "regex": None}
    follower = Follower(word)
    assert follower.moved()
    assert not follower.moved()


def test_short_jobs_are_not_looked_at(shared: Node) -> None:
    """Who ends within half a second is done anyway."""
    shared.run(3, argv=["echo", "1 / 2"])
    shared.finished(3)
    assert shared.seen("progress", 3) is None

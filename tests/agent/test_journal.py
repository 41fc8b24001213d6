"""The journal: appended, synced, replaced, and read back whatever happened to it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.agent import journal as journals
from rota.agent.book import replayed
from rota.agent.journal import AHEAD, Journal
from rota.agent.reactor import Reactor


@pytest.fixture
def reactor() -> Iterator[Reactor]:
    """A loop for one test."""
    one = Reactor()
    yield one
    one.close()


def turn_until(reactor: Reactor, seen: list[Any], count: int = 1) -> None:
    """Turn *reactor* until *seen* has *count* entries."""
    late: list[int] = []
    timer = reactor.after(10_000, lambda: late.append(1))
    while len(seen) < count:
        reactor.turn()
        assert not late, "never came"
    timer.cancel()


def test_what_is_written_is_read(tmp_path: Path, reactor: Reactor) -> None:
    """In order, up to where the text ends, though the file is longer."""
    path = str(tmp_path / "journal")
    journal = Journal(path, reactor, end=0)
    journal.append("boot", "b", 1, 2)
    journal.append("run", 1, 7, [[0, 1]])
    journal.append_end(json.dumps({"a": [7, 0, 1], "text": "zwölf \ud800"}))
    journal.write()
    assert os.path.getsize(path) >= AHEAD
    records, end, bad = journals.read(path)
    assert [record[0] for record in records] == ["boot", "run", "end"]
    assert (end, bad) == (journal.size, 0)
    journal.close()
    assert os.path.getsize(path) == end


def test_synced_means_on_disk_and_nobody_waits(tmp_path: Path, reactor: Reactor) -> None:
    """Calls come back in order, from the loop; later ones share a sync."""
    journal = Journal(str(tmp_path / "journal"), reactor, end=0)
    seen: list[int] = []
    for number in range(5):
        journal.append("seen", [[1, number, 1]])
        journal.synced(lambda number=number: seen.append(number))  # type: ignore[misc]
    assert seen == []
    turn_until(reactor, seen, 5)
    assert seen == [0, 1, 2, 3, 4]
    journal.close()


def test_g03_rewritten_in_one_step(tmp_path: Path, reactor: Reactor) -> None:
    """The new text replaces the old one, also while a sync is under way."""
    path = str(tmp_path / "journal")
    journal = Journal(path, reactor, end=0)
    seen: list[int] = []
    for number in range(100):
        journal.append("seen", [[1, number, 1]])
    journal.synced(lambda: seen.append(1))
    journal.rewrite([("boot", "b"), ("seen", [])])
    journal.append("forget", [])
    journal.synced(lambda: seen.append(2))
    turn_until(reactor, seen, 2)
    journal.close()
    assert [r[0] for r in journals.read(path)[0]] == ["boot", "seen", "forget"]
    assert not (tmp_path / "journal.new").exists()


def test_g03_torn_and_garbled(tmp_path: Path, reactor: Reactor) -> None:
    """A torn last line is cut off and written over; garbage is counted and left out."""
    path = tmp_path / "journal"
    path.write_bytes(
        b'["boot","b"]\nrubbish\n\xff\xfe{\n["seen",[]]\n["end",{"to' + b"\0" * 99
    )
    records, end, bad = journals.read(str(path))
    assert ([record[0] for record in records], bad) == (["boot", "seen"], 2)
    journal = Journal(str(path), reactor, end=end)
    journal.append("forget", [])
    journal.close()
    assert [r[0] for r in journals.read(str(path))[0]] == ["boot", "seen", "forget"]


def test_full_disk_refuses_work_and_keeps_ends(
    tmp_path: Path, reactor: Reactor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No room for more: new work is refused, ends are still written; it recovers (G05)."""
    path = str(tmp_path / "journal")
    journal = Journal(path, reactor, end=0)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "posix_fallocate", full)
        while journal.reserve():
            journal.append("seen", [[1, 2, 3]] * 1000)
            journal.write()
        assert "No space left" in str(journal.trouble)
        before = journal.size
        journal.append_end('{"a":[1,0,1]}')
        journal.write()
        assert journal.size > before
    assert journal.reserve() and journal.trouble is None
    journal.close()
    assert journals.read(path)[0][-1] == ["end", {"a": [1, 0, 1]}]


whole = st.integers(0, 50)
records = st.lists(
    st.one_of(
        st.tuples(
            st.just("run"), whole, whole, st.lists(st.tuples(whole, whole), max_size=3)
        ),
        st.tuples(st.just("go"), whole, whole, whole, whole, whole),
        st.tuples(st.just("pid"), whole, whole, whole, whole, whole),
        st.tuples(
            st.just("end"), st.fixed_dictionaries({"a": st.tuples(whole, whole, whole)})
        ),
        st.tuples(st.just("forget"), st.lists(st.tuples(whole, whole, whole), max_size=3)),
        st.tuples(st.text(), st.none() | whole | st.lists(whole)),
        st.tuples(
            st.sampled_from(["run", "go", "pid", "end", "forget", "seen"]), st.text()
        ),
    ),
    max_size=30,
)


@given(records)
def test_replay_never_fails_and_forgets_no_end(rows: list[Any]) -> None:
    """Whatever stands in a journal, an end in it stays until it is forgotten."""
    plain = json.loads(json.dumps(rows))
    past, _ = replayed(plain)
    ended: set[tuple[int, ...]] = set()
    for row in plain:
        if row[0] == "end" and isinstance(row[1], dict):
            ended.add(tuple(row[1]["a"]))
        elif row[0] == "forget" and isinstance(row[1], list):
            ended -= {tuple(a) for a in row[1] if isinstance(a, list)}
    assert set(past.book.ended) == ended
    assert not ended & {ref for ref in past.open if past.book.ended.get(ref) is None}

"""The book: what is accepted, declined, held, and made again from its records."""

from __future__ import annotations

import json
from typing import Any

from rota.agent.book import SEEN_MAX, Book, replayed
from rota.agent.recipe import Places, Recipe
from rota.agent.slots import Slot, Trash

PLACES = Places("/h/out", "/h/work")
SLOT = Slot("/h/tmp/9", Trash("/h/tmp"))


def run(job: int, tasks: list[list[Any]], alloc: int = 1) -> tuple[dict[str, Any], Recipe]:
    """Return an order and its recipe."""
    message = {
        "alloc": alloc,
        "job": job,
        "tasks": tasks,
        "nodes": [["h", [0], []]],
    }
    return message, Recipe(
        {"argv": ["true"]}, run=message, places=PLACES, slot=SLOT, gpus_here=False
    )


def test_new_numbers_are_accepted_in_order() -> None:
    """A strip waits as it was ordered."""
    book = Book()
    _, fresh, declined = book.accept(*run(1, [[2, 1, None], [0, 3, None], [1, 1, None]]))
    assert [attempt.ref for attempt in fresh] == [(1, 2, 1), (1, 0, 3), (1, 1, 1)]
    assert declined == []


def test_old_numbers_are_declined_and_held_ones_left_out() -> None:
    """G07: not larger than any seen; a duplicate of what is held is no news."""
    book = Book()
    book.accept(*run(1, [[0, 2, None]]))
    _, fresh, declined = book.accept(*run(1, [[0, 2, None], [0, 1, None], [0, 3, None]], 2))
    assert [attempt.ref for attempt in fresh] == [(1, 0, 3)]
    assert [ref for ref, _ in declined] == [(1, 0, 1)]


def test_condemned_before_it_came() -> None:
    """A kill that was faster than the order: declined with the kill's reason, for good."""
    book = Book()
    book.condemn((1, 0, 1), {"code": "killed", "text": "x"})
    for _ in range(2):
        _, fresh, declined = book.accept(*run(1, [[0, 1, None]]))
        assert not fresh and len(declined) == 1
    _, fresh, declined = book.accept(*run(1, [[0, 2, None]]))
    assert len(fresh) == 1 and declined == []


def test_holds_and_ends() -> None:
    """Ended attempts are held until they are forgotten."""
    book = Book()
    book.accept(*run(1, [[0, 1, None], [1, 1, None]]))
    book.end((1, 0, 1), {"a": [1, 0, 1]})
    assert book.holds() == [[1, 1, 1, "waiting", None], [1, 0, 1, "ended", None]]
    assert book.forget([(1, 0, 1), (1, 1, 1), (9, 9, 9)]) == [(1, 0, 1)]
    assert book.holds() == [[1, 1, 1, "waiting", None]]


def test_the_past_is_bounded() -> None:
    """A million tasks leave so many numbers and no more."""
    book = Book()
    for task in range(SEEN_MAX + 100):
        book.see((1, task, 1))
    assert book.has_seen((1, SEEN_MAX, 1)) and not book.has_seen((1, 0, 1))


def test_records_make_the_same_book_again() -> None:
    """What is written at a compaction is what was known."""
    book = Book()
    alloc, fresh, _ = book.accept(*run(1, [[0, 1, None], [1, 4, None], [2, 1, None]]))
    running = fresh[0]
    alloc.current = alloc.coming.pop(running.ref)
    running.phase, running.tag, running.start_boot = "running", 99, 1000
    running.pid, running.started_at = 4242, 5000
    book.end((1, 2, 1), {"t": "finished", "a": [1, 2, 1]})
    del alloc.coming[1, 2, 1]
    records = json.loads(json.dumps(list(book.records())))
    again, bad = replayed(records)
    assert bad == 0
    assert again.book.ended == book.ended
    assert set(again.open) == {(1, 0, 1), (1, 1, 4)}
    trace = again.open[1, 0, 1]
    assert (trace.tag, trace.boot_ms, trace.pid, trace.started_at) == (99, 1000, 4242, 5000)
    assert again.open[1, 1, 4].tag == 0
    assert again.book.has_seen((1, 1, 4)) and not again.book.has_seen((1, 1, 5))


def test_what_was_open_before_a_reboot_is_not_open_now() -> None:
    """Also when a shepherd of today has already begun to write after it."""
    past, bad = replayed(
        [
            ["boot", "yesterday", 1, 2],
            ["run", 1, 5, [[0, 1], [1, 1]]],
            ["go", 5, 0, 1, 99, 1000],
            ["end", {"a": [5, 1, 1]}],
            ["boot", "today", 1, 2],
            ["run", 2, 6, [[0, 1]]],
            ["boot", "today", 1, 2],
        ]
    )
    assert bad == 0
    assert set(past.open) == {(6, 0, 1)} and set(past.book.ended) == {(5, 1, 1)}
    assert past.book.has_seen((5, 0, 1))

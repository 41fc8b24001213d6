"""The outbox: what is put in is there after a crash, once."""

from __future__ import annotations

from pathlib import Path

from rota.server.outbox import Delivery, Outbox, Told


def letter(id: str, *, line: str = "mail", due_at: int = 5) -> Delivery:
    """Return a delivery made and due at *due_at*."""
    return Delivery(id, line, "ann@example.org", {"subject": "ä"}, due_at, due_at)


def test_it_keeps_what_was_put_in(tmp_path: Path) -> None:
    """Told, deliveries and the cursor are one; the same delivery twice is one."""
    box = Outbox(tmp_path / "o.db")
    assert box.cursor() is None
    box.put({7: Told(started_at=3)}, [letter("a"), letter("a")], cursor=9)
    box.close()
    again = Outbox(tmp_path / "o.db")
    assert again.cursor() == 9
    assert again.told([7, 8]) == {7: Told(started_at=3)}
    assert again.waiting() == {"mail": 1}
    assert again.due("mail", 5) == letter("a")
    assert again.due("mail", 4) is None
    assert (tmp_path / "o.db").stat().st_mode & 0o077 == 0


def test_the_first_of_a_line_is_sent_first_and_trouble_goes_to_its_end(
    tmp_path: Path,
) -> None:
    """So that one delivery that chokes the line does not hold up the rest."""
    box = Outbox(tmp_path / "o.db")
    box.put({}, [letter("a"), letter("b", due_at=6), letter("c", line="lab")], cursor=1)
    box.later("a", due_at=50, error="busy")
    found = box.due("mail", 60)
    assert found is not None and found.id == "b"
    box.drop("b")
    later = box.due("mail", 60)
    assert later is not None and (later.id, later.tries, later.error) == ("a", 1, "busy")
    assert box.waiting() == {"mail": 1, "lab": 1}


def test_what_was_told_long_ago_is_forgotten(tmp_path: Path) -> None:
    """Live jobs' is kept however old."""
    box = Outbox(tmp_path / "o.db")
    box.put({1: Told(ended_at=5), 2: Told(started_at=5)}, [], cursor=1)
    box.forget(10**12)
    assert set(box.told([1, 2])) == {2}

"""``rota grep``: lines in what jobs wrote."""

from __future__ import annotations

from argparse import Namespace

from hypothesis import given
from hypothesis import strategies as st

from rota.client.http import Client
from rota.faces.grep import LINE_MAX, _found, _lines
from tests.faces.conftest import Rota

TEXT = "printf 'one\\nTwo ERROR\\nthree\\nfour error\\nfive\\n'; echo oops >&2"


def test_lines_with_their_job(rota: Rota, client: Client) -> None:
    """Of an array each line says whose it is; of one task it need not."""
    doc = {"command": TEXT, "cwd": "/", "array": "0-1"}
    job = client.submit(doc)[0].id
    client.wait(job, timeout_s=60)

    both = rota("grep", "-i", "error", str(job))
    assert both.code == 0
    assert both.lines == [
        f"{job}[{task}]:{line}" for task in (0, 1) for line in ("Two ERROR", "four error")
    ]
    assert rota("grep", "ERROR", f"{job}[1]").out == "Two ERROR\n"
    assert rota("grep", "-c", "-i", "error", str(job)).lines == [
        f"{job}[0]:2",
        f"{job}[1]:2",
    ]
    assert rota("grep", "-l", "three", str(job)).lines == [f"{job}[0]", f"{job}[1]"]
    around = rota("grep", "-C", "1", "three", f"{job}[0]").lines
    assert around == ["Two ERROR", "three", "four error"]
    assert rota("grep", "--stderr", "oops", f"{job}[0]").out == "oops\n"
    assert rota("grep", "--both", "-m", "1", "o", f"{job}[0]").lines == ["one", "oops"]
    found = rota("grep", "--json", "ERROR", f"{job}[0]").json
    assert found["matches"] == [
        {
            "job": f"{job}[0]", "count": 1,
            "lines": [{"line": 2, "text": "Two ERROR", "match": True}],
        }
    ]  # fmt: skip


def test_nothing_found_is_1_and_nonsense_is_2(rota: Rota, client: Client) -> None:
    """As grep has it; what could not be read is said."""
    job = client.submit({"argv": ["echo", "hi"], "cwd": "/"})[0].id
    client.wait(job, timeout_s=60)
    held = client.submit({"argv": ["true"], "cwd": "/", "held": True})[0].id

    assert rota("grep", "absent", str(job)).code == 1
    wrong = rota("grep", "(", str(job))
    assert wrong.code == 2 and "is no regular expression" in wrong.err
    unread = rota("grep", "hi", str(job), str(held))
    assert unread.code == 0 and f"not read: {held}: " in unread.err
    client.kill(held)


@given(st.binary(max_size=500), st.integers(1, 50))
def test_lines_are_the_same_however_they_come_in_pieces(data: bytes, size: int) -> None:
    """A piece may end anywhere."""
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    whole = data.split(b"\n")
    if whole[-1] == b"":
        whole.pop()

    assert list(_lines(pieces)) == [line.decode("utf-8", "replace") for line in whole]


def test_a_line_without_end_costs_a_bounded_size() -> None:
    """A gigabyte without a newline is looked at in its first part."""
    (line,) = _lines(b"x" * 65_536 for _ in range(64))

    assert LINE_MAX <= len(line) <= LINE_MAX + 65_536


def test_context_is_told_once() -> None:
    """Lines between two matches are not told twice."""
    import re

    args = Namespace(invert=False, max=None, context=2)
    told = list(_found(["a", "x", "b", "x", "c", "d", "e"], re.compile("x"), args))

    assert [number for number, _, _ in told] == [1, 2, 3, 4, 5, 6]

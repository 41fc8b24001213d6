"""``rota log``: bytes as they were written, from either end, and as they come."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.client.http import Client
from rota.faces.log import head_of, tail_start
from tests.client.cluster import Cluster
from tests.faces.conftest import Rota

LINES = st.lists(st.sampled_from([b"a\n", b"bb\n", b"\n"]), max_size=12)


@pytest.fixture(scope="module")
def job(cluster: object, request: pytest.FixtureRequest) -> Iterator[int]:
    """A job of two attempts that wrote to both streams."""
    with Client(home=str(request.getfixturevalue("cluster").home)) as client:
        text = (
            "seq 1 20000; echo attempt $ROTA_ATTEMPT; echo err >&2; [ $ROTA_ATTEMPT = 2 ]"
        )
        doc = {"command": text, "cwd": "/", "name": "talker", "retries": 1}
        yield client.wait(client.submit(doc)[0].id, timeout_s=30).id


def test_all_of_it(rota: Rota, job: int) -> None:
    """More than one piece, complete to the byte (G23)."""
    said = rota("log", str(job))

    assert said.lines == [*map(str, range(1, 20001)), "attempt 2"]


def test_either_end(rota: Rota, job: int) -> None:
    """Some lines from the top, some from the bottom, more than there are."""
    assert rota("log", "talker", "--head", "2").lines == ["1", "2"]
    assert rota("log", str(job), "--tail", "2").lines == ["20000", "attempt 2"]
    assert len(rota("log", str(job), "--tail", "50000").lines) == 20001
    assert len(rota("log", str(job), "--tail", "19000").lines) == 19000


def test_any_attempt_and_stream(rota: Rota, job: int) -> None:
    """What was tried before is kept."""
    assert rota("log", str(job), "--attempt", "1", "--tail", "1").out == "attempt 1\n"
    assert rota("log", str(job), "--stderr").out == "err\n"
    missing = rota("log", str(job), "--attempt", "3")
    assert (missing.code, missing.err) == (
        2,
        f"rota: job {job} has no attempt 3; it has 2\n",
    )


def test_json(rota: Rota, job: int) -> None:
    """The text in a document."""
    told = rota("log", str(job), "--stderr", "--json").json

    assert (told["schema"], told["stream"], told["text"]) == (
        "rota.log/1",
        "stderr",
        "err\n",
    )


def test_a_task_of_an_array_must_be_named(rota: Rota, client: Client) -> None:
    """By 12[7] or by --task."""
    array = client.submit({"command": "echo {task}", "cwd": "/", "array": "0-3"})[0].id
    client.wait(array, timeout_s=30)

    assert rota("log", f"{array}[2]").out == "2\n"
    assert rota("log", str(array), "--task", "3").out == "3\n"
    said = rota("log", str(array))
    assert (said.code, said.out) == (2, "")
    assert f"rota log {array}[INDEX]" in said.err


@pytest.mark.parametrize(
    "words", [["--head", "1", "--tail", "1"], ["--head", "1", "-f"], ["-f", "--json"]]
)
def test_what_contradicts_itself_is_refused(rota: Rota, job: int, words: list[str]) -> None:
    """With a sentence."""
    assert rota("log", str(job), *words).code == 2


def test_following_ends_with_the_job(rota: Rota, client: Client) -> None:
    """What is written while one looks comes too, through a retry."""
    text = "echo one $ROTA_ATTEMPT; sleep 0.3; echo two; [ $ROTA_ATTEMPT = 2 ]"
    job = client.submit({"command": text, "cwd": "/", "retries": 1})[0].id

    assert rota("log", "-f", str(job)).lines == ["one 1", "two", "one 2", "two"]
    assert rota("log", "-f", str(job), "--tail", "1").lines == ["two"]


def test_bytes_that_are_no_text_pass_through(cluster: Cluster, client: Client) -> None:
    """A log is not ours to change."""
    import subprocess

    job = client.submit({"command": r"printf '\377\000x'", "cwd": "/"})[0].id
    client.wait(job, timeout_s=30)
    done = subprocess.run(
        cluster.command("log", str(job)), env=cluster.env, capture_output=True, check=True
    )

    assert done.stdout == b"\xff\x00x"


@given(LINES, st.integers(1, 15), st.lists(st.integers(0, 40), max_size=5))
def test_the_head_is_the_same_however_it_is_cut(
    lines: list[bytes], count: int, cuts: list[int]
) -> None:
    """Pieces of a stream have nothing to do with lines."""
    text, found = b"".join(lines), b""
    left: int | None = count
    edges = sorted({0, len(text), *(cut for cut in cuts if cut <= len(text))})
    for low, high in pairwise(edges):
        piece, left = head_of(text[low:high], left)
        found += piece

    assert found == b"".join(lines[:count])


@given(LINES, st.sampled_from([b"", b"end"]), st.integers(1, 15))
def test_the_tail_begins_where_so_many_lines_are_left(
    lines: list[bytes], rest: bytes, count: int
) -> None:
    """A last line without an end is a line."""
    whole = [*lines, *([rest] if rest else [])]
    text = b"".join(whole)
    start = tail_start(text, count)

    if start is None:
        assert len(whole) <= count
    else:
        assert text[start:] == b"".join(whole[-count:])

"""Failures that are one kind have one signature, others do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.core.reasons import Reason, reason
from rota.core.signature import TEXT_MAX, blanked, signature_of


def failed(said: str, code: int = 1) -> Reason:
    """An exit with last words."""
    why = reason("exit_code", code=code)
    return why._replace(evidence={**why.evidence, "said": said})


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("ValueError: could not convert 'x17'", "ValueError: could not convert 'x17'"),
        ("/data/run17/in.dat:3: bad value 0.71", "/data/run18/in.dat:91: bad value -12e5"),
        ("segfault at 0x7f3a00", "segfault at 0xdeadbeef"),
        ("0f8fad5b-d9cb-469f-a165-70867728950e", "7c9e6679-7425-40de-944b-e07fc1f90ae7"),
        ("no licence (12 of 50), in 00:10:05", "no licence (3 of 50), in 01:00:00"),
    ],
)  # fmt: skip
def test_what_only_varies_is_taken_out(first: str, second: str) -> None:
    """Numbers, addresses, ids, paths."""
    assert signature_of(failed(first), exit_code=1) == signature_of(
        failed(second), exit_code=1
    )


def test_other_words_and_other_codes_are_other_kinds() -> None:
    """By words, by exit code, by cause."""
    kinds = {
        signature_of(failed("no licence"), exit_code=1).key,
        signature_of(failed("no memory"), exit_code=1).key,
        signature_of(failed("no memory", 2), exit_code=2).key,
        signature_of(reason("oom", used="2 GiB", limit="1 GiB"), exit_code=137).key,
        signature_of(reason("signal", signal="11 (SIGSEGV)"), exit_code=None).key,
        signature_of(reason("signal", signal="6 (SIGABRT)"), exit_code=None).key,
        signature_of(None).key,
    }

    assert len(kinds) == 7


def test_people_recognise_it() -> None:
    """What is left is readable."""
    told = signature_of(failed("/a/b.py:3: bad value 0.5 at 0x7f"), exit_code=3)

    assert told.text == "exit code 3: PATH:N: bad value N at ADDRESS"


@given(st.text(max_size=2_000))
def test_any_text_is_blanked_to_one_short_line(text: str) -> None:
    """And blanking twice is blanking once."""
    shown = blanked(text)

    assert len(shown) <= TEXT_MAX and "\n" not in shown and "\r" not in shown

"""What rota invite prints: whole or refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.core.errors import Malformed
from rota.wire.invitation import MARK, Invitation, from_text, to_text

PIN = "0123456789abcdef" * 4
ONE = Invitation(
    (f"https://192.0.2.1:8400#sha256={PIN}", f"https://box:8400#sha256={PIN}"), "s" * 43, 17
)


def test_it_is_one_word_and_comes_back_whole() -> None:
    """Also when a mail program broke the line."""
    word = to_text(ONE)
    assert word.startswith(MARK)
    assert not any(char.isspace() for char in word)
    assert from_text(word) == ONE
    assert from_text(f"  {word[:30]}\n {word[30:]}\n") == ONE


def test_a_sites_certificate_needs_no_fingerprint() -> None:
    """Its authority vouches for it."""
    one = ONE._replace(urls=("https://box:1",))
    assert from_text(to_text(one)) == one


@given(st.integers(0, len(to_text(ONE)) - 1), st.sampled_from("abAB01-_%"))
def test_a_changed_letter_is_noticed(at: int, letter: str) -> None:
    """Wherever it is; or it changes nothing (the last letter carries spare bits)."""
    word = to_text(ONE)
    changed = word[:at] + letter + word[at + 1 :]
    try:
        assert from_text(changed) == ONE
    except Malformed as error:
        assert "not whole" in error.sentence or "no token of rota invite" in error.sentence


@pytest.mark.parametrize("size", [0, 5, 6, 7, 20, 100])
def test_a_cut_one_is_refused(size: int) -> None:
    """With what to do."""
    with pytest.raises(Malformed, match=r"copy the line|no token of rota invite"):
        from_text(to_text(ONE)[:size])

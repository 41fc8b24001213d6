"""What files and one-liners of wq say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.core.errors import Malformed
from rota.formats.wq import from_file, from_line, read


def test_spellings_are_one_field() -> None:
    """Those of wq's own examples, of two the first."""
    assert from_file("notgroup: a\nnot_group: b\n", where="j") == {
        "not_group": ("a", "j:1:1")
    }
    assert from_line("host_file:auto; n:2", where="-r") == {
        "hostfile": ("auto", "-r"), "N": (2, "-r"),
    }  # fmt: skip


def test_a_bad_one_liner_is_told() -> None:
    """What is wrong with it, and what would be right."""
    with pytest.raises(Malformed, match="N is not of the form"):
        from_line("mode:by_node; N", where="-r")


@given(st.text(max_size=200) | st.text("modeN:;[]{}'\"bycr_ 1,\n", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Files and one-liners."""
    for use in (lambda: read(text), lambda: from_line(text, where="-r")):
        try:
            use()
        except Malformed as error:
            assert error.sentence

"""#SBATCH lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.formats.sbatch.directives import Unclosed, directives, words

SCRIPT = """\
#!/bin/bash
# a comment
#SBATCH -p debug -n 2 -t 5
##SBATCH --commented-out

#SBATCH --job-name           "my job"   # not this
  # indented
#SBATCH --output='a b.out'
echo hi
#SBATCH --too-late
"""


def test_they_count_up_to_the_first_command() -> None:
    """Several options on a line, quotes, any number of blanks."""
    assert list(directives(SCRIPT)) == [
        (3, 9, "-p debug -n 2 -t 5"),
        (6, 9, '--job-name           "my job"   # not this'),
        (8, 9, "--output='a b.out'"),
    ]


def test_words_have_their_places() -> None:
    """Without their quotes; a comment ends them."""
    assert words('--job-name   "my job"   # not this') == [
        (0, "--job-name"),
        (13, "my job"),
    ]
    assert words("-n2 --output='a b.out'") == [(0, "-n2"), (4, "--output=a b.out")]


def test_a_quote_that_is_not_closed_is_refused() -> None:
    """With the place."""
    with pytest.raises(Unclosed, match="is not closed") as caught:
        words('--comment "oh no')
    assert caught.value.at == 10


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    """No crash, no hang."""
    try:
        for number, _, line in directives("#!/bin/sh\n#SBATCH " + text):
            assert number > 1 and all(line[at] for at, _ in words(line))
    except Unclosed as error:
        assert error.at >= 0

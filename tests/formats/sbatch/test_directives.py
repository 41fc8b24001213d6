"""#SBATCH lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.formats.sbatch.directives import directives, words

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
        (3, ["-p", "debug", "-n", "2", "-t", "5"]),
        (6, ["--job-name", "my job"]),
        (8, ["--output=a b.out"]),
    ]


def test_a_quote_that_is_not_closed_is_refused() -> None:
    """With the place."""
    with pytest.raises(ValueError, match="character 10 is not closed"):
        words('--comment "oh no')


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    """No crash, no hang."""
    try:
        assert all(number > 0 for number, _ in directives("#!/bin/sh\n#SBATCH " + text))
    except ValueError as error:
        assert "not closed" in str(error)

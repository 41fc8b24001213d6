"""What a copied folder leaves out, line by line."""

from __future__ import annotations

import pytest

from rota.core.ignores import Ignores, cut


@pytest.mark.parametrize(
    ("lines", "path", "out"),
    [
        ("*.o", "a.o", True),
        ("*.o", "deep/er/a.o", True),
        ("*.o\n!keep.o", "keep.o", False),
        ("/build", "build", True),
        ("/build", "src/build", False),
        ("docs/*.pdf", "docs/a.pdf", True),
        ("docs/*.pdf", "other/docs/a.pdf", False),
        ("# *.o", "a.o", False),
        ("", "a.o", False),
        (r"\#x", "#x", True),
    ],
)
def test_a_line_says_what_git_would(lines: str, path: str, *, out: bool) -> None:
    """The last line that means a path decides."""
    ignores = Ignores()
    ignores.add(lines, folder="")
    assert ignores.leaves_out(path, is_folder=False) is out


def test_a_line_with_a_slash_at_its_end_means_folders_only() -> None:
    """A file called so stays."""
    ignores = Ignores()
    ignores.add("logs/", folder="")
    assert ignores.leaves_out("logs", is_folder=True)
    assert not ignores.leaves_out("logs", is_folder=False)


def test_a_file_speaks_for_its_own_folder() -> None:
    """Even if that is called [x]."""
    ignores = Ignores()
    ignores.add("*.tmp", folder="a/[x]")
    assert ignores.leaves_out("a/[x]/b.tmp", is_folder=False)
    assert not ignores.leaves_out("a/b.tmp", is_folder=False)


def test_what_no_job_wants_is_left_out_unasked() -> None:
    """The history of a code is no part of its snapshot."""
    assert Ignores().leaves_out("sub/.git", is_folder=True)


def test_a_complaint_names_the_largest() -> None:
    """So that one knows what to leave out."""
    assert cut([("a", 1), ("b", 3), ("c", 2)], 2) == [("b", 3), ("c", 2)]

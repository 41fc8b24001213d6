"""What stands behind sbatch's options."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.formats.sbatch import values


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5", 300), ("0:300", 300), ("1:30", 90), ("0:5:0", 300), ("1:0:0", 3600),
        ("1-2", 93600), ("1-2:3", 93780), ("0-0:5:0", 300), ("1-2:3:4", 93784),
        ("0", None), ("UNLIMITED", None), ("infinite", None),
    ],
)  # fmt: skip
def test_times(text: str, seconds: int | None) -> None:
    """All of Slurm's forms, with and without leading zeros."""
    assert values.seconds(text) == seconds


@pytest.mark.parametrize(
    ("text", "size"),
    [("500", 500 << 20), ("4G", 4 << 30), ("20480K", 20 << 20), ("1T", 1 << 40),
     ("500mb", 500 << 20), ("2gB", 2 << 30)],
)  # fmt: skip
def test_memory_is_mebibytes_unless_told(text: str, size: int) -> None:
    """K, M, G, T, with B or without, in both cases."""
    assert values.size(text) == size


@pytest.mark.parametrize(
    ("text", "after", "single"),
    [
        ("afterok:1:2,afterany:3", ["ok:1", "ok:2", "any:3"], False),
        ("afterok:1,2", ["ok:1", "ok:2"], False),
        ("aftercorr:12", ["ok:12[*]"], False),
        ("after:5+10", ["start:5"], False),
        ("afternotok:20_3", ["notok:20[3]"], False),
        ("singleton", [], True),
        ("afterok:1000000200000003", ["ok:20[3]"], False),
    ],
)
def test_dependencies(text: str, after: list[str], single: bool) -> None:
    """Of jobs and tasks; several ids share a word."""
    found, alone = values.dependencies(text)
    assert [said for _, said in found] == after and alone is single


@pytest.mark.parametrize("text", ["afterok", "12", "afterok:x", "afterok:1?afterok:2"])
def test_what_is_no_dependency_is_refused(text: str) -> None:
    """Any of several cannot be had, and is not quietly made all of them."""
    with pytest.raises(ValueError, match=r"dependency|job id|any of several"):
        values.dependencies(text)


@pytest.mark.parametrize(
    ("text", "warning"),
    [("USR1@90", ("USR1", 90, False)), ("B:SIGUSR2@10", ("USR2", 10, True)),
     ("10", ("USR1", 60, False))],
)  # fmt: skip
def test_signals(text: str, warning: tuple[str, int, bool]) -> None:
    """By name or number, for all or the batch shell."""
    assert values.warning(text) == warning


def test_patterns_are_translated() -> None:
    """The vector of the real thing: e.%j.%x.%u.%N.%n.%s.%t.%%.%5j.err."""
    found = values.pattern(
        "e.%j.%x.%u.%N.%n.%s.%t.%%.%5j.err", name="wrap", user="root", is_array=False
    )
    assert found == "e.{raw}.wrap.root.{node}.0.batch.0.%.{raw:5}.err"
    found = values.pattern("o-%A_%4a", name="", user="", is_array=True)
    assert found == "o-{job}_{task:4}"


@given(st.text())
@pytest.mark.parametrize(
    "read", [values.seconds, values.size, values.dependencies, values.warning, values.count]
)
def test_any_text_is_read_or_refused(read: object, text: str) -> None:
    """No crash, no hang."""
    try:
        assert callable(read) and read(text) != ""
    except ValueError as error:
        assert str(error)

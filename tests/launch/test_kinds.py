"""The table of kinds."""

from __future__ import annotations

import pytest

from rota.core.errors import Missing
from rota.launch.kinds import KINDS, launcher_of


def test_a_kind_that_is_none_is_told_with_those_there_are() -> None:
    """Not a stack."""
    with pytest.raises(Missing, match=r"'lsf'; kinds are local, slurm"):
        launcher_of("lsf")
    assert all(launcher_of(kind) is KINDS[kind] for kind in KINDS)

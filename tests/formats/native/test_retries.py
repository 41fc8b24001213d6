"""The key ``retries``, with and without remedies."""

from __future__ import annotations

from typing import Any

import pytest

from rota.core.errors import Malformed
from rota.core.remedy import Remedy, percent
from rota.formats.native import build
from rota.formats.native.retries import retries_of, show_retries

GIB = 1 << 30


def test_a_number_is_for_every_cause() -> None:
    """And nothing changes in between."""
    assert retries_of(2) == ({"any": 2}, {})
    assert retries_of(0) == ({}, {})


def test_a_cause_may_have_a_remedy() -> None:
    """``time`` is another name for ``time_limit``."""
    job = build(
        {
            "command": "x", "memory": "1GiB", "time": "1h",
            "retries": {
                "oom": {"times": 2, "memory": "x2", "cap": "64GiB"},
                "time": {"times": 1, "time": "x1.5", "time_cap": "3h"},
                "any": {"times": 1, "elsewhere": True, "delay": "5s"},
                "signal": 4,
            },
        }
    )  # fmt: skip

    assert job.retries == {"oom": 2, "time_limit": 1, "any": 1, "signal": 4}
    assert job.remedies == {
        "oom": Remedy(memory=200, memory_max=64 * GIB),
        "time_limit": Remedy(time=150, time_max_ms=10_800_000),
        "any": Remedy(elsewhere=True, delay_ms=5_000),
    }
    assert show_retries(job.retries, job.remedies) == (
        "oom=2 (memory x2, at most 64 GiB), time_limit=1 (time x1.5, at most 3h00m), "
        "any=1 (elsewhere, after 5s), signal=4"
    )


@pytest.mark.parametrize(
    ("held", "told"),
    [
        ({"oom": {"memory": "x2"}}, "has no `times`"),
        ({"oom": {"times": 1, "memory": "200%"}}, "not a factor"),
        ({"oom": {"times": 1, "memory": "x0.5"}}, "not a factor"),
        ({"oom": {"times": 1, "cap": "64"}}, "64"),
        ({"oom": {"times": 1, "memroy": "x2"}}, "did you mean `memory`"),
        ({"lost": 1}, "is not a cause"),
    ],
)
def test_what_is_wrong_with_a_remedy_is_said(held: Any, told: str) -> None:
    """And nothing is submitted."""
    with pytest.raises(Malformed) as caught:
        build({"command": "x", "retries": held})

    assert told in str(caught.value)


def test_a_factor_is_per_cent() -> None:
    """100 for what is none: it has been complained about."""
    assert [percent(text) for text in ("x1.5", "x2", "2x", None)] == [150, 200, 100, 100]

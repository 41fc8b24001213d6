"""``rota user`` and ``rota account`` as people see them."""

from __future__ import annotations

import pytest

from rota.faces.people import nobody, standing_cells, used
from tests.faces.conftest import Rota

ANN = {
    "name": "ann", "account": "physics", "shares": 2.0, "entitled": 0.25, "cores": 4,
    "used_core_s": 7_200_000.0, "effective": 0.5, "factor": 0.25, "running": 1,
    "limits": [{"user": "ann", "cores": 64}],
}  # fmt: skip


def test_a_standing_is_told_in_parts_and_core_hours() -> None:
    """The account, "-" for none."""
    assert standing_cells(ANN) == (
        "ann", "physics", "2", "25.0%", "50.0%", "2,000.0 h", "0.25", "4",
        "user ann, cores 64",
    )  # fmt: skip
    assert standing_cells({**ANN, "account": ""})[1] == "-"


@pytest.mark.parametrize(("core_s", "says"), [(90.0, "1m30s"), (5400.0, "1.5 h")])
def test_little_is_told_in_minutes(core_s: float, says: str) -> None:
    """A few core-seconds are not 0.0 hours."""
    assert used(core_s) == says


def test_who_submitted_has_a_row_and_so_has_the_account(rota: Rota) -> None:
    """JSON has a schema's name; who is not there is said to be so."""
    rota("submit", "--account", "chem", "--held", "--", "true")
    [row] = rota("--json", "account", "chem").json["accounts"]
    assert (row["name"], row["shares"], row["cores"]) == ("chem", 1.0, 0)
    shown = rota("--json", "user").json
    assert shown["schema"] == "rota.users/1"
    assert "chem" in {row["account"] for row in shown["users"]}
    assert "FACTOR" in rota("user").out
    assert "there is no user nemo" in rota("user", "nemo").err
    assert "config.yaml" in nobody("account", "x")

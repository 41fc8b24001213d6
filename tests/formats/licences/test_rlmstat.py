"""``rlmutil rlmstat -a``, in the shapes that its versions print."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rota.core.licences import Checkout, Reading
from rota.formats.licences import rlmstat

BUSY = """\
Setting license file path to 5053@lic
rlmutil v12.2
Copyright (C) 2006-2017, Reprise Software, Inc. All rights reserved.


\trlm status on lic (port 5053), up 99d 11:08:25
\trlm software version v12.2 (build:2)
\trlm comm version: v1.2

\tcsci ISV server status on lic (port 63133), up 99d 11:08:18
\tcsci software version v12.2 (build: 2)

\t------------------------

\tcsci license pool status on lic (port 63133)

\tconverge v3.0
\t\tcount: 1, # reservations: 0, inuse: 0, exp: 31-jan-2022
\t\tobsolete: 0, min_remove: 120, total checkouts: 0
\tconverge_super v3.0, pool: 1
\t\tcount: 1000, # reservations: 0, inuse: 66, exp: 31-jan-2022
\t\tobsolete: 0, min_remove: 120, total checkouts: 169
\tconverge_super v2.4, pool: 2
\t\tcount: 20, # reservations: 0, inuse: 3, exp: permanent
\t\tobsolete: 0, min_remove: 120, total checkouts: 1

\t------------------------

\tcsci license usage status on lic (port 63133)

\tconverge_super v3.0: ann@n1.hpc.example 29/0 at 11/01 09:01  (handle: 15a)
\tconverge_super v3.0: bob@desk7 37/0 at 11/01 09:01  (handle: 15b)
\tconverge_super v2.4: bob@desk7 3/0 at 11/03 10:38  (handle: 128)
"""


def test_products_their_pools_and_their_checkouts() -> None:
    """Pools of one product are one licence."""
    assert rlmstat.read(BUSY) == {
        "converge": Reading(total=1, used=0),
        "converge_super": Reading(
            total=1020, used=69,
            checkouts=(
                Checkout("ann", "n1.hpc.example", 29), Checkout("bob", "desk7", 37),
                Checkout("bob", "desk7", 3),
            ),
        ),
    }  # fmt: skip


def test_it_is_read_without_indents_too() -> None:
    """Some versions print none."""
    flat = "\n".join(line.strip() for line in BUSY.splitlines())
    assert rlmstat.read(flat) == rlmstat.read(BUSY)


def test_a_server_that_does_not_answer_says_nothing() -> None:
    """There are no products in it."""
    assert rlmstat.read('Error connecting to "rlm" server\n\nNo error\n') == {}


@given(st.text(max_size=300))
def test_no_text_is_too_strange(text: str) -> None:
    """Whatever is printed, it is read."""
    for reading in rlmstat.read(BUSY[:900] + text).values():
        assert isinstance(reading, Reading)

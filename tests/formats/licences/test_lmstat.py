"""``lmutil lmstat -a``, in the shapes that its versions and vendors print."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rota.core.licences import Checkout, Reading
from rota.formats.licences import lmstat

BUSY = """\
lmutil - Copyright (c) 1989-2019 Flexera. All Rights Reserved.
Flexible License Manager status on Thu 10/29/2020 08:30

[Detecting lmgrd processes...]
License server status: 27000@lic
    License file(s) on lic: /opt/lic/license.dat:

       lic: license server UP (MASTER) v11.16.2

Vendor daemon status (on lic):

  ABAQUSLM: UP v11.16.2
Feature usage info:

Users of abaqus:  (Total of 50 licenses issued;  Total of 43 licenses in use)

  "abaqus" v62.2, vendor: ABAQUSLM, expiry: 31-dec-2020
  floating license

    ann n1.hpc.example /dev/tty (v62.2) (lic/27000 301), start Thu 10/29 8:09, 29 licenses
    bob desk7 DESK7 (v62.2) (lic/27000 412), start Thu 10/29 7:55
    cem n2 n2.hpc 12 (v2025.0506) (l/1055 2), start Wed 3/11 16:46, 12 licenses, PID: 12
    1 RESERVATION for GROUP staff (lic/27000)

Users of cae:  (Total of 1 license issued;  Total of 0 licenses in use)

Users of node:  (Uncounted, node-locked)

Users of old:  (Error: 5 licenses, unsupported by licensed server)
"""


def test_features_their_checkouts_and_those_that_are_not_counted() -> None:
    """Users and hosts are those of each checkout; one without a number is one token."""
    found = lmstat.read(BUSY)
    assert found["abaqus"] == Reading(
        total=50, used=43,
        checkouts=(
            Checkout("ann", "n1.hpc.example", 29), Checkout("bob", "desk7", 1),
            Checkout("cem", "n2", 12), Checkout("GROUP staff", "", 1),
        ),
    )  # fmt: skip
    assert found["cae"] == Reading(total=1, used=0)
    assert found["node"].error == "lmstat says: Uncounted, node-locked"
    assert "unsupported" in found["old"].error


def test_a_feature_of_two_servers_is_their_sum() -> None:
    """lmstat lists each server's part by itself."""
    line = "Users of x:  (Total of 2 licenses issued;  Total of 1 license in use)\n"
    assert lmstat.read(line + line)["x"] == Reading(total=4, used=2)


def test_a_server_that_does_not_answer_says_nothing() -> None:
    """There are no features in it."""
    text = 'Error getting status: Cannot connect to license server (-15,570:111 "refused")'
    assert lmstat.read(text) == {}


@given(st.text(max_size=300))
def test_no_text_is_too_strange(text: str) -> None:
    """Whatever is printed, it is read."""
    for reading in lmstat.read(BUSY[:900] + text).values():
        assert isinstance(reading, Reading)

"""dkill, dirac-wms-job-kill, -delete, -reschedule."""

from __future__ import annotations

from rota.client.http import Client
from tests.faces.dirac.conftest import Dirac


def test_killed_and_run_again(dirac: Dirac, client: Client) -> None:
    """What is said of each; the rest goes on when one is refused."""
    (number,) = dirac("dsub", "/bin/sleep", "600").lines
    said = dirac("job-kill", "99999999", number)
    assert said.code == 1 and said.out == f"Killed jobs {number}\n"
    assert client.wait(int(number), timeout_s=60).state == "cancelled"
    assert dirac("job-reschedule", number).out == f"Rescheduled jobs {number}\n"
    assert not client.job(int(number)).is_final
    assert dirac("dkill", "-v", number).out == f"Killed jobs {number}\n"
    client.wait(int(number), timeout_s=60)
    assert dirac("job-delete", number).code in (0, 1)


def test_all_of_a_group(dirac: Dirac, client: Client) -> None:
    """And only those."""
    (one,) = dirac("dsub", "--JobGroup", "mine", "/bin/sleep", "600").lines
    (other,) = dirac("dsub", "--JobGroup", "other", "/bin/sleep", "600").lines
    assert dirac("dkill", "-g", "mine").code == 0
    assert client.wait(int(one), timeout_s=60).state == "cancelled"
    assert not client.job(int(other)).is_final
    assert dirac("dkill", other).code == 0 and dirac("dkill").code == 2

"""dstat, dirac-wms-job-status, -attributes, -select-jobs."""

from __future__ import annotations

import json

from rota.client.http import Client
from tests.faces.dirac.conftest import Dirac


def test_columns_that_programs_read(dirac: Dirac, client: Client) -> None:
    """Pretty, CSV and JSON; what has ended only with -a; nothing moves the cursor."""
    (number,) = dirac("dsub", "--JobGroup", "lists", "-N", "a\x1bb", "/bin/true").lines
    client.wait(int(number), timeout_s=60)
    asked = ("-g", "lists", "-F", "JobID,JobName,Status,MinorStatus")
    shown = dirac("dstat", "-a", *asked)
    assert shown.lines[0].split() == ["JobID", "JobName", "Status", "MinorStatus"]
    assert set(shown.lines[1]) == {"="} and "\x1b" not in shown.out
    assert shown.lines[2].split()[0] == number and "Execution Complete" in shown.lines[2]
    assert dirac("dstat", *asked).lines[2:] == []
    assert dirac("dstat", "-a", "-f", "csv", *asked).lines[1].startswith(f"{number},")
    assert json.loads(dirac("dstat", "-a", "-f", "json", *asked).out)[0]["Status"] == "Done"
    status = dirac("job-status", number, "99999999")
    assert status.code == 1 and "there is no job 99999999" in status.err
    assert status.out.startswith(f"JobID={number} Status=Done; MinorStatus=Execution Comp")
    assert json.loads(dirac("job-attributes", number).out)["JobGroup"] == "lists"
    found = dirac("select-jobs", "--Status", "Done", "-g", "lists", "--Maximum", "0")
    assert found.lines[0] == "==> Selected 1 jobs with conditions:"
    assert found.lines[-1] == number


def test_refusals(dirac: Dirac) -> None:
    """With what there is."""
    assert "none of Received, Waiting" in dirac("dstat", "-S", "Odd").err
    assert dirac("dstat", "-F", "Odd").code == dirac("dstat", "-f", "odd").code == 2
    assert (
        dirac("job-status").code == 2 and dirac("select-jobs", "--Maximum", "x").code == 2
    )

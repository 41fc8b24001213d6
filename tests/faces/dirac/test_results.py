"""doutput, dlogging, -peek, -get-jdl."""

from __future__ import annotations

from pathlib import Path

from rota.client.http import Client
from rota.formats.jdl import parse
from tests.faces.dirac.conftest import Dirac


def test_what_is_left(dirac: Dirac, client: Client, tmp_path: Path) -> None:
    """Files, the end of the output, the moves, and what was asked for."""
    words = ("-J", "OutputSandbox = none.txt;", "/bin/echo", "x\x1b[31m")
    (number,) = dirac("dsub", *words).lines
    client.wait(int(number), timeout_s=60)
    peeked = dirac("job-peek", number)
    assert peeked.code == 0 and peeked.out.startswith("x") and "\x1b" not in peeked.out
    lines = dirac("dlogging", number).lines
    assert lines[0].split() == [
        "Status", "MinorStatus", "ApplicationStatus", "Time", "Source",
    ]  # fmt: skip
    assert [line.split()[0] for line in lines[1:]] == [
        "Waiting",
        "Matched",
        "Running",
        "Done",
    ]
    shown = parse(dirac("job-get-jdl", number).out, where="-")
    assert shown["argv"][0][0] == "/bin/echo"
    said = dirac("doutput", number)
    assert said.code == 1 and said.err.startswith("ERROR: ")
    assert dirac("doutput", "99999999").code == 1

"""Reading other systems' jobs over HTTP (shapes: rota.wire.api.convert)."""

from __future__ import annotations

from tests.server.running import Server

SBATCH = """#!/bin/sh
#SBATCH --job-name=fit
#SBATCH -c 4
#SBATCH --mail-user=a@b.c
srun ./fit
"""


def test_a_script_of_slurm_is_told_in_our_keys(shared: Server) -> None:
    """It is recognised; what is not carried over is told; nothing is submitted."""
    told = shared.good("POST", "/convert", {"text": SBATCH})
    (read,) = told["jobs"]
    assert told["dialect"] == "sbatch"
    assert (read["job"]["name"], read["job"]["cores"]) == ("fit", 4)
    assert "#SBATCH" not in read["job"]["script"]
    assert shared.good("GET", "/jobs")["jobs"] == []


def test_what_cannot_be_read_is_told(shared: Server) -> None:
    """The dialect that there is not; the line that is wrong."""
    status, told = shared.call("POST", "/convert", {"text": "x", "dialect": "sbtach"})
    assert status == 400 and "did you mean sbatch" in str(told["complaints"])
    status, told = shared.call("POST", "/convert", {"text": "cores: [", "dialect": "rota"})
    assert status == 400 and told["complaints"]

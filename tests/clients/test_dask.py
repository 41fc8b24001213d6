"""dask-jobqueue: workers in jobs, by Slurm's commands and by Grid Engine's."""

from __future__ import annotations

import pytest

from tests.clients.conftest import Run

PROGRAM = """\
from dask.distributed import Client
import {module}

if __name__ == "__main__":
    cluster = {module}.cluster()
    cluster.scale(jobs=2)
    with cluster, Client(cluster) as client:
        client.wait_for_workers(2, timeout=60)
        print(client.gather(client.map(lambda n: n * n, range(4))))
"""


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.parametrize("module", ["rota_slurm", "rota_gridengine"])
def test_workers_come_and_compute(run: Run, module: str) -> None:
    """Two jobs, one worker in each."""
    done = run("python", "-c", PROGRAM.format(module=module), page="dask")
    assert done.stdout == "[0, 1, 4, 9]\n", done.stderr

"""Dask: a local cluster of two workers with a thread each, nothing durable."""

import subprocess

from speak import SLOTS, serve


def work(_: int) -> int:
    """One task."""
    return subprocess.run(["/bin/true"], check=False).returncode


if __name__ == "__main__":
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=SLOTS, threads_per_worker=1, dashboard_address=None) as made,
        Client(made) as client,
    ):

        def run(jobs: int) -> None:
            """One map, all of it gathered."""
            client.gather(client.map(work, range(jobs), pure=False))

        serve(run)

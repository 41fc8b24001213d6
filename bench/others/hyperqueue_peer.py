"""HyperQueue: server and worker in this process, one job of N tasks, output not kept."""

from hyperqueue import Job, LocalCluster
from hyperqueue.cluster import WorkerConfig
from speak import SLOTS, serve

with LocalCluster() as cluster:
    cluster.start_worker(WorkerConfig(cores=SLOTS))
    client = cluster.client()

    def run(jobs: int) -> None:
        """One job with so many tasks."""
        job = Job()
        for _ in range(jobs):
            job.program(["/bin/true"], stdout=None, stderr=None)
        client.wait_for_jobs([client.submit(job)])

    serve(run)

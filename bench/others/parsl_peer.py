"""Parsl: its high-throughput executor with two workers on this machine."""

import tempfile

import parsl
from parsl.config import Config
from parsl.executors import HighThroughputExecutor
from parsl.providers import LocalProvider
from speak import SLOTS, serve


def true() -> int:
    """One task; it imports what it needs, for it runs elsewhere."""
    import subprocess

    return subprocess.run(["/bin/true"], check=False).returncode


work = parsl.python_app(true)

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        executor = HighThroughputExecutor(
            label="bench", max_workers_per_node=SLOTS, address="127.0.0.1",
            provider=LocalProvider(init_blocks=1, max_blocks=1),
        )  # fmt: skip
        with parsl.load(Config(executors=[executor], run_dir=folder, usage_tracking=0)):

            def run(jobs: int) -> None:
                """So many apps, every result."""
                for one in [work() for _ in range(jobs)]:
                    one.result()

            serve(run)

"""Huey on SQLite: durable, results kept until read, its consumer beside this process."""

import subprocess
import sys
import tempfile
from pathlib import Path

from speak import SLOTS, serve

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "huey_tasks.py").write_text(
            "import subprocess\n"
            "from huey import SqliteHuey\n"
            f"huey = SqliteHuey(filename={folder + '/huey.db'!r}, fsync=True)\n"
            "@huey.task()\n"
            "def work():\n"
            "    return subprocess.run(['/bin/true']).returncode\n"
        )
        sys.path.insert(0, folder)
        consumer = subprocess.Popen(
            [
                str(Path(sys.executable).with_name("huey_consumer")), "huey_tasks.huey",
                "-w", str(SLOTS), "-k", "process", "-q", "-d", "0.01", "-m", "0.05",
            ],
            cwd=folder, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            from huey_tasks import work

            def run(jobs: int) -> None:
                """One by one into the queue, then every result."""
                for result in [work() for _ in range(jobs)]:
                    result.get(blocking=True, backoff=1.0, max_delay=0.05)

            serve(run)
        finally:
            consumer.terminate()
            consumer.wait()

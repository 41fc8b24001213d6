"""The parts: a slow read of the store holds nobody up."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from tests.server.running import Server


def test_reads_and_writes_go_on_side_by_side(shared: Server) -> None:
    """Pages are read while jobs come in."""
    stop = threading.Event()

    def read() -> int:
        pages = 0
        while not stop.is_set():
            shared.good("GET", "/jobs?limit=100")
            pages += 1
        return pages

    with ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(read) for _ in range(2)]
        made = [shared.submit() for _ in range(50)]
        stop.set()
        assert all(reader.result(20) > 0 for reader in readers)
    assert len(set(made)) == 50

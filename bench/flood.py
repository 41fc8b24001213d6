"""A page of ``ls`` while others flood the server: submits, what runs, streams never read.

two users, two processes each ──▶ submits of 100 jobs, as fast as they are let
50 connections                ──▶ the event stream, and never a byte of it read
two cores                     ──▶ an array of ``true``: reports, history, events
another client                ──▶ a page of 100 jobs, again and again: how long it takes
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from figure import Figure, Value, percentile
from place import JOB, Place

USERS = ("flood-1", "flood-2")
STREAMS = 50
BATCH = 100
TARGET_MS = 250.0
_FLOODER = """
import sys
from rota.client.http import Client
from rota.core.errors import RotaError
client = Client(sys.argv[1], token=sys.stdin.readline().strip())
job = {"argv": ["/bin/true"], "cwd": "/", "held": True}
while True:
    try:
        client.submit(*[job] * int(sys.argv[2]))
    except RotaError:
        pass  # refused for now: a flooder asks again at once
"""


def measure(*, quick: bool) -> Figure:
    """Time pages of jobs, first in peace, then in the flood."""
    pages = 100 if quick else 500
    with Place(cores=2) as place:
        place.client.submit(*[{**JOB, "held": True}] * 1000)
        quiet = [_page(place) for _ in range(pages)]
        with flood(place) as begun:
            time.sleep(2)
            loud = [_page(place) for _ in range(pages)]
            rate = _taken(place) / (time.perf_counter() - begun)
    slower = percentile(loud, 50) / percentile(quiet, 50)
    return Figure(
        "flood",
        [
            Value("ls in the flood, p99", percentile(loud, 99), "ms", TARGET_MS, 100),
            Value("ls in the flood, p50", percentile(loud, 50), "ms"),
            Value("ls in peace, p99", percentile(quiet, 99), "ms"),
            Value("ls p50, flood ÷ peace", slower, "×"),
            Value("jobs taken of the flood", rate, "/s"),
        ],
        notes={"pages": pages, "flooders": 2 * len(USERS), "streams": STREAMS},
    )


def _page(place: Place) -> float:
    began = time.perf_counter()
    place.client.jobs(limit=100)
    return 1000 * (time.perf_counter() - began)


def _taken(place: Place) -> int:
    """Return how many jobs of the flood are in."""
    users = place.client.stat()["users"]
    return sum(sum(u["counts"].values()) for u in users if u["name"] in USERS)


@contextmanager
def flood(place: Place) -> Iterator[float]:
    """While this lasts others ask for all that they can get; gives when it began."""
    url = place.client.info()["url"].removeprefix("unix:")
    tcp = _tcp(place)
    with ExitStack() as stack:
        for _ in range(STREAMS):
            link = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            link.connect(url)
            link.sendall(b"GET /api/v1/events?since=0 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        place.client.submit({**JOB, "array": "0-99999"})
        began = time.perf_counter()
        for user in USERS:
            token = place.client.create_token(user=user)["token"]
            for _ in range(2):
                stack.callback(_ended, _flooder(tcp, token))
        yield began


def _tcp(place: Place) -> str:
    facts = json.loads(Path(place.home, "server.json").read_text(encoding="utf-8"))
    return str(facts["tcp"])


def _flooder(tcp: str, token: str) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", _FLOODER, tcp, str(BATCH)]
    made = subprocess.Popen(words, stdin=subprocess.PIPE, text=True, env=dict(os.environ))
    assert made.stdin is not None
    made.stdin.write(token + "\n")
    made.stdin.flush()
    return made


def _ended(flooder: subprocess.Popen[str]) -> None:
    flooder.kill()
    flooder.wait()

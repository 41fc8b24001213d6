"""A bucket of our own: a server in this process that speaks as S3 does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.request import Request, urlopen

import pytest

KEYS = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y", "AWS_REGION": "us-east-1"}
_count = iter(range(1_000_000))


@cache
def running() -> Any:
    """Return the server of this test session, started when first asked for; or skip."""
    pytest.importorskip("obstore", reason="pip install 'rota[s3]'")
    server = pytest.importorskip("moto.server", reason="pip install moto flask flask-cors")
    found = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    found.start()
    return found


def endpoint() -> str:
    """Return where it is."""
    host, port = running().get_host_and_port()
    return f"http://{host}:{port}"


@contextmanager
def lent() -> Iterator[str]:
    """Lend the address of a bucket that is empty, the environment saying where it is."""
    name = f"rota-{next(_count)}"
    urlopen(Request(f"{endpoint()}/{name}", method="PUT")).close()
    with pytest.MonkeyPatch.context() as patch:
        for key, value in {**KEYS, "AWS_ENDPOINT_URL": endpoint()}.items():
            patch.setenv(key, value)
        yield f"s3://{name}/some/where"


@contextmanager
def away() -> Iterator[None]:
    """Let nobody answer for a while; what was stored is there again afterwards."""
    import moto.server

    found = running()
    _, port = found.get_host_and_port()
    found.stop()
    yield
    again = moto.server.ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    again.start()
    found.__dict__.update(again.__dict__)

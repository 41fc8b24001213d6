"""Advice where much was asked for and little used; none where it fits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rota.client.http import Client
from rota.core.units import parse_size
from rota.faces.advice import advice, percentile, spread
from tests.faces.conftest import Rota

GIB = 1 << 30


def test_much_memory_for_nothing() -> None:
    """The example of the page: asked 64, used 3."""
    told = advice({"memory": 64 * GIB, "cores": 1}, [{"max_rss": 3 * GIB}])

    assert told == ["asked for 64 GiB, used at most 3 GiB: --memory 3840MiB would do"]


def test_time_and_cores() -> None:
    """A limit of a day for an hour's work; eight cores of which one was busy."""
    request = {"time": 86_400.0, "cores": 8}
    time, cores = advice(request, [{"wall_s": 3600.0, "cpu_s": 3500.0}])

    assert "took at most 1h00m: " in time
    assert "--time 75m would do" in time
    assert cores == "asked for 8 cores, kept at most 1.0 busy: --cores 1 would do"


def test_what_fits_is_left_alone() -> None:
    """Also what was not measured, or not asked for."""
    request = {"memory": 4 * GIB, "cores": 2, "time": 7200.0}

    assert advice(request, [{"max_rss": 3 * GIB, "wall_s": 3600.0, "cpu_s": 7000.0}]) == []
    assert advice({"memory": 0, "cores": 1, "time": None}, [{"max_rss": 1}]) == []
    assert advice(request, []) == advice(request, [{}]) == []


@given(st.integers(1, 1 << 50), st.integers(1, 1 << 50))
def test_what_is_advised_is_less_than_asked_and_more_than_used(
    asked: int, used: int
) -> None:
    """Whoever follows it does not run out of memory by it."""
    for line in advice({"memory": asked, "cores": 1}, [{"max_rss": used}]):
        size = parse_size(line.partition("--memory ")[2].partition(" ")[0])
        assert used < size < asked


def test_arrays_are_told_by_percentiles() -> None:
    """Half of them, 95 % of them, at most."""
    usages = [{"max_rss": size * GIB, "wall_s": 1.0} for size in range(1, 101)]

    assert spread(usages)[0] == (
        "memory of 100 tasks", "half 50 GiB, 95 % 95 GiB, at most 100 GiB",
    )  # fmt: skip
    assert spread([{"max_rss": 1}]) == []
    assert percentile([1, 2, 3], 0.5) == 2


def test_show_advises(rota: Rota, client: Client) -> None:
    """Of a job that is done, and of an array."""
    job = client.submit({"argv": ["true"], "cwd": "/", "memory": "500MiB"})[0].id
    many = client.submit({"argv": ["true"], "cwd": "/", "array": "0-3"})[0].id
    client.wait(job, timeout_s=60)
    client.wait(many, timeout_s=60)

    assert "--memory 64MiB would do" in rota("show", str(job)).out
    assert "memory of 4 tasks" in rota("show", str(many)).out

"""Quotas: how much one user may ask for, store and hand in."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.core.account import Quota, Role, User
from rota.core.errors import TooMany
from rota.server.turns import BURST_S, WAIT_S_MAX, Turns
from tests.server.crowd import ROLES, Crowd
from tests.server.running import Server

BOB, ROOT = User("bob"), User("root", 0, Role.ADMIN)
QUOTAS = """\
quotas:
  "*": {connections: 3, request_size: 2KB, stored: 1MB, output: 10MB}
  busy: {requests_per_minute: 60}
"""


@given(st.lists(st.floats(0.0, 3.0), min_size=1, max_size=300), st.integers(30, 600))
def test_g34_nobody_is_served_faster_than_the_rate(pauses: list[float], rate: int) -> None:
    """In any stretch of time, but for the burst of who was quiet; and nobody starves."""
    turns, now = Turns(lambda name: Quota(requests_per_minute=rate)), 1000.0
    served: list[float] = []
    for pause in pauses:
        now += pause
        try:
            served.append(now + turns.book("bob", now))
        except TooMany as refused:
            assert refused.after_s >= 1
    for at, first in enumerate(served):
        for later in range(at + 1, len(served)):
            stretch = served[later] - first
            assert later - at <= (stretch + BURST_S) * rate / 60 + 1
    assert all(at - 1000.0 <= sum(pauses) + WAIT_S_MAX for at in served)


def test_g34_so_many_are_open_at_a_time_and_one_more_when_one_ends() -> None:
    """Administrators are not bounded; what ends is counted out, however it ends."""
    turns = Turns(lambda name: Quota(connections=2))
    with turns.held(BOB), turns.held(BOB):
        with pytest.raises(TooMany, match="2 requests open"), turns.held(BOB):
            pass
        with turns.held(ROOT), turns.held(ROOT), turns.held(ROOT):
            pass
    with pytest.raises(KeyError), turns.held(BOB):
        raise KeyError
    with turns.held(BOB), turns.held(BOB):
        pass


@pytest.fixture(scope="module")
def bounded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowd]:
    """A server with small quotas."""
    home = tmp_path_factory.mktemp("bounded") / "home"
    home.mkdir()
    (home / "config.yaml").write_text(ROLES + QUOTAS)
    with Server(home) as server:
        yield Crowd(server)


def test_g34_a_flood_is_slowed_down_then_refused_and_others_are_not(bounded: Crowd) -> None:
    """429 says when to come back."""
    seen = [bounded("busy", "GET", "/session")[0] for _ in range(12)]
    assert seen[:10] == [200] * 10
    waiting = [_sent(bounded, "busy") for _ in range(3)]
    assert bounded("ann", "GET", "/session")[0] == 200
    with _sent(bounded, "busy").getresponse() as refused:
        assert refused.status == 429
        assert int(refused.headers["Retry-After"]) >= 1
    for link in waiting:
        link.close()


def _sent(crowd: Crowd, name: str) -> http.client.HTTPConnection:
    where = urlsplit(crowd.server.facts()["tcp"]).netloc
    link = http.client.HTTPConnection(where, timeout=20)
    link.request(
        "GET", "/api/v1/session", headers={"Authorization": f"Bearer {crowd.token(name)}"}
    )
    return link


def test_g34_streams_of_one_user_are_few(bounded: Crowd) -> None:
    """A watch that ends makes room for another."""
    where = urlsplit(bounded.server.facts()["tcp"]).netloc
    head = {"Authorization": f"Bearer {bounded.token('ann')}"}
    links = []
    for _ in range(4):
        link = http.client.HTTPConnection(where, timeout=20)
        link.request("GET", "/api/v1/events", headers=head)
        links.append((link, link.getresponse()))
    assert [answer.status for _, answer in links] == [200, 200, 200, 429]
    assert bounded("bob", "GET", "/jobs")[0] == 200
    for link, answer in links:
        answer.close()
        link.close()


def test_g34_requests_files_and_output_are_bounded(bounded: Crowd) -> None:
    """Each refusal says how much it may be; a task's output is cut to what may be."""
    big = {"jobs": [{"argv": ["x" * 4000], "cwd": "/"}]}
    status, told = bounded("cyd", "POST", "/jobs", big)
    assert (status, "larger than 2" in told["error"]) == (400, True), told
    wanted = {"blobs": [["0" * 64, 2 << 20]]}
    status, told = bounded("cyd", "POST", "/blobs/lacking", wanted)
    assert (status, "may store" in told["error"]) == (403, True)
    job = bounded.submit("cyd")
    assert bounded("cyd", "GET", f"/jobs/{job}")[1]["spec"]["output_max"] == 10 << 20

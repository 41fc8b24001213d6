"""Ranks of rota spread at the server: who may, what agents are told, what comes of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, unix_connect

from rota.wire import steps
from tests.server.running import Node, Server, finished, until

ID = steps.IDS_FROM + 77


class Spread:
    """A rota spread inside the test."""

    def __init__(self, server: Server, token: str) -> None:
        opening = unix_connect(
            str(server.home / "rota.sock"), f"ws://localhost{steps.PATH}",
            additional_headers={"Authorization": f"Bearer {token}"}, compression=None,
        )  # fmt: skip
        self.socket: ClientConnection = opening.__enter__()

    def say(self, message: Any) -> None:
        """Send one message."""
        self.socket.send(json.dumps([message]))

    def begin(self, node: str = "n2", *, id: int = ID, placed: bool = False) -> None:
        """Ask for rank 0 on *node*."""
        rank = steps.RankAsked(0, node, id, {"ROTA_RANK": "0"}, placed, 0, 0)
        self.say(steps.begin([rank], argv=["./a"], env={"LANG": "C"}, cwd="/tmp"))

    def hear(self) -> Any:
        """Return the next message."""
        (message,) = json.loads(self.socket.recv(20))
        return message


class Pair:
    """A job on two nodes that the test plays, and its token."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.nodes = {name: Node(server, name=name, cores=2) for name in ("n1", "n2")}
        until(lambda: len(server.good("GET", "/nodes")["nodes"]) == 2)
        self.job = server.submit(mode="bynode", n=2)
        head = next(iter(server.until(self.job, "placed", "running")["nodes"]))["host"]
        self.head = self.nodes[head]
        self.other = self.nodes["n2" if head == "n1" else "n1"]
        order = self.head.hear("run")
        self.a = [self.job, 0, order["tasks"][0][1]]
        self.head.starts(self.a)
        self.token: str = order["spread"]


@pytest.fixture
def pair(server: Server) -> Iterator[Pair]:
    """See Pair."""
    yield Pair(server)


def test_a_rank_is_an_attempt_of_the_other_node(pair: Pair) -> None:
    """Ordered with what the job has there, read as any log, forgotten at the end."""
    spread = Spread(pair.server, pair.token)
    spread.begin(pair.other.name)
    assert spread.hear() == {"t": "placed", "rank": 0}
    order = pair.other.hear("run")
    spec = order["spec"]
    assert (order["job"], order["tasks"]) == (steps.STEPS + pair.job, [[ID, 1, None]])
    assert (spec["argv"], spec["cwd"], spec["env"]) == (["./a"], "/tmp", {"LANG": "C"})
    assert spec["origin"]["ROTA_JOB_ID"] == str(pair.job)
    a = [order["job"], ID, 1]
    pair.other.starts(a)
    for _ in range(2):
        pair.other.serve(b"said\n", is_over=True)
    pair.other.ends(a, code=3)
    told = [spread.hear() for _ in range(3)]
    assert [m["t"] for m in told] == ["wrote", "wrote", "ended"]
    assert (told[2]["exit"], told[2]["why"]) == (3, "ended with exit code 3")
    spread.socket.close()
    assert pair.other.hear("forget")["as"] == [a]


def test_signals_reach_it(pair: Pair) -> None:
    """By its node."""
    spread = Spread(pair.server, pair.token)
    spread.begin(pair.other.name)
    pair.other.hear("run")
    spread.say(steps.signal("USR1"))
    told = pair.other.hear("signal")
    assert (told["signal"], told["a"][1]) == ("USR1", ID)


def test_its_job_over_it_is_ended(pair: Pair) -> None:
    """Whatever becomes of who waits for it."""
    spread = Spread(pair.server, pair.token)
    spread.begin(pair.other.name)
    pair.other.hear("run")
    pair.head.ends(pair.a)
    assert pair.other.hear("kill")["a"] == [steps.STEPS + pair.job, ID, 1]


def test_asked_for_again_it_is_not_started_again(pair: Pair) -> None:
    """A line that was lost is made anew, and what was not heard is told."""
    first = Spread(pair.server, pair.token)
    first.begin(pair.other.name)
    pair.other.hear("run")
    first.socket.close(1011)
    again = Spread(pair.server, pair.token)
    again.begin(pair.other.name, placed=True)
    again.hear()
    pair.other.ends([steps.STEPS + pair.job, ID, 1])
    assert not [m for m in pair.other.inbox if m["t"] == "run"]


def test_after_a_restart_the_agents_tell_what_there_is(pair: Pair) -> None:
    """What a node that is back does not hold is lost; what it holds is followed."""
    server, held = pair.server, [steps.STEPS + pair.job, ID, 1]
    spread = Spread(server, pair.token)
    spread.begin(pair.other.name)
    pair.other.hear("run")
    server.stop()
    server.start()
    holds = [[*pair.a, "running", 1]]
    pair.head = Node(server, name=pair.head.name, cores=2, holds=holds)
    pair.head.hear("welcome")
    pair.other = Node(server, name=pair.other.name, cores=2, holds=[[*held, "running", 1]])
    until(lambda: len(server.good("GET", "/nodes")["nodes"]) == 2)
    spread = Spread(server, pair.token)
    spread.begin(pair.other.name, placed=True)
    spread.hear()
    for _ in range(2):
        pair.other.serve(b"", is_over=True)
    pair.other.say(finished(held, 5))
    assert spread.hear()["exit"] == 5
    lost = Spread(server, pair.token)
    lost.begin(pair.other.name, id=ID + 1, placed=True)
    lost.hear()
    for _ in range(2):
        asked = pair.other.hear("read")
        pair.other.say(
            {"t": "data", "id": asked["id"], "offset": 0, "size": 0, "b64": "",
             "eof": True, "error": "nothing is kept"}
        )  # fmt: skip
    assert "does not know of it" in lost.hear()["why"]


def test_other_tokens_open_nothing(pair: Pair) -> None:
    """Not a user's, not an agent's, not one for another allocation."""
    home = pair.server.home
    number, _, signed = pair.token.partition(".")
    for token in (
        (home / "token").read_text().strip(), (home / "agent-token").read_text().strip(),
        f"{int(number) + 1}.{signed}", f"{number}.{signed[:-1]}0", "x", "9" * 400,
    ):  # fmt: skip
        if token == pair.token:
            continue
        with pytest.raises(InvalidStatus) as refused:
            Spread(pair.server, token)
        assert refused.value.response.status_code == 401


def test_a_token_opens_its_own_nodes_and_no_other_door(pair: Pair) -> None:
    """A node that is not the job's is refused, and it is no user's token."""
    Node(pair.server, name="n3").hear("welcome")
    spread = Spread(pair.server, pair.token)
    spread.begin("n3")
    assert "n3 is not a node of this job" in spread.hear()["why"]
    with pytest.raises(ConnectionClosed):
        spread.socket.recv(20)
    with pytest.raises(InvalidStatus):
        Node(pair.server, name="n4", token=pair.token)


def test_when_the_job_is_over_its_token_is_worth_nothing(pair: Pair) -> None:
    """The allocation is somebody else's by then."""
    pair.head.ends(pair.a)
    pair.server.until(pair.job, "done")
    with pytest.raises(InvalidStatus):
        Spread(pair.server, pair.token)


def test_ranks_are_nobodys_jobs(pair: Pair) -> None:
    """No list, no history and no series knows them."""
    spread = Spread(pair.server, pair.token)
    spread.begin(pair.other.name)
    a = [pair.other.hear("run")["job"], ID, 1]
    pair.other.starts(a)
    pair.other.say({"t": "samples", "rows": [[*a, 1, 1, 1, 1, 1, 1]]})
    pair.other.say({"t": "progress", "a": a, "done": 1, "total": 2, "text": ""})
    pair.other.ends(a)
    spread.hear()
    jobs = pair.server.good("GET", "/jobs")["jobs"]
    assert [job["id"] for job in jobs] == [pair.job]
    assert pair.server.call("GET", f"/jobs/{a[0]}")[0] == 404

"""Who did what, from where and why; and what each role may, route by route."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest

from rota.core.account import ROLES
from rota.server.routes.table import ROUTES
from tests.server.crowd import ROLES as CONFIG
from tests.server.crowd import Crowd
from tests.server.running import Server

WHO = {"viewer": "eve", "user": "ann", "operator": "op", "admin": "chief"}
CLOSED = [row for row in ROUTES if not row.is_open and row.name != "stream_events"]


def lines(crowd: Crowd, who: str = "chief", **query: Any) -> list[dict[str, Any]]:
    """Return the audit log as *who* sees it."""
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    status, told = crowd(who, "GET", f"/audit?{asked}")
    assert (status, told["schema"]) == (200, "rota.audit/1")
    return list(told["audit"])


@pytest.mark.parametrize("row", CLOSED, ids=lambda row: row.name)
def test_g30_each_route_takes_the_role_it_says(crowd: Crowd, row: Any) -> None:
    """Who has less is told which role it takes; who has it comes further."""
    path = row.path.removeprefix("/api/v1")
    for word, value in (("{id:int}", "999999"), ("{task:int}", "0"), ("{digest:str}", "x")):
        path = path.replace(word, value)
    if path.startswith("/metrics") or row.name == "end_session":
        return
    for role, name in WHO.items():
        status, told = crowd(name, row.method, path, b"[]" if row.method != "GET" else None)
        may = ROLES[role] >= row.needs
        text = told.get("error", "") if isinstance(told, dict) else ""
        assert ("it takes" in text and status == 403) is not may, (role, status, text)


def test_an_action_is_in_the_log_with_who_from_where_and_why(crowd: Crowd) -> None:
    """And the job's owner reads the reason, too."""
    job = crowd.submit("ann")
    body = {"targets": [str(job)]}
    status, _ = crowd("op", "POST", "/jobs/kill", body, why="fills the scratch of n1, é")
    assert status == 200
    [line] = lines(crowd, action="kill_jobs", user="op", limit=1)
    assert {k: line[k] for k in ("user", "role", "subject", "why", "refused")} == {
        "user": "op", "role": "operator", "subject": str(job),
        "why": "fills the scratch of n1, é", "refused": None,
    }  # fmt: skip
    assert line["origin"].startswith("127.0.0.1 by token ")
    status, told = crowd("ann", "GET", f"/jobs/{job}")
    assert told["reason"]["text"] == "killed by op: fills the scratch of n1, é"


def test_what_was_refused_is_in_the_log_with_the_sentence(crowd: Crowd) -> None:
    """For want of rights, of sense, or of such a job."""
    job = crowd.submit("ann")
    for path, body, status in (
        ("/jobs/kill", {"targets": [str(job)]}, 403),
        ("/jobs/kill", {"targets": ["nonsense"]}, 400),
        ("/jobs/hold", {"targets": ["999999"]}, 404),
        ("/nodes/drain", {"nodes": ["n1"]}, 403),
    ):
        assert crowd("bob", "POST", path, body)[0] == status
    assert crowd("bob", "GET", f"/jobs/{job}/log")[0] == 403
    found = lines(crowd, user="bob", refused=1)
    assert [line["action"] for line in found] == [
        "read_log", "drain_nodes", "hold_jobs", "kill_jobs", "kill_jobs",
    ]  # fmt: skip
    assert "belongs to ann" in found[-1]["refused"]
    assert "it takes operator" in found[1]["refused"]


def test_people_read_their_own_lines_and_operators_all(crowd: Crowd) -> None:
    """Whatever is asked for."""
    job = crowd.submit("carl")
    crowd("carl", "POST", "/jobs/kill", {"targets": [str(job)]})
    assert {line["user"] for line in lines(crowd, "carl")} == {"carl"}
    assert {line["user"] for line in lines(crowd, "op")} > {"carl"}
    assert crowd("carl", "GET", "/audit?user=op")[0] == 403


def test_pages_go_on_where_the_last_one_ended(crowd: Crowd) -> None:
    """Newest first, none twice, none left out."""
    for _ in range(3):
        crowd("dora", "POST", "/jobs/hold", {"targets": ["999999"]})
    _, first = crowd("dora", "GET", "/audit?limit=2")
    _, rest = crowd("dora", "GET", f"/audit?limit=2&cursor={first['next']}")
    ids = [line["id"] for line in first["audit"] + rest["audit"]]
    assert len(ids) == 3
    assert ids == sorted(ids, reverse=True)
    assert rest["next"] is None


def test_g34_a_flood_of_refusals_does_not_fill_the_log(crowd: Crowd) -> None:
    """The first of a minute are noted."""
    for _ in range(150):
        assert crowd("mallory", "POST", "/config/reload")[0] == 403
    assert 60 <= len(lines(crowd, user="mallory", limit=1000)) <= 120


def test_g01_an_action_is_in_the_log_when_it_was_answered(tmp_path: Path) -> None:
    """However the server ends right after; numbers go on where they were."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "config.yaml").write_text(CONFIG)
    with Server(home) as server:
        made = server.good("POST", "/tokens", {"user": "ann"})
        server.stop(signal.SIGKILL)
        server.start()
        before = server.good("GET", "/audit")["audit"]
        assert [line["action"] for line in before] == ["create_token"]
        assert before[0]["subject"] == "user ann"
        assert before[0]["origin"].startswith("pid ")
        assert made["token"] not in str(before)
        server.good("POST", "/tokens/revoke", {"ids": [made["id"]]})
        after = server.good("GET", "/audit")["audit"]
        assert [line["id"] for line in after] == [2, 1]


def test_roles_change_with_the_file(tmp_path: Path) -> None:
    """What a token gave goes with its user's role, at once."""
    home = tmp_path / "home"
    home.mkdir()
    config = home / "config.yaml"
    config.write_text(CONFIG)
    with Server(home) as server:
        crowd = Crowd(server)
        job = crowd.submit("ann")
        hold, body = "/jobs/hold", {"targets": [str(job)]}
        assert crowd("op", "POST", hold, body)[0] == 200
        config.write_text("roles: {ann: viewer}\n")
        server.good("POST", "/config/reload")
        assert crowd("op", "POST", hold, body)[0] == 403
        assert crowd("ann", "POST", hold, body)[0] == 403
        assert crowd("ann", "GET", f"/jobs/{job}")[0] == 200
        status, told = server.call("POST", "/tokens", {"user": "op", "scope": "admin"})
        assert (status, "op is user here" in told["error"]) == (403, False)
        assert "who is user here" in told["error"]


def test_a_token_made_by_a_token_ends_no_later(crowd: Crowd) -> None:
    """Who found one that ends soon must not make one of it that never does."""
    body = {"user": "ann", "expires_s": 3600}
    short = crowd.server.good("POST", "/tokens", body)
    crowd.tokens["ann", "short"] = short["token"]
    status, made = crowd("ann", "POST", "/tokens", {"scope": "read"}, scope="short")
    assert (status, made["expires_at"]) == (201, short["expires_at"])

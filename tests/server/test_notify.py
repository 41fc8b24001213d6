"""Notices of a live server: each once, whatever becomes of the server or the channel."""

from __future__ import annotations

import json
import signal
from pathlib import Path

from tests.server.receivers import Hook, MailServer, free_port
from tests.server.running import Node, Server, until


def config(home: Path, text: str) -> None:
    """Write the operator's file."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    (home / "config.yaml").write_text(text)


def with_mail(port: int, tail: int = 2) -> str:
    """Return settings that send mail to *port*."""
    sender = "from: rota@example.org"
    return f"notify: {{mail: {{host: 127.0.0.1, port: {port}, {sender}}}, tail: {tail}}}\n"


def test_an_end_mail_has_what_one_asks_first(tmp_path: Path) -> None:
    """The fate in the subject, the tail of its output, what to type."""
    with MailServer() as mail:
        config(tmp_path / "home", with_mail(mail.port))
        with Server(tmp_path / "home") as server:
            node = Node(server)
            server.submit(name="fit", notify={"ann@example.org": ["start", "end"]})
            [a] = node.runs(1)
            node.starts(a)
            until(lambda: len(mail.letters) == 1)
            node.ends(a, code=3)
            for text in (b"one\ntwo\nthree\n", b"no licence\n"):
                node.serve(text, is_over=True)
                node.serve(text, is_over=True)
            until(lambda: len(mail.letters) == 2)
            node.close()
    start, end = mail.letters
    assert start["Subject"] == "job 1 fit: started"
    assert end["Subject"] == "job 1 fit: failed: ended with exit code 3"
    words = "\n".join(end.get_content().splitlines())
    assert "  two\n  three" in words and "  one" not in words and "no licence" in words
    assert "rota log 1" in words and end["To"] == "ann@example.org"


def test_a_dead_mail_server_holds_up_nothing_and_loses_nothing(tmp_path: Path) -> None:
    """It is shown; what is owed outlives kill -9, and is sent once when mail works."""
    port = free_port()
    config(tmp_path / "home", with_mail(port, tail=0))
    with Server(tmp_path / "home") as server:
        node = Node(server)
        for _ in range(3):
            server.submit(notify="ann@example.org")
        runs = node.runs(3)
        node.ends(*runs)
        server.until(1, "done")
        stuck = until(lambda: server.good("GET", "/stat")["channels"])
        node.close()
        assert stuck[0]["name"] == "mail"
        until(lambda: "refused" in server.good("GET", "/stat")["channels"][0]["error"])
        until(lambda: server.good("GET", "/stat")["channels"][0]["waiting"] == 3)
        server.stop(signal.SIGKILL)
        with MailServer(port) as mail:
            server.start()
            until(lambda: len(mail.letters) == 3)
            until(lambda: server.good("GET", "/stat")["channels"][0]["waiting"] == 0)
            server.stop(signal.SIGKILL)
            server.start()
            told = server.submit(notify="ann@example.org")
            server.good("POST", "/jobs/kill", {"targets": [str(told)]})
            until(lambda: len(mail.letters) == 4)
        subjects = [letter["Subject"] for letter in mail.letters]
    assert sorted(s.partition(":")[0] for s in subjects) == [
        "job 1 true", "job 2 true", "job 3 true", "job 4 true",
    ]  # fmt: skip


def test_an_array_tells_its_first_failure_and_its_groups_at_the_end(
    tmp_path: Path,
) -> None:
    """Over a webhook, as JSON."""
    with Hook() as hook:
        config(
            tmp_path / "home",
            f"notify: {{channels: {{lab: {{webhook: '{hook.url}'}}}}}}\n",
        )
        with Server(tmp_path / "home") as server:
            node = Node(server)
            server.submit(array="0-3", notify={"lab": ["fail", "end"]})
            runs = node.runs(4)
            node.starts(runs[1])
            node.ends(runs[0], code=3)
            until(lambda: len(hook.calls) == 1)
            node.ends(*runs[1:3])
            node.ends(runs[3], code=4)
            until(lambda: len(hook.calls) == 2)
            node.close()
    first, last = (json.loads(body) for _, body in hook.calls)
    assert first["what"] == "fail" and first["failures"][0]["tasks"] == "0"
    assert "50 % of 4 tasks done, 2 failures in 2 groups" in last["subject"]
    assert last["job"]["counts"] == {"done": 2, "failed": 2}


def test_a_job_that_nobody_could_be_told_of_is_refused(server: Server) -> None:
    """At once, and with what would help."""
    job = {"argv": ["true"], "cwd": "/", "notify": ["ann@example.org", "lab"]}
    status, answer = server.call("POST", "/jobs", {"jobs": [job]})
    assert status == 400
    problems = [each["problem"] for each in answer["complaints"]]
    assert problems == ["this server sends no mail", "there is no channel lab"]

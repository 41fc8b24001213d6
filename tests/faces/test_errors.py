"""``rota errors``: what failed, by kind; and only one kind run again, with more."""

from __future__ import annotations

from rota.client.http import Client
from tests.faces.conftest import Rota

SCRIPT = """
case $ROTA_ATTEMPT in 1) ;; *) exit 0;; esac
case $ROTA_TASK_ID in
  0) echo fine;;
  1|2|3) echo "/data/run$ROTA_TASK_ID/in.dat:$ROTA_TASK_ID: bad value 0.$ROTA_TASK_ID" >&2
         exit 3;;
  4) echo "no licence for you"; exit 1;;
  *) kill -SEGV $$;;
esac
"""


def failed(client: Client) -> int:
    """An array of which five tasks of six fail, in three ways."""
    doc = {"command": SCRIPT, "cwd": "/", "array": "0-5", "memory": "20MiB"}
    job = client.submit(doc)[0].id
    client.wait(job, timeout_s=60)
    return job


def test_failures_are_grouped_by_kind(rota: Rota, client: Client) -> None:
    """The most frequent first, each with its tasks, its nodes and a first sample."""
    job = failed(client)
    found = rota("errors", str(job), "--json").json

    assert found["schema"] == "rota.errors/1" and found["failed"] == 5
    first, *others = found["groups"]
    assert first["text"] == "exit code 3: PATH:N: bad value N"
    assert (first["count"], first["tasks"]) == (3, "1-3")
    assert sum(first["nodes"].values()) == 3
    task = first["first"]["task"]
    assert first["first"]["said"] == f"/data/run{task}/in.dat:{task}: bad value 0.{task}"
    assert {group["tasks"]: group["code"] for group in others} == {
        "4": "exit_code", "5": "signal",
    }  # fmt: skip
    shown = rota("errors", str(job))
    assert "no licence for you" in shown.out and "signal 11 (SIGSEGV)" in shown.out
    assert f"again: rota rerun {job} --signature {first['number']}\n" in shown.out


def test_one_kind_is_run_again_with_more_memory(rota: Rota, client: Client) -> None:
    """By its number or its key; the others stay as they are."""
    job = failed(client)
    (group,) = [g for g in client.errors(job)["groups"] if g["count"] == 3]
    said = rota("rerun", str(job), "--signature", group["signature"], "--memory", "x2")

    assert said.out == f"job {job} queued (3 tasks)\n"
    client.wait(job, timeout_s=60)
    counts = client.job(job)["array"]["counts"]
    assert counts == {"done": 4, "failed": 2}
    assert [g["count"] for g in client.errors(job)["groups"]] == [1, 1]


def test_what_cannot_be_is_refused_with_what_there_is(rota: Rota, client: Client) -> None:
    """A kind that is none, several jobs, a factor that is none, no memory to grow."""
    job = failed(client)
    said = rota("rerun", str(job), "--signature", "77")
    assert said.code == 2 and "no kind of failure '77'" in said.err
    assert f"rota errors {job} shows them" in said.err
    assert rota("rerun", f"{job}[1]", "--signature", "1").code == 2
    assert rota("rerun", str(job), "--memory", "2").code == 2
    never = rota("rerun", str(job), "--time", "x2")
    assert never.code == 2 and "asked for no time" in never.err


def test_a_job_without_failures_says_so(rota: Rota, client: Client) -> None:
    """And has nothing to run again."""
    job = client.submit({"argv": ["true"], "cwd": "/"})[0].id
    client.wait(job, timeout_s=30)

    assert rota("errors", str(job)).out == f"nothing of job {job} has failed\n"
    said = rota("rerun", str(job), "--signature", "1")
    assert said.code == 2 and "nothing failed" in said.err

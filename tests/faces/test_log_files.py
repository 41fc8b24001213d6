"""``rota log --file``: files of a running job, followed live."""

from __future__ import annotations

from pathlib import Path

from rota.client.http import Client
from tests.faces.conftest import Rota

SCRIPT = """
echo step 1 > job.sta
while [ ! -e go ]; do sleep 0.05; done
echo step 2 >> job.sta
"""


def test_a_file_is_followed_while_it_is_written(
    rota: Rota, client: Client, tmp_path: Path
) -> None:
    """What is there comes at once, the rest as it is written, and then it ends."""
    doc = {"command": SCRIPT, "cwd": str(tmp_path), "monitor": ["*.sta"]}
    job = client.submit(doc)[0].id
    seen = b""
    for piece in client.log(job, stream="file:job.sta", follow=True):
        seen += piece
        if b"step 1\n" in seen:
            (tmp_path / "go").touch()

    assert seen == b"step 1\nstep 2\n"
    client.wait(job, timeout_s=60)
    assert rota("log", str(job), "--file", "job.sta").out == "step 1\nstep 2\n"
    assert rota("log", str(job), "--file", "job.sta", "--tail", "1").out == "step 2\n"
    (row,) = rota("log", str(job), "--files", "--json").json["files"]
    assert (row["name"], row["size"]) == ("job.sta", 14)
    assert "job.sta" in rota("log", str(job), "--files").out
    refused = rota("log", str(job), "--file", "go")
    assert refused.code == 2 and "go: is not watched; its monitor has: *.sta" in refused.err


def test_a_job_without_watched_files_says_so(rota: Rota, client: Client) -> None:
    """And names the key; globs that lead out are refused at submit."""
    job = client.submit({"argv": ["true"], "cwd": "/"})[0].id
    client.wait(job, timeout_s=60)
    said = rota("log", str(job), "--files")

    assert said.code == 2 and "its key monitor names them" in said.err
    out = rota("submit", "--monitor", "../*.sta", "--", "true")
    assert out.code == 2 and "below the job's folder" in out.err

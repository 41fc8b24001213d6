"""A graph of jobs in one file: named, ordered, refused when it is a circle."""

from __future__ import annotations

from pathlib import Path

from rota.client.http import Client
from tests.faces.conftest import Rota

GRAPH = """\
jobs:
  - name: merge
    after: [ok:left, "ok:right"]
    on_impossible: fail
    command: cat {folder}/left {folder}/right > {folder}/merged
  - name: left
    after: prepare
    command: cat {folder}/prepared > {folder}/left
  - name: right
    after: prepare
    command: {right}
  - name: prepare
    command: echo ready > {folder}/prepared
"""


def written(folder: Path, *, right: str) -> str:
    """Write the graph into *folder*; return the path of its file."""
    file = folder / "graph.yaml"
    file.write_text(GRAPH.format(folder=folder, right=right), encoding="utf-8")
    return str(file)


def test_a_graph_runs_in_its_order_whatever_the_order_in_the_file(
    rota: Rota, tmp_path: Path
) -> None:
    """The last comes first in the file, and last in time."""
    file = written(tmp_path, right=f"cat {tmp_path}/prepared > {tmp_path}/right")
    assert rota("submit", "--wait", file).code == 0
    assert (tmp_path / "merged").read_text(encoding="utf-8") == "ready\nready\n"


def test_what_can_not_be_any_more_fails_and_waits_again_after_a_rerun(
    rota: Rota, client: Client, tmp_path: Path
) -> None:
    """One branch fails, and with it, as asked, what needed it; nothing hangs."""
    file = written(tmp_path, right=f"test -e {tmp_path}/fixed && touch {tmp_path}/right")
    assert rota("submit", "--wait", file).code != 0
    told = {view.name: view for view in client.jobs(limit=4)}
    assert (told["left"].state, told["right"].state) == ("done", "failed")
    merge = told["merge"]
    assert merge.state == "failed" and f"job {told['right'].id} failed" in str(merge.reason)
    (tmp_path / "fixed").touch()
    assert rota("rerun", str(told["right"].id), str(merge.id)).code == 0
    assert client.wait(merge.id, timeout_s=30)
    assert client.job(merge.id).state == "done"


def test_a_circle_is_refused_and_shown(rota: Rota, tmp_path: Path) -> None:
    """Nothing of it is submitted."""
    file = tmp_path / "circle.yaml"
    file.write_text(
        "jobs:\n"
        "  - {name: a, after: c, command: 'true'}\n"
        "  - {name: b, after: a, command: 'true'}\n"
        "  - {name: c, after: b, command: 'true'}\n",
        encoding="utf-8",
    )
    said = rota("submit", str(file))
    assert said.code == 2 and "a → c → b → a" in said.err

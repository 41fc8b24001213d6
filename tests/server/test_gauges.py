"""How full it was: rows of what runs, and their way to the page.

About rota.server.gauges and rota.server.routes.gauges.
"""

from __future__ import annotations

from rota.core.resources import Request
from rota.server.gauges import ROWS_MAX, Gauges
from tests.engine.drive import ANN, Drive, job
from tests.server.running import Node, Server


def test_a_row_tells_what_runs_and_whose_it_is() -> None:
    """Cores of nodes that are there, cores of users; what waits costs nothing."""
    drive = Drive()
    drive.join(cores=4)
    drive.submit(job(request=Request(cores=3)))
    drive.submit(job(request=Request(cores=3)))
    row = Gauges(drive.mind).look(drive.at)
    assert (row.cores, row.cores_used, row.users) == (4, 3, {ANN.name: 3})


def test_a_day_is_kept_and_no_more() -> None:
    """The oldest row goes."""
    gauges = Gauges(Drive().mind)
    for at in range(ROWS_MAX + 5):
        gauges.rows.append(gauges.look(at))
    assert (len(gauges.rows), gauges.rows[0].at) == (ROWS_MAX, 5)


def test_columns_are_as_long_as_their_times(server: Server) -> None:
    """Users and licences that were not there at first included."""
    (server.home / "config.yaml").write_text("licences: {abaqus: 5}\n")
    server.good("POST", "/config/reload")
    node = Node(server, cores=2)
    server.submit(licences={"abaqus": 2}, cores=2)
    node.starts(node.runs(1)[0])
    told = server.good("GET", "/gauges")
    use = told["licences"]["abaqus"]
    assert (use["held"][-1], use["count"][-1], told["cores_used"][-1]) == (2, 5, 2)
    columns = [told["cores"], *told["users"].values(), use["held"], use["count"]]
    assert {len(column) for column in columns} == {len(told["at"])}
    node.close()

"""Numbers for Prometheus, read by its own parser; and the dashboard that shows them."""

from __future__ import annotations

import json
import re
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families as parsed

from rota.server.metrics import Family, text
from tests.server.running import Node, Server

DASHBOARD = Path(__file__).parents[2] / "docs" / "how-to" / "grafana-dashboard.json"


def test_odd_names_stay_names() -> None:
    """Whatever a queue is called, it is one label."""
    odd = 'a"b\\c\nrota_fake 1'
    [found] = parsed(text([Family("x", "gauge", "X.", [({"queue": odd}, 2)])]))
    assert [(s.labels, s.value) for s in found.samples] == [({"queue": odd}, 2.0)]


def test_the_queue_and_the_nodes_are_told(shared: Server) -> None:
    """And how long things took; to nobody without a token."""
    node = Node(shared, cores=3)
    shared.submit(queue="night", array="0-4", held=True)
    status, body, headers = shared.raw("GET", "/metrics")
    assert status == 200 and headers["content-type"].startswith("text/plain")
    found = {s.name: s for f in parsed(body.decode()) for s in f.samples}
    values = {(s.name, *s.labels.values()): s.value
              for f in parsed(body.decode()) for s in f.samples}  # fmt: skip
    assert values["rota_tasks", "night", "held"] == 5
    assert values["rota_cores",] == 3 and values["rota_nodes", "up"] == 1
    assert values["rota_commit_seconds_count",] >= 1
    assert (
        values["rota_decide_seconds_bucket", "+Inf"] == values["rota_decide_seconds_count",]
    )
    assert found["rota_history_lines_total"].value >= 1
    node.close()


def test_the_dashboard_names_only_what_there_is(shared: Server) -> None:
    """Each metric of each panel."""
    body = shared.raw("GET", "/metrics")[1].decode()
    there = set(re.findall(r"^# TYPE (\S+) ", body, re.MULTILINE))
    shown = json.loads(DASHBOARD.read_text())
    for panel in shown["panels"]:
        for target in panel["targets"]:
            for name in re.findall(r"rota_\w+", target["expr"]):
                assert name.removesuffix("_bucket") in there, (panel["title"], name)


def test_ready_needs_nobody_to_be_known(shared: Server) -> None:
    """For whoever balances load."""
    status, body, _ = shared.raw("GET", "/ready")
    assert (status, json.loads(body)) == (200, {"status": "ready"})

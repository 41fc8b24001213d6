"""No script from a job's name, output or files ever runs in the page (G32)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.client.cluster import Cluster
from tests.server.running import until
from tests.web.browser import CHROMIUM, Browser

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here"),
]

EVIL = "<img src=x onerror=document.title='hit'><script>document.title='hit'</script>"
FILE = "<img src=x onerror=alert(1)>.txt"
JOB = {
    "name": EVIL, "info": EVIL, "env": {"EVIL": EVIL}, "cwd": "fresh", "time": "1m",
    "outputs": ["*.txt"],
    "command": f"printf '%s\\n' \"$EVIL\"; printf x > '{FILE}'; echo \"$EVIL\" >&2; exit 3",
}  # fmt: skip
CONFIG = """
licences: {abaqus: 2}
windows: [{name: "<b onclick=1>x</b>", start: "2099-01-01T00:00:00Z",
           end: "2099-01-02T00:00:00Z"}]
"""
PAGES = ("#/?show=all", "#/?show=all&by=name", "#/jobs/1", "#/jobs/2/1", "#/nodes",
         "#/nodes/n1", "#/pools", "#/timeline", "#/licences", "#/shares", "#/submit",
         "#/submit?from=1", "#/what-if")  # fmt: skip


def test_g32_hostile_names_output_and_files_stay_text(tmp_path: Path) -> None:
    """In every view, with a real job that wrote them; the policy stopped nothing either."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "config.yaml").write_text(CONFIG)
    with Cluster(home, "--cores", "1", "--name", "n1") as cluster:
        jobs = [JOB, {**JOB, "array": "0-1"}, {**JOB, "held": True}]
        (tmp_path / "jobs.json").write_text(json.dumps({"jobs": jobs}))
        assert cluster.rota("submit", str(tmp_path / "jobs.json")).returncode == 0
        assert cluster.rota("wait", "1", "2").returncode == 3
        with Browser(tmp_path / "browser") as browser:
            tab = browser.tab()
            tab.look()
            token = (home / "token").read_text().strip()
            tab.go(f"{cluster.status()['tcp']}/?token={token}")
            until(lambda: tab.text("#link") == "live")
            for address in PAGES:
                tab.at(address)
                until(lambda: tab.see("document.querySelector('#page').children.length"))
                tab.until("#page", SHOWN.get(address, ""))
                assert tab.see(INTRUDERS) == 0, address
                assert tab.see("document.title").endswith("Rota"), address
            tab.at("#/jobs/1")
            tab.until("pre.log", EVIL)
            tab.until("#page", FILE)
            tab.click("details.panel summary")
            tab.until("details.panel", EVIL)
            assert tab.see(INTRUDERS) == 0
            assert tab.complaints() == []


SHOWN = {"#/?show=all": EVIL, "#/?show=all&by=name": EVIL, "#/jobs/1": EVIL}
INTRUDERS = """document.querySelectorAll(`#page img, #page script, #page [onclick],
               #page [onerror], #ask img, #toasts img`).length"""

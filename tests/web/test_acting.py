"""Every deed of the page is asked once, done once, and refused politely; none by GET."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rota.server.routes.table import ROUTES
from tests.server.running import Node, Server, now_ms, until
from tests.web.browser import CHROMIUM, Browser, Tab

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here"),
]

WRITTEN: dict[str, str] = {
    "sbatch": "#!/bin/sh\n#SBATCH -J fit -c 3\nhostname\n",
    "qsub": "#!/bin/sh\n#$ -N fit\n#$ -pe smp 3\nhostname\n",
    "wq": "command: hostname\njob_name: fit\nmode: bycore\nN: 3\n",
    "qm": "#!/bin/sh\n#QM NB_PROC=3\nhostname\n",
    "jtm": '{"command": "hostname", "pool": {"name": "fit", "cpu": 3}}',
    "jdl": 'JobName = "fit"; Executable = "hostname"; NumberOfProcessors = 3;',
    "rota": "command: hostname\nname: fit\ncores: 3\n",
}
"""{dialect: a job of three cores in it}."""

WAM = '{"jobFiles": ["fit.inp"], "solverFlags": {"cpus": 3}}'


def say(tab: Tab, verb: str, *, yes: bool = True) -> None:
    """Click the button of *verb*, and answer."""
    tab.click(f"[data-verb='{verb}']")
    until(lambda: tab.see("document.querySelector('#ask').open"))
    tab.click("#ask button.full" if yes else "#ask button:last-child")
    until(lambda: not tab.see("document.querySelector('#ask').open"))


def test_a_running_job_stands_still_goes_on_and_is_killed(server: Server, tab: Tab) -> None:
    """Suspend, resume, kill: what the node is told, and nothing without a yes."""
    node = Node(server, cores=1)
    job = server.submit(name="long")
    (a,) = node.runs(1)
    node.starts(a)
    tab.at(f"#/jobs/{job}")
    tab.until("h1", "running")
    say(tab, "suspend", yes=False)
    say(tab, "suspend")
    assert node.hear("suspend") == {"t": "suspend", "a": a, "on": True}
    node.say({"t": "suspended", "a": a, "at": now_ms(), "on": True})
    tab.until("h1", "suspended")
    say(tab, "resume")
    assert not node.hear("suspend")["on"]
    node.say({"t": "suspended", "a": a, "at": now_ms(), "on": False})
    tab.until("h1", "running")
    say(tab, "kill")
    node.hear("kill")
    node.ends(a, code=143)
    tab.until("h1", "cancelled")
    node.close()


def test_a_waiting_job_is_changed_by_hand(server: Server, tab: Tab) -> None:
    """What is wrong is told with its field, and changes nothing."""
    job = server.submit(name="wide", held=True)
    tab.at(f"#/jobs/{job}")
    for text, told in (("cores: 3\ntime: 2h", "changed"), ("memory: 10", "has no unit")):
        tab.click("[data-verb='edit']")
        tab.fill("#ask textarea", text)
        tab.click("#ask button.full")
        tab.until("#toasts", told)
    request = server.job(job)["request"]
    assert (request["cores"], request["time"], request["memory"]) == (3, 7200, 0)


def test_a_pool_is_drained_opened_and_removed(server: Server, tab: Tab) -> None:
    """Each asked once; its log is a click away."""
    server.call("POST", "/pools/add", {"name": "here", "set": {"kind": "local", "max": 0}})
    tab.at("#/pools")
    for verb, then in (
        ("drain", "drained"),
        ("undrain", "open"),
        ("remove", "No pool yet"),
    ):
        tab.until(".panel", "log")
        button = (
            f"[...document.querySelectorAll('button')].find(b => b.innerText === '{verb}')"
        )
        until(lambda button=button: tab.see(f"Boolean({button})"))
        tab.see(f"{button}.click()")
        tab.click("#ask button.full")
        tab.until("#page", then)


def paste(tab: Tab, text: str, dialect: str) -> None:
    """Say which system's words *text* is in, and wait until the form has them."""
    pick = "document.querySelector('[aria-label=\"the other system\"]')"
    until(lambda: tab.see(f"{pick}?.options.length > 5"))
    tab.see(f"{pick}.value = {dialect!r}")
    tab.fill("[aria-label='a job file or script']", text)
    until(lambda: tab.see("document.querySelector('#key-cores')?.value") == "3")


@pytest.mark.parametrize("dialect", WRITTEN)
def test_a_job_of_another_system_is_pasted_seen_and_submitted(
    shared: Server, tab: Tab, dialect: str
) -> None:
    """What it would be here stands beside it before anything is submitted."""
    before = shared.good("GET", "/jobs/ranges")["jobs"]
    tab.at("#/submit")
    paste(tab, WRITTEN[dialect], dialect)
    until(lambda: not tab.see("document.querySelector('button[type=submit]').disabled"))
    assert shared.good("GET", "/jobs/ranges")["jobs"] == before
    tab.click("button[type=submit]")
    tab.until("h1", "queued")
    (job,) = shared.good("GET", "/jobs?limit=1")["jobs"]
    assert job["request"]["cores"] == 3


def test_a_job_that_needs_files_of_its_owner_is_not_taken_from_here(
    shared: Server, tab: Tab
) -> None:
    """A deck of WAM lies where the browser cannot look: the form says so."""
    tab.at("#/submit")
    paste(tab, WAM, "wam")
    tab.until("#page", "inputs")
    until(lambda: tab.see("document.querySelector('button[type=submit]').disabled"))


@pytest.fixture
def guest(server: Server, tmp_path: Path) -> Iterator[Tab]:
    """A page for somebody whose token is for looking only."""
    token = server.good("POST", "/tokens", {"scope": "read"})["token"]
    with Browser(tmp_path / "guest") as browser:
        tab = browser.tab()
        tab.look()
        tab.go(f"{server.facts()['tcp']}/?token={token}")
        until(lambda: tab.text("#link") == "live")
        yield tab


def test_who_may_only_look_is_told_so_and_nothing_happens(
    server: Server, guest: Tab
) -> None:
    """In the server's words; the page goes on."""
    job = server.submit(name="theirs", held=True)
    guest.at(f"#/jobs/{job}")
    for verb in ("release", "kill"):
        say(guest, verb)
        guest.until("#toasts", "may not do this")
    assert server.job(job)["state"] == "held"
    guest.at("#/submit")
    guest.fill("#key-command", "hostname")
    guest.until("#page", "may not do this")
    assert server.good("GET", "/jobs/ranges")["jobs"] == 1


def test_g33_nothing_is_changed_by_a_link(shared: Server) -> None:
    """Whatever changes something is refused as GET, which a link could ask (G33)."""
    posts = {route.path for route in ROUTES if route.method != "GET"}
    gets = {route.path for route in ROUTES if route.method == "GET"}
    for path in sorted(posts - gets):
        for name in ("{id:int}", "{digest:str}"):
            path = path.replace(name, "1")
        assert shared.raw("GET", path)[0] in (404, 405), path

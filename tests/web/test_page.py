"""The page in a real browser: it shows, follows, and acts; names stay text.

About rota.server.site and what lies in src/rota/web.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.server.running import Node, Server, until
from tests.web.browser import CHROMIUM, Browser, Tab

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here"),
]

EVIL = "<img src=x onerror=document.title='hit'>"


def row(job: int) -> str:
    """Return where the row of *job* is."""
    return f".row[data-id='{job}']"


def test_the_queue_is_shown_and_follows(server: Server, tab: Tab) -> None:
    """What is submitted, runs and ends appears by itself; a name is only text."""
    node = Node(server, cores=2)
    job = server.submit(name=EVIL)
    (a,) = node.runs(1)
    node.starts(a)
    tab.until(row(job), "running")
    assert EVIL in tab.text(row(job))
    tab.click("[data-show='all']")
    node.ends(a)
    tab.until(row(job), "done")
    assert tab.see("document.title") == "Rota"
    assert tab.complaints() == []


def test_a_job_is_shown_and_can_be_acted_on(server: Server, tab: Tab) -> None:
    """Its reason, what it runs; hold, release and kill, each asked once."""
    job = server.submit(command="echo <b>bold</b>", name="one")
    tab.at(f"#/jobs/{job}")
    tab.until(".reasons", "no node is connected")
    assert "echo <b>bold</b>" in tab.text("code.what")
    tab.click("[data-verb='hold']")
    tab.until("#ask", f"Hold job {job}?")
    tab.click("#ask button.full")
    server.until(job, "held")
    tab.click("[data-verb='release']")
    tab.click("#ask button.full")
    server.until(job, "queued")
    tab.click("[data-verb='kill']")
    tab.click("#ask button:last-child")
    assert server.job(job)["state"] == "queued", "no was an answer"
    tab.click("[data-verb='kill']")
    tab.click("#ask button.full")
    server.until(job, "cancelled")
    tab.until("h1", "cancelled")
    tab.click("[data-verb='rerun']")
    tab.click("#ask button.full")
    server.until(job, "queued")
    assert tab.complaints() == []


def test_what_would_start_it_is_a_button(server: Server, tab: Tab) -> None:
    """The proved edit of why, carried out."""
    node = Node(server, cores=4)
    server.submit(name="busy", cores=3)
    node.starts(node.runs(1)[0])
    job = server.submit(name="wide", cores=4, min_cores=1)
    tab.at(f"#/jobs/{job}")
    tab.until(".actions button:not([data-verb])", "cores 4")
    tab.click("section .actions button:not([data-verb])")
    tab.click("#ask button.full")
    until(lambda: server.job(job)["request"]["cores"] == 1)
    node.close()


def test_many_are_chosen_by_keys_and_acted_on_together(server: Server, tab: Tab) -> None:
    """Down, x, down, x; hold both."""
    jobs = [server.submit(name=f"j{n}") for n in range(3)]
    tab.until("[role=grid]", "j0")
    tab.see("document.querySelector('[role=grid]').focus()")
    for key in ("x", "j", "x"):
        tab.key(key)
    tab.until(".bulk", "2 jobs chosen")
    tab.click(".bulk button")
    tab.until("#ask", "Hold 2 jobs?")
    tab.click("#ask button.full")
    until(lambda: [server.job(job)["state"] for job in jobs] == ["queued", "held", "held"])


def test_the_queue_is_filtered_and_grouped(server: Server, tab: Tab) -> None:
    """By what is typed; a word that means nothing is told."""
    fit = server.submit(name="fit-1", tags=["paper"])
    server.submit(name="other")
    tab.until(".shown", "2 jobs")
    tab.fill("#find", "fit colour:red")
    tab.until(".shown", "1 job · not understood: colour:red")
    assert "fit-1" in tab.text(row(fit))
    tab.at("#/?by=name")
    tab.until(".groups", "other")
    tab.click(".groups tbody a")
    tab.until(".shown", "1 job")


def test_an_array_shows_its_tasks_and_a_task_its_output(server: Server, tab: Tab) -> None:
    """Each square is a way to its task."""
    node = Node(server, cores=2)
    job = server.submit(array="0-3", name="many")
    first, second = node.runs(2)
    node.starts(first)
    node.ends(first, code=3)
    tab.at(f"#/jobs/{job}")
    until(lambda: tab.see("document.querySelectorAll('.tasks a.failed').length") == 1)
    tab.click(".tasks a.failed")
    tab.until("h1", f"{job}[{first[1]}]")
    tab.until("dl", "ended with exit code 3")
    assert second[1] != first[1]


def test_what_failed_is_told_by_kind_and_run_again(server: Server, tab: Tab) -> None:
    """With more memory, if so asked."""
    node = Node(server, cores=2)
    job = server.submit(array="0-3", name="many", memory="100MB")
    for a in node.runs(2):
        node.starts(a)
        node.ends(a, code=3)
    for a in node.runs(2):
        node.starts(a)
        node.ends(a)
    tab.at(f"#/jobs/{job}")
    tab.until(".kind", "2 ×")
    tab.click(".kind button")
    tab.fill("#ask input", "x2")
    tab.click("#ask button.full")
    again = node.runs(2)
    assert sorted(n for _, _, n in again) == [2, 2]
    node.close()


def test_a_log_is_followed_and_searched(server: Server, tab: Tab) -> None:
    """Escape sequences and markup in it do nothing."""
    node = Node(server)
    job = server.submit(name="talks")
    (a,) = node.runs(1)
    node.starts(a)
    tab.at(f"#/jobs/{job}")
    text = b"step 1\n\x1b[31m<b>step</b> 2\x1b[0m\n"
    while node.serve(text, is_over=False)["max"] == 1:
        pass  # First it asks how long it is.
    tab.until("pre.log", "<b>step</b> 2")
    tab.fill(".logbar input[type=search]", "step")
    tab.until(".logbar", "2 found")
    assert tab.see("document.querySelectorAll('pre.log mark').length") == 2


def test_a_node_is_drained_and_opened(server: Server, tab: Tab) -> None:
    """With a reason that everybody sees."""
    node = Node(server, name="n1")
    tab.at("#/nodes")
    tab.until(".node", "n1")
    tab.at("#/nodes/n1")
    tab.click("[data-verb='drain']")
    tab.fill("#ask input", "new disk")
    tab.click("#ask button.full")
    tab.until("dl", "new disk")
    tab.click("[data-verb='undrain']")
    tab.click("#ask button.full")
    tab.until("h1", "up")
    node.close()


def test_a_job_is_handed_in_after_a_look_at_what_would_happen(
    server: Server, tab: Tab
) -> None:
    """A wrong field is told beside the field; nothing is submitted before it is right."""
    tab.at("#/submit")
    tab.fill("#key-command", "hostname")
    tab.until("[aria-live=polite] table", "hostname")
    tab.fill("#key-cores", "many")
    tab.until("[data-wrong='cores']", "number")
    assert tab.see("document.querySelector('button[type=submit]').disabled") is True
    tab.fill("#key-cores", "2")
    until(
        lambda: tab.see("document.querySelector('button[type=submit]').disabled") is False
    )
    tab.click("button[type=submit]")
    tab.until("h1", "hostname")
    assert server.job(1)["request"]["cores"] == 2


def test_another_systems_script_fills_the_form(server: Server, tab: Tab) -> None:
    """And says what it would be here."""
    tab.at("#/submit")
    script = "#!/bin/sh\n#SBATCH -J fit -c 3\nhostname\n"
    tab.fill("[aria-label='a job file or script']", script)
    until(lambda: tab.see("document.querySelector('#key-cores')?.value") == "3")
    tab.until("[aria-live=polite] table", "fit")
    until(lambda: not tab.see("document.querySelector('button[type=submit]').disabled"))
    tab.click("button[type=submit]")
    tab.until("h1", "fit")
    assert "hostname" in server.job(1)["spec"]["script"]


def test_the_timeline_shows_who_runs_and_who_comes(server: Server, tab: Tab) -> None:
    """On a lane for the node."""
    node = Node(server, cores=2)
    server.submit(name="now", cores=2, time="1h")
    node.starts(node.runs(1)[0])
    server.submit(name="then", cores=2, time="2h")
    tab.at("#/timeline")
    tab.until(".lane .running", "1 now")
    tab.until(".lane .queued", "2 then")
    node.close()


def test_without_a_token_it_says_where_to_get_one(server: Server, browser: Browser) -> None:
    """And shows nothing else."""
    server.submit(name="secret name")
    stranger = browser.tab()
    stranger.do("Network.clearBrowserCookies")
    stranger.go(server.facts()["tcp"] + "/")
    stranger.until("main", "rota up")
    assert "secret name" not in stranger.text("body")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 390])
def test_pages_fit_their_screen_and_can_be_read(
    shared: Server, tab: Tab, theme: str, width: int
) -> None:
    """Nothing stands out at the side; text stands out from its ground (WCAG AA)."""
    node = Node(shared, name=f"{theme}-{width}", labels=["gen5"])
    shared.submit(name="a job with a name that goes on and on", tags=["t"], held=True)
    job = shared.submit(name="many", array="0-99")
    shared.call("POST", "/pools/add", {"name": "here", "set": {"kind": "local", "max": 0}})
    tab.look(width=width, theme=theme)
    for name, address in PAGES.items():
        tab.at(address.format(job=job))
        until(lambda: tab.see("document.querySelector('#page').children.length") > 0)
        tab.until("#page", SHOWN[name])
        assert tab.see("document.documentElement.scrollWidth") <= width, name
        assert tab.see(CONTRAST) == [], name
        assert tab.shot(f"{name}-{theme}-{width}") > 5000
    node.close()


PAGES = {"queue": "#/?show=all", "job": "#/jobs/{job}", "nodes": "#/nodes",
         "timeline": "#/timeline", "shares": "#/shares", "submit": "#/submit",
         "what-if": "#/what-if", "pools": "#/pools", "licences": "#/licences",
         "groups": "#/?show=all&by=name"}  # fmt: skip
SHOWN = {"queue": "many", "job": "tasks", "nodes": "gen5", "timeline": "starts next",
         "shares": "Users now", "submit": "cores", "what-if": "Replay",
         "pools": "here", "licences": "No licence", "groups": "many"}  # fmt: skip

CONTRAST = (Path(__file__).parent / "contrast.js").read_text()

"""The page in Chromium while 100 000 jobs wait: until it shows, scrolls, and follows.

Times are the page's own: from asking for something until the frame that shows it.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from figure import Figure, Value
from place import JOB, Place

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.web.browser import Browser, Tab

HELD = {**JOB, "held": True}
JUMPS = 25
WAIT_S = 60.0

SHOWN = """new Promise((done) => {
  const whole = () => {
    const rows = [...document.querySelectorAll('.space .row')];
    return rows.length > 20 && rows.every((row) => !row.innerText.includes('…'));
  };
  const look = () => (whole() ? done(performance.now()) : requestAnimationFrame(look));
  look();
})"""

JUMP = """(async () => {
  const rows = document.querySelector('.rows');
  const began = performance.now();
  rows.scrollTop = rows.scrollHeight * PART;
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const drawn = performance.now();
  return [drawn - began, (await SHOWN) - began];
})()""".replace("SHOWN", SHOWN)

GLIDE = """(async () => {
  const rows = document.querySelector('.rows');
  const gaps = [];
  let last = await new Promise(requestAnimationFrame);
  for (let n = 0; n < 120; n += 1) {
    rows.scrollTop += 90;
    const now = await new Promise(requestAnimationFrame);
    gaps.push(now - last);
    last = now;
  }
  gaps.sort((a, b) => a - b);
  return [gaps[60], gaps[114]];
})()"""


def measure(*, quick: bool) -> Figure:
    """Show the queue of many jobs; return how long things take until they are seen."""
    jobs = 10_000 if quick else 100_000
    with Place(cores=2) as place, tempfile.TemporaryDirectory() as folder:
        place.client.submit(*[HELD] * jobs)
        with Browser(Path(folder)) as browser:
            tab = opened(browser, place)
            load_ms = tab.see(SHOWN)
            jumps = [
                tab.see(JUMP.replace("PART", str((n * 0.37) % 1))) for n in range(JUMPS)
            ]
            glide = tab.see(GLIDE)
            tab.see("document.querySelector('.rows').scrollTop = 0")
            tab.see(SHOWN)
            follow_s = median(followed(tab, place) for _ in range(7))
            nodes = tab.see("document.querySelectorAll('*').length")
    return Figure(
        "page",
        [
            Value("load until all rows in sight are whole", load_ms, "ms", 1000, 500),
            Value("a jump: until drawn", median(j[0] for j in jumps), "ms", 50, 33),
            Value("a jump: until whole", median(j[1] for j in jumps), "ms", 250, 150),
            Value("frames while scrolling, median", glide[0], "ms", 33, 17),
            Value("frames while scrolling, p95", glide[1], "ms", 50, 34),
            Value("release → seen in its row", follow_s * 1000, "ms", 1000, 500),
            Value("elements in the page", nodes),
        ],
        notes={"jobs": jobs},
    )


def opened(browser: Browser, place: Place) -> Tab:
    """Return the page, just asked for."""
    tab = browser.tab()
    tab.look()
    home = Path(place.home)
    token = (home / "token").read_text().strip()
    tab.go(f"{json.loads((home / 'server.json').read_text())['tcp']}/?token={token}")
    end = time.monotonic() + WAIT_S
    while not tab.see("Boolean(document.querySelector('.space .row'))"):
        if time.monotonic() > end:
            raise RuntimeError(f"the page shows no job after {WAIT_S} s")
    return tab


def followed(tab: Tab, place: Place) -> float:
    """Release a job in sight; return the seconds until its row says so."""
    row: Any = tab.see(
        "Number([...document.querySelectorAll('.space .row')]"
        ".find((row) => row.innerText.includes('held')).dataset.id)"
    )
    began = time.perf_counter()
    place.client.release(str(row))
    is_held = f"document.querySelector('.row[data-id=\"{row}\"]')?.innerText || ''"
    while "held" in tab.see(is_held):
        if time.perf_counter() - began > WAIT_S:
            raise RuntimeError(f"the page never showed that job {row} was released")
    return time.perf_counter() - began


if __name__ == "__main__":
    print(measure(quick="--quick" in sys.argv).line())

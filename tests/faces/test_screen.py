"""The screen of ``rota top``, driven by keys, with a real server behind it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.widgets import ContentSwitcher, DataTable, Static

from rota.client.http import Client
from rota.faces.screen import Top
from tests.client.cluster import Cluster

TRIES = 200
SHOTS = os.environ.get("ROTA_SHOTS")
"""A folder that a picture of the screen is put in; without it none is taken."""


def text(app: Top, id: str) -> str:
    """Return what a line of the screen says."""
    return str(app.query_one(f"#{id}", Static).render())


def cell(app: Top, job: str, column: int) -> str:
    """Return a cell of the queue."""
    found: str = app.query_one("#jobs", DataTable).get_row(job)[column].plain
    return found


async def until(app: Top, pilot: Pilot[Any], found: Callable[[], bool]) -> None:
    """Look again until *found* is true."""
    for _ in range(TRIES):
        await app.look()
        await pilot.pause(0.05)
        if found():
            return
    raise AssertionError("not within the tries there are")


def test_hold_kill_rerun_and_log_by_keys(cluster: Cluster) -> None:
    """One job through all of it; a name is no markup."""
    with Client(home=str(cluster.home)) as other, Client(home=str(cluster.home)) as client:
        doc = {"command": "echo so far", "cwd": "/tmp", "name": "[red]x[/]", "held": True}
        [made] = other.submit(doc)
        job = str(made.id)

        async def drive() -> None:
            app = Top(client, every_s=60)
            async with app.run_test(size=(100, 24)) as pilot:
                assert cell(app, job, 1) == "[red]x[/]" and cell(app, job, 3) == "held"
                assert "cores in use" in text(app, "total")
                if SHOTS:
                    Path(SHOTS).mkdir(parents=True, exist_ok=True)
                    app.save_screenshot("top.svg", SHOTS)
                await pilot.press("h")
                await until(app, pilot, lambda: cell(app, job, 3) == "done")
                assert text(app, "said") == f"release {job}: done"
                await pilot.press("enter")
                assert app.query_one("#panes", ContentSwitcher).current == "log"
                await until(app, pilot, lambda: "so far" in text(app, "text"))
                await pilot.press("escape", "k")
                assert text(app, "said").startswith(f"kill {job}?")
                await pilot.press("escape", "y")
                assert text(app, "said") == ""
                await pilot.press("r")
                await until(app, pilot, lambda: other.job(made.id).raw["attempt"] == 2)

        asyncio.run(drive())


def test_kill_asks_once_and_a_refusal_is_told(cluster: Cluster) -> None:
    """And the nodes are one key away, at whatever size."""
    with Client(home=str(cluster.home)) as other, Client(home=str(cluster.home)) as client:
        [made] = other.submit({"command": "sleep 600", "cwd": "/tmp"})
        job = str(made.id)

        async def drive() -> None:
            app = Top(client, every_s=60)
            async with app.run_test(size=(40, 12)) as pilot:
                await pilot.press("k", "y")
                await until(app, pilot, lambda: cell(app, job, 3) == "cancelled")
                await pilot.press("h")
                await until(app, pilot, lambda: f"{job}" in text(app, "said"))
                assert "done" not in text(app, "said")
                await pilot.resize_terminal(120, 40)
                await pilot.press("n")
                assert app.query_one("#panes", ContentSwitcher).current == "nodes"
                assert app.query_one("#nodes", DataTable).row_count == 1

        asyncio.run(drive())

"""The live screen of ``rota top``: queue, nodes, and the log of the job that is chosen.

    timer ──ask (one thread)──▶ views ──▶ cells that changed ──▶ the terminal
    keys  ──▶ kill, hold, rerun ──▶ what came of it, in the line at the bottom

Only cells that changed are drawn again, and nothing is animated: over a slow line a screen
that stands still costs nothing.  Names are shown as they are, never as markup.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar, Self, TypeVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.geometry import Region
from textual.widgets import ContentSwitcher, DataTable, Footer, Static
from textual.widgets.data_table import ColumnKey

from rota.client.http import Client
from rota.core.errors import RotaError
from rota.faces.cells import JOB_COLUMNS, job_cells, label
from rota.faces.moments import now_ms
from rota.faces.stat import state_text, summary, used_of
from rota.faces.tables import usage_bar
from rota.faces.terminal import clean

SHOWN = 500
RECENT = 20
LOG_BYTES = 16_384
NEARNESS = {"queued": 1, "held": 2, "done": 3, "failed": 3, "cancelled": 3}
"""What runs stands first, then what waits, then what is over; the newest first."""

NODE_COLUMNS = ("", "NODE", "CORES", "MEMORY", "STATE")

T = TypeVar("T")
Rows = Sequence[tuple[str, tuple[str, ...]]]


class Table(DataTable[Text]):
    """A table that draws the cell that changed, and leaves all others as they stand."""

    _is_setting = False

    def set_cell(self, key: str, column: ColumnKey, text: Text) -> None:
        """Put *text* into a cell; columns grow for it, and never shrink."""
        wider = text.cell_len > self.columns[column].content_width
        self._is_setting = not wider
        try:
            self.update_cell(key, column, text, update_width=wider)
        finally:
            self._is_setting = False
        if not wider:
            self.refresh_coordinate(self.get_cell_coordinate(key, column))

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False,
        recompose: bool = False,
    ) -> Self:  # fmt: skip
        """Draw the whole table again, but for a single cell that is being set."""
        if self._is_setting and not regions:
            return self
        return super().refresh(
            *regions, repaint=repaint, layout=layout, recompose=recompose
        )


class Top(App[None]):
    """See the head of the file."""

    CSS = """
    Screen { overflow: hidden; }
    #total, #said { height: 1; }
    #panes, #jobs, #nodes, #log { height: 1fr; }
    #said { color: $warning; }
    """
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "log", "log"),
        Binding("n", "nodes", "nodes"),
        Binding("escape", "queue", "queue"),
        Binding("k", "kill", "kill"),
        Binding("y", "yes", "yes", show=False),
        Binding("h", "hold", "hold/release"),
        Binding("r", "rerun", "rerun"),
        Binding("q", "quit", "quit"),
    ]

    def __init__(self, client: Client, *, every_s: float, user: str | None = None) -> None:
        super().__init__()
        self.animation_level = "none"
        self._client, self._every_s, self._user = client, every_s, user
        # The client has one line to the server: one question at a time.
        self._line = ThreadPoolExecutor(1, "rota-top")
        self._views: dict[str, dict[str, Any]] = {}
        self._to_kill: str | None = None
        self._logged: str | None = None
        self._texts: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        """Lay out: totals, one of three panes, what came of the last key, the keys."""
        yield Static(id="total", markup=False)
        with ContentSwitcher(initial="jobs", id="panes"):
            yield Table(id="jobs", cursor_type="row")
            yield Table(id="nodes", cursor_type="row")
            with VerticalScroll(id="log"):
                yield Static(id="text", markup=False)
        yield Static(id="said", markup=False)
        yield Footer()

    async def on_mount(self) -> None:
        """Begin to look."""
        self.query_one("#jobs", Table).add_columns(*(c.title for c in JOB_COLUMNS))
        self.query_one("#nodes", Table).add_columns(*NODE_COLUMNS)
        self.query_one("#jobs").focus()
        await self.look()
        self.set_interval(self._every_s, self.look)

    async def on_unmount(self) -> None:
        """Ask nothing more."""
        self._line.shutdown(wait=False, cancel_futures=True)

    async def look(self) -> None:
        """Ask the server, and show what changed."""
        try:
            total, nodes, jobs = await self._ask(self._all)
            text = await self._ask(lambda: self._text_of(self._logged))
        except RotaError as error:
            self._say(error.sentence)
            return
        self._views = {label(view): view for view in jobs}
        self._put("total", clean(summary(total)))
        now = now_ms()
        rows = [(label(view), job_cells(view, now=now)) for view in jobs]
        _fill(self.query_one("#jobs", Table), rows)
        _fill(self.query_one("#nodes", Table), [_node_row(node) for node in nodes])
        if self._logged is not None:
            self._put("text", text)

    # ── keys ──────────────────────────────────────────────────────────────────────────

    async def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        """Enter on a job: its log."""
        if event.data_table.id == "jobs":
            await self.action_log()

    async def action_log(self) -> None:
        """Show what the chosen job wrote last."""
        self._logged = self._chosen()
        if self._logged is not None:
            self._show("log")
            self.query_one("#log", VerticalScroll).anchor()
            await self.look()

    def action_nodes(self) -> None:
        """Show the nodes."""
        self._show("nodes")

    def action_queue(self) -> None:
        """Show the queue; what was to be killed lives."""
        self._to_kill = self._logged = None
        self._say("")
        self._show("jobs")

    def action_kill(self) -> None:
        """Ask whether the chosen job is to be killed."""
        self._to_kill = self._chosen()
        if self._to_kill is not None:
            self._say(f"kill {self._to_kill}? y: yes, Escape: no")

    async def action_yes(self) -> None:
        """Kill what was asked about."""
        target, self._to_kill = self._to_kill, None
        if target is not None:
            await self._act(target, "kill", lambda: self._client.kill(target, wait=False))

    async def action_hold(self) -> None:
        """Hold the chosen job, or release it when it is held."""
        target = self._chosen()
        if target is None:
            return
        if self._views[target]["state"] == "held":
            await self._act(target, "release", lambda: self._client.release(target))
        else:
            await self._act(target, "hold", lambda: self._client.hold(target))

    async def action_rerun(self) -> None:
        """Try the chosen job again."""
        target = self._chosen()
        if target is not None:
            await self._act(target, "rerun", lambda: self._client.rerun(target))

    # ── how ───────────────────────────────────────────────────────────────────────────

    async def _act(self, target: str, verb: str, ask: Callable[[], Any]) -> None:
        try:
            await self._ask(ask)
        except RotaError as error:
            self._say(error.sentence)
        else:
            self._say(f"{verb} {target}: done")
        await self.look()

    async def _ask(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._line, work)

    def _all(self) -> tuple[dict[str, Any], list[Any], list[dict[str, Any]]]:
        client, whose = self._client, [self._user] if self._user else []
        live = list(client.jobs(live=True, user=whose, limit=SHOWN))
        known = {job.id for job in live}
        recent = client.jobs(user=whose, limit=RECENT)
        jobs = [*live, *(job for job in recent if job.id not in known)]
        jobs.sort(key=lambda job: (NEARNESS.get(job.state, 0), -job.id))
        nodes = [node.raw for node in client.nodes()]
        return client.stat(), nodes, [job.raw for job in jobs]

    def _text_of(self, target: str | None) -> str:
        if target is None:
            return ""
        if self._views.get(target, {}).get("array"):
            return f"{target} is an array; rota log {target}[TASK] shows one of its tasks"
        try:
            with_log = self._client.log(int(target), stream="stdout", offset=-LOG_BYTES)
            data = b"".join(with_log)
        except RotaError as error:
            return error.sentence
        lines = data.decode(errors="replace").splitlines()
        return "\n".join(clean(line) for line in lines) or "nothing so far"

    def _chosen(self) -> str | None:
        table = self.query_one("#jobs", Table)
        if not table.row_count:
            return None
        key = table.coordinate_to_cell_key(table.cursor_coordinate).row_key.value
        return key if key in self._views else None

    def _show(self, pane: str) -> None:
        self.query_one("#panes", ContentSwitcher).current = pane
        self.query_one(f"#{pane}").focus()

    def _say(self, text: str) -> None:
        self._put("said", clean(text))

    def _put(self, id: str, text: str) -> None:
        """Show *text* in a line or in the log, unless it is what stands there."""
        if self._texts.get(id) != text:
            self._texts[id] = text
            # A line stays a line: only the log changes its height.
            self.query_one(f"#{id}", Static).update(text, layout=id == "text")


def _node_row(node: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    cells = (
        usage_bar(node["cores_used"], node["cores"]), str(node["name"]),
        f"{node['cores_used']}/{node['cores']}",
        used_of(node["memory_used"], node["memory"]), state_text(node),
    )  # fmt: skip
    return str(node["name"]), cells


def _fill(table: Table, rows: Rows) -> None:
    """Make *table* show *rows*, (key, cells), drawing again only what changed."""
    keys = [str(key.value) for key in table.rows]
    if keys != [key for key, _ in rows]:
        row = table.cursor_row
        chosen = keys[row] if row < len(keys) else None
        table.clear()
        for key, cells in rows:
            table.add_row(*(Text(clean(cell)) for cell in cells), key=key)
        places = {key: at for at, (key, _) in enumerate(rows)}
        table.move_cursor(row=places.get(chosen or "", row), animate=False)
        return
    columns = list(table.columns)
    for key, cells in rows:
        for column, old, cell in zip(columns, table.get_row(key), cells, strict=True):
            if old.plain != clean(cell):
                table.set_cell(key, column, Text(clean(cell)))

// Who used what in the last days: added up when somebody wants to know, portion by portion.

import { get } from "../api.js";
import { fill, grid, h, panel } from "../dom.js";
import { count, duration, plain } from "../words.js";

const DAYS = [7, 30, 90, 365];
const BY = ["user", "account", "queue", "label", "tag", "month"];

/** A panel with a question; the answer stays while the page is looked at. */
export class UsagePanel {
  constructor() {
    this.days = h("select", { "aria-label": "how far back" }, DAYS.map((n) =>
      h("option", { value: String(n), selected: n === 30 }, `the last ${n} days`)));
    this.by = h("select", { "aria-label": "added up by" }, BY.map((word) => h("option", { value: word }, `by ${word}`)));
    this.answer = h("div", { "aria-live": "polite" });
    const go = h("button", { type: "button", data: { verb: "usage" }, onclick: () => this.ask(go) }, "Add up");
    this.place = panel("Used", h("div", { class: "actions" }, this.days, this.by, go), this.answer);
  }

  async ask(go) {
    go.disabled = true;
    const by = this.by.value;
    const rows = new Map();
    try {
      for (let cursor = ""; cursor !== null;) {
        const portion = await get("/usage", { by, since: `${this.days.value}d`, cursor });
        for (const { key, sums } of portion.groups) join(rows, key[by], sums);
        cursor = portion.next;
        if (cursor) fill(this.answer, h("p", { class: "hint" }, `${count(total(rows, "attempts"))} attempts …`));
      }
      fill(this.answer, table(by, rows));
    } catch (error) {
      fill(this.answer, h("p", { class: "complaint" }, error.message));
    }
    go.disabled = false;
  }
}

function join(rows, name, sums) {
  const row = rows.get(name) || {};
  for (const [key, value] of Object.entries(sums)) {
    row[key] = key === "wait_max_s" ? Math.max(row[key] || 0, value) : (row[key] || 0) + value;
  }
  rows.set(name, row);
}

const total = (rows, key) => [...rows.values()].reduce((sum, row) => sum + (row[key] || 0), 0);

function table(by, rows) {
  const title = by[0].toUpperCase() + by.slice(1);
  const mean = (row, key) => (row.started ? duration(row[key] / row.started) : "");
  const part = (some, whole) => (whole ? `${Math.round((100 * (some || 0)) / whole)} %` : "");
  const ranked = [...rows].sort((a, b) => (by === "month" ? a[0].localeCompare(b[0]) : (b[1].core_s || 0) - (a[1].core_s || 0)));
  return grid([title, "#Attempts", "#Failed", "#Mean wait", "#Mean run", "#Core-hours", "#Of cores used", "#Of memory used"],
    ranked.map(([name, row]) => [plain(name), count(row.attempts), count(row.failed || 0), mean(row, "wait_s"), mean(row, "run_s"),
      ((row.core_s || 0) / 3600).toFixed(2), part(row.cpu_s, row.core_s), part(row.memory_byte_s, row.memory_asked_byte_s)]),
    "Nothing ended in that time.");
}

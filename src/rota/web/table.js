// A table of any length: only the rows one sees exist, and only those are asked for.
//
//   scroller ─┬─ head
//             └─ space, as tall as all rows ── the visible rows, each at its place
//
// Browsers end at some 30 million pixels: beyond that, rows share them and jumps get coarser.

import { fill, h, soon } from "./dom.js";
import { Ranges } from "./ranges.js";

const TALLEST = 30_000_000;
const AROUND = 12;
const KEPT = 4000;
const PAGE = 200;

/** See the head of the file; *load*(ids) gives jobs, *cells*(job) the cells of its row. */
export class Table {
  constructor({ columns, load, cells, open, marked, empty, label }) {
    Object.assign(this, { columns, load, cells, open, marked, empty });
    this.ranges = new Ranges();
    this.jobs = new Map();
    this.rows = new Map();
    this.chosen = new Set();
    this.at = 0;
    this.anchor = 0;
    this.wanted = new Set();
    this.space = h("div", { class: "space", role: "presentation" });
    this.nothing = h("p", { class: "empty", hidden: true }, empty);
    const head = h("div", { class: "row head", role: "row" }, h("span", { role: "columnheader" }),
      columns.map(([name, kind]) => h("span", { class: kind, role: "columnheader" }, name)));
    this.place = h("div", { class: "rows", role: "grid", tabIndex: 0, "aria-label": label,
      "aria-multiselectable": "true" }, head, this.space, this.nothing);
    this.place.addEventListener("scroll", () => this.draw(), { passive: true });
    this.place.addEventListener("keydown", (event) => this.key(event));
    this.place.addEventListener("click", (event) => this.click(event));
    this.watch = new ResizeObserver(() => this.draw());
    this.watch.observe(this.place);
    this.ask = soon(() => this.fetch(), 40);
  }

  /** Show the jobs of *ranges*; what is known of them stays. */
  show(ranges) {
    this.ranges = new Ranges(ranges);
    this.at = Math.min(this.at, Math.max(0, this.ranges.length - 1));
    this.nothing.hidden = this.ranges.length > 0;
    this.place.setAttribute("aria-rowcount", String(this.ranges.length + 1));
    for (const row of this.rows.values()) row.remove();
    this.rows.clear();
    this.draw();
  }

  /** Forget what *ids* were like; those in sight are asked for again. */
  stale(ids) {
    for (const id of ids) {
      const row = this.ranges.row(id);
      if (this.rows.has(row)) this.wanted.add(id);
      else this.jobs.delete(id);
    }
    if (this.wanted.size) this.ask();
  }

  /** The ids in sight whose job *test* holds for. */
  inSight(test) {
    const ids = [...this.rows.keys()].map((row) => this.ranges.at(row));
    return ids.filter((id) => this.jobs.has(id) && test(this.jobs.get(id)));
  }

  get height() {
    return matchMedia("(max-width: 720px)").matches ? 54 : 34;
  }

  draw() {
    const { height, ranges } = this;
    const all = Math.min(TALLEST, ranges.length * height);
    const scale = ranges.length * height > TALLEST ? (ranges.length * height) / all : 1;
    this.space.style.height = `${all}px`;
    const top = this.place.scrollTop * scale;
    const first = Math.max(0, Math.floor(top / height) - AROUND);
    const sight = Math.ceil(this.place.clientHeight / height) + 2 * AROUND;
    const last = Math.min(ranges.length, first + sight);
    for (const [row, element] of this.rows) {
      if (row < first || row >= last) {
        element.remove();
        this.rows.delete(row);
      }
    }
    const shift = this.place.scrollTop - top;
    for (let row = first; row < last; row += 1) {
      if (!this.rows.has(row)) this.add(row);
      this.rows.get(row).style.transform = `translateY(${row * height + shift}px)`;
    }
    if (this.wanted.size) this.ask();
  }

  add(row) {
    const id = this.ranges.at(row);
    const element = h("div", { class: "row", role: "row", id: `row-${id}`, data: { id },
      "aria-rowindex": String(row + 2) });
    this.rows.set(row, element);
    this.space.append(element);
    this.paint(element, id, row);
    if (!this.jobs.has(id)) this.wanted.add(id);
  }

  paint(element, id, row) {
    const job = this.jobs.get(id);
    const isChosen = this.chosen.has(id);
    element.classList.toggle("is-at", row === this.at);
    element.classList.toggle("is-chosen", isChosen);
    element.setAttribute("aria-selected", String(isChosen));
    const box = h("span", { class: "box", role: "gridcell" },
      h("input", { type: "checkbox", tabIndex: -1, checked: isChosen, "aria-label": `choose job ${id}` }));
    const cells = job ? this.cells(job) : [String(id), "…"];
    fill(element, box, cells.map((cell, at) =>
      h("span", { class: this.columns[at][1], role: "gridcell" }, cell)));
  }

  repaint() {
    for (const [row, element] of this.rows) this.paint(element, this.ranges.at(row), row);
  }

  async fetch() {
    const inSight = new Set([...this.rows.keys()].map((row) => this.ranges.at(row)));
    const ids = [...this.wanted].filter((id) => inSight.has(id)).slice(0, PAGE);
    this.wanted.clear();
    if (!ids.length) return;
    for (const job of await this.load(ids)) {
      this.jobs.delete(job.id);
      this.jobs.set(job.id, job);
      const row = this.ranges.row(job.id);
      if (this.rows.has(row)) this.paint(this.rows.get(row), job.id, row);
    }
    for (const id of this.jobs.keys()) {
      if (this.jobs.size <= KEPT) break;
      this.jobs.delete(id);
    }
  }

  click(event) {
    const element = event.target.closest(".row[data-id]");
    if (!element) return;
    const id = Number(element.dataset.id);
    const row = this.ranges.row(id);
    if (event.target.closest(".box")) {
      if (event.shiftKey) this.choose(this.anchor, row);
      else this.toggle(row);
    } else if (!String(getSelection())) this.open(id);
  }

  toggle(row) {
    const id = this.ranges.at(row);
    if (!this.chosen.delete(id)) this.chosen.add(id);
    this.anchor = row;
    this.moved(row);
    this.marked(this.chosen);
  }

  choose(from, to) {
    for (let row = Math.min(from, to); row <= Math.max(from, to); row += 1) {
      this.chosen.add(this.ranges.at(row));
    }
    this.moved(to);
    this.marked(this.chosen);
  }

  /** Choose nothing. */
  clear() {
    this.chosen.clear();
    this.repaint();
    this.marked(this.chosen);
  }

  moved(row) {
    this.at = Math.max(0, Math.min(this.ranges.length - 1, row));
    if (!this.ranges.length) return;
    const { height } = this;
    const head = this.place.firstChild.offsetHeight;
    const top = this.at * height;
    if (this.ranges.length * height <= TALLEST) {
      if (top < this.place.scrollTop) this.place.scrollTop = top;
      const under = top + height + head - this.place.clientHeight;
      if (under > this.place.scrollTop) this.place.scrollTop = under;
    }
    this.draw();
    this.repaint();
    this.place.setAttribute("aria-activedescendant", `row-${this.ranges.at(this.at)}`);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.ranges.length) return;
    const page = Math.max(1, Math.floor(this.place.clientHeight / this.height) - 2);
    const deeds = {
      ArrowDown: () => this.moved(this.at + 1),
      j: () => this.moved(this.at + 1),
      ArrowUp: () => this.moved(this.at - 1),
      k: () => this.moved(this.at - 1),
      PageDown: () => this.moved(this.at + page),
      PageUp: () => this.moved(this.at - page),
      Home: () => this.moved(0),
      End: () => this.moved(this.ranges.length - 1),
      Enter: () => this.open(this.ranges.at(this.at)),
      " ": () => this.toggle(this.at),
      x: () => this.toggle(this.at),
      Escape: () => this.clear(),
    };
    if (!deeds[event.key]) return;
    event.preventDefault();
    deeds[event.key]();
  }
}

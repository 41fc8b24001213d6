// What a job writes: followed, searched, kept to its last part.

import { address, follow, get } from "./api.js";
import { fill, h, soon } from "./dom.js";
import { plain } from "./words.js";

const TEXT_MAX = 512 * 1024;
const FIRST = 128 * 1024;
const MARKS = 2000;
const LIST_MS = 8000;
// The ways a terminal is coloured mean nothing here; what they hide must not stay hidden.
// eslint-disable-next-line no-control-regex
const ESCAPES = /\u001b\[[0-9;?]*[ -/]*[@-~]|\u001b[()][0-9A-Za-z]|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

/** A log with its tabs; *read*(job) shows another attempt, or the same one going on. */
export class Log {
  constructor() {
    this.stream = "stdout";
    this.key = "";
    this.text = "";
    this.reading = null;
    this.watched = [];
    this.listedAt = 0;
    this.pre = h("pre", { class: "log", tabIndex: 0, role: "log", "aria-label": "output" });
    this.tabs = h("div", { class: "tabs", role: "tablist", "aria-label": "streams" });
    this.find = h("input", { type: "search", placeholder: "find in output", "aria-label": "find in output" });
    this.find.addEventListener("input", soon(() => this.draw(), 150));
    this.find.addEventListener("keydown", (event) => event.key === "Enter" && this.next(event.shiftKey));
    this.told = h("small", { role: "status" });
    this.stick = h("input", { type: "checkbox", checked: true });
    this.wrap = h("input", { type: "checkbox", checked: true,
      onchange: () => this.pre.classList.toggle("is-wide", !this.wrap.checked) });
    this.raw = h("a", { class: "button", download: "" }, "save");
    this.place = h("div", { class: "logbox" },
      h("div", { class: "logbar" }, this.tabs, this.find, this.told, h("span", { class: "spacer" }),
        h("label", {}, this.stick, " follow"), h("label", {}, this.wrap, " wrap"), this.raw),
      this.pre);
    this.redraw = soon(() => this.draw(), 80);
  }

  /** Show the latest attempt of *job*; a new attempt or stream starts afresh. */
  read(job) {
    this.job = job;
    this.list();
    const began = job.attempt > 0 && !["queued", "held", "placed"].includes(job.state);
    this.drawTabs();
    const key = `${job.id}/${job.task}/${job.attempt}/${this.stream}/${began}`;
    if (key === this.key) return;
    this.key = key;
    this.stop();
    this.text = "";
    this.draw();
    if (!began) {
      this.pre.textContent = "It has not started.";
      return;
    }
    const query = { task: job.task, attempt: job.attempt, stream: this.stream };
    this.raw.href = address(`/jobs/${job.id}/log`, query);
    this.raw.download = `rota-${job.id}${job.task === null ? "" : `.${job.task}`}.${this.stream}.txt`;
    this.reading = new AbortController();
    const decoder = new TextDecoder();
    const take = (bytes) => this.append(decoder.decode(bytes, { stream: true }));
    follow(`/jobs/${job.id}/log`, { ...query, offset: -FIRST, follow: 1 }, take, this.reading.signal)
      .then(() => this.text || this.append(""))
      .catch((error) => error.name === "AbortError" || this.append(`\n[${error.message}]`));
  }

  // Files that the job named in monitor come and go while it runs.
  async list() {
    const { job } = this;
    if (!job.spec?.monitor?.length || !job.attempt || Date.now() - this.listedAt < LIST_MS) return;
    this.listedAt = Date.now();
    const query = { task: job.task, attempt: job.attempt, stream: "files" };
    const files = await get(`/jobs/${job.id}/log`, query).catch(() => []);
    this.watched = Array.isArray(files) ? files.map((file) => file.name) : [];
    this.drawTabs();
  }

  /** Read no more. */
  stop() {
    this.reading?.abort();
    this.reading = null;
  }

  append(text) {
    this.text = (this.text + text.replace(ESCAPES, "")).slice(-TEXT_MAX);
    this.redraw();
  }

  draw() {
    const { scrollTop } = this.pre;
    const sought = this.find.value;
    const shown = this.text || (this.reading ? (this.job.ended_at ? "(it wrote nothing)" : "(nothing yet)") : "");
    if (!sought) {
      this.pre.textContent = shown;
      this.told.textContent = "";
    } else this.mark(shown, sought);
    this.pre.scrollTop = this.stick.checked && !sought ? this.pre.scrollHeight : scrollTop;
  }

  mark(text, sought) {
    const parts = [];
    const low = text.toLowerCase();
    const word = sought.toLowerCase();
    let from = 0;
    let found = low.indexOf(word);
    let n = 0;
    while (found >= 0 && n < MARKS) {
      parts.push(text.slice(from, found), h("mark", {}, text.slice(found, found + word.length)));
      from = found + word.length;
      found = low.indexOf(word, from);
      n += 1;
    }
    fill(this.pre, parts, text.slice(from));
    this.told.textContent = `${n}${n === MARKS ? "+" : ""} found`;
    this.current = -1;
    if (n) this.next(false);
  }

  next(isBack) {
    const marks = this.pre.querySelectorAll("mark");
    if (!marks.length) return;
    marks[this.current]?.classList.remove("is-at");
    this.current = (this.current + (isBack ? -1 : 1) + marks.length) % marks.length;
    marks[this.current].classList.add("is-at");
    marks[this.current].scrollIntoView({ block: "nearest" });
  }

  drawTabs() {
    const spec = this.job.spec || {};
    const isStaged = spec.inputs?.length || spec.outputs?.length || spec.tree || spec.expect?.length;
    const streams = ["stdout", "stderr", ...(isStaged ? ["stages"] : []), ...this.watched.map((name) => `file:${name}`)];
    fill(this.tabs, streams.map((stream) =>
      h("button", { type: "button", role: "tab", "aria-selected": String(stream === this.stream),
        onclick: () => {
          this.stream = stream;
          this.read(this.job);
        } }, plain(stream.replace(/^file:/, "")))));
  }
}

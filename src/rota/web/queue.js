// The table of jobs: a bounded page of them, each row redrawn when its job has changed.

import { bar, duration, fill, h, pill, splitBar } from "./dom.js";

const LIVE = new Set(["running", "placed", "suspended"]);

/** Rows by job; the table never holds more than it was told to show. */
export class Queue {
  constructor({ body, empty, shown, choose }) {
    this.body = body;
    this.empty = empty;
    this.shown = shown;
    this.choose = choose;
    this.jobs = new Map();
    this.chosen = null;
  }

  /** Show exactly *jobs*, newest first. */
  show(jobs, { more }) {
    this.jobs = new Map(jobs.map((job) => [job.id, job]));
    fill(this.body, jobs.map((job) => this.row(job)));
    this.empty.hidden = jobs.length > 0;
    this.shown.textContent = jobs.length ? `${jobs.length}${more ? "+" : ""} shown` : "";
  }

  /** Redraw one job, if it is shown. */
  update(job) {
    const old = this.body.querySelector(`tr[data-id="${job.id}"]`);
    if (!old) return false;
    this.jobs.set(job.id, job);
    old.replaceWith(this.row(job));
    return true;
  }

  /** Mark the row of *id*. */
  mark(id) {
    this.chosen = id;
    for (const row of this.body.rows) row.classList.toggle("is-chosen", Number(row.dataset.id) === id);
  }

  row(job) {
    const open = () => this.choose(job.id);
    return h(
      "tr",
      {
        data: { id: job.id },
        class: job.id === this.chosen ? "is-chosen" : "",
        tabIndex: 0,
        onclick: open,
        onkeydown: (event) => event.key === "Enter" && open(),
      },
      h("td", { class: "num" }, String(job.id)),
      h("td", { class: "text", title: job.name }, job.name),
      h("td", {}, job.user),
      h("td", {}, pill(job.state), job.flags.map((flag) => h("small", {}, ` ${flag}`))),
      h("td", {}, progress(job)),
      h("td", { class: "num" }, time(job)),
      h("td", { class: "text why", title: where(job) }, where(job)),
    );
  }
}

/** How far a job is, as a bar and in numbers. */
export function progress(job) {
  if (job.array) {
    const { counts, tasks } = job.array;
    const ended = (counts.done || 0) + (counts.failed || 0) + (counts.cancelled || 0);
    return h("div", { class: "progress" }, splitBar(counts), h("small", {}, `${ended}/${tasks}`));
  }
  if (!job.progress) return "";
  const { percent, done, total } = job.progress;
  const told = total ? `${done}/${total}` : String(done);
  return h("div", { class: "progress" }, bar((percent || 0) / 100), h("small", {}, told));
}

function time(job) {
  if (!job.started_at) return "";
  const end = job.ended_at ? Date.parse(job.ended_at) : Date.now();
  return duration((end - Date.parse(job.started_at)) / 1000);
}

function where(job) {
  if (LIVE.has(job.state)) return job.nodes.map((node) => node.host).join(", ");
  if (job.state === "done") return "";
  return job.reason ? job.reason.text : "";
}

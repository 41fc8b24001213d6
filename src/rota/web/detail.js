// One job: what it asked for, how it went, what it writes, and what may be done about it.

import { ask, follow, get } from "./api.js";
import { duration, fill, h, pill, size } from "./dom.js";
import { progress } from "./queue.js";

const TEXT_MAX = 64 * 1024;
const TASKS_SHOWN = 400;
const VERBS = {
  queued: ["hold", "kill"],
  held: ["release", "kill"],
  placed: ["kill"],
  running: ["kill"],
  suspended: ["kill"],
  done: ["rerun"],
  failed: ["rerun"],
  cancelled: ["rerun"],
};

/** The panel beside the table; it shows one job at a time, or nothing. */
export class Detail {
  constructor({ place, close }) {
    this.place = place;
    this.close = close;
    this.id = null;
    this.reset();
  }

  reset() {
    this.task = null;
    this.stream = "stdout";
    this.reading?.abort();
    this.reading = null;
    this.read = "";
    this.head = h("div");
    this.tasks = h("div", { class: "tasks" });
    this.log = h("pre", { tabIndex: 0, "aria-label": "output" });
    this.tabs = h("div", { class: "tabs" });
    this.complaint = h("p", { class: "complaint", role: "alert" });
  }

  /** Show job *id*; null shows none. */
  async show(id) {
    this.id = id;
    this.reset();
    this.place.hidden = id === null;
    if (id === null) return;
    const output = h("h4", {}, "Output");
    fill(this.place, this.head, this.complaint, this.tasks, output, this.tabs, this.log);
    await this.refresh();
  }

  /** Ask for the job again and redraw it. */
  async refresh() {
    const id = this.id;
    if (id === null) return;
    try {
      const job = await get(`/jobs/${id}`);
      if (id !== this.id) return;
      await this.draw(job);
    } catch (error) {
      this.complaint.textContent = error.message;
    }
  }

  async draw(job) {
    let shown = job;
    if (job.array) {
      await this.drawTasks(job);
      if (this.task !== null) shown = await get(`/jobs/${job.id}/tasks/${this.task}`);
    }
    fill(this.head, this.title(job, shown), this.actions(shown), progress(job), this.facts(shown));
    if (!job.array || this.task !== null) this.readLog(shown);
  }

  title(job, shown) {
    const name = shown.task === null ? String(job.id) : `${job.id}[${shown.task}]`;
    const close = h("button", { class: "close", onclick: this.close, title: "close" }, "×");
    return h("h2", {}, pill(shown.state), h("span", { class: "name" }, `${name} ${job.name}`), close);
  }

  actions(job) {
    const target = job.task === null ? String(job.id) : `${job.id}[${job.task}]`;
    const buttons = (VERBS[job.state] || []).map((verb) => {
      const act = async (event) => {
        event.target.disabled = true;
        this.complaint.textContent = "";
        try {
          await ask(verb, target);
        } catch (error) {
          this.complaint.textContent = error.message;
        }
        await this.refresh();
      };
      return h("button", { class: verb === "kill" ? "danger" : "", onclick: act }, verb);
    });
    return h("div", { class: "actions" }, buttons);
  }

  facts(job) {
    const request = job.request;
    const spec = job.spec || {};
    const what = spec.argv ? spec.argv.join(" ") : spec.command || spec.script || "";
    const asked = [`${request.cores} core${request.cores === 1 ? "" : "s"}`];
    if (request.memory) asked.push(size(request.memory));
    if (request.gpus) asked.push(`${request.gpus} gpu`);
    if (request.time !== null) asked.push(`at most ${duration(request.time)}`);
    const rows = [
      ["why", job.reason ? job.reason.text : ""],
      ["runs", what ? h("code", {}, what.slice(0, 2000)) : ""],
      ["in", spec.cwd || ""],
      ["asks for", asked.join(", ")],
      ["on", job.nodes.map((node) => `${node.host} (${node.cores.join(",")})`).join(" ")],
      ["user", [job.user, job.account].filter(Boolean).join(" / ")],
      ["queue", `${job.queue}, priority ${job.priority}`],
      ["submitted", local(job.submitted_at)],
      ["started", local(job.started_at)],
      ["ended", local(job.ended_at)],
      ["attempts", attempts(job)],
      ["used", used(job.usage)],
      ["after", job.after.join(", ")],
      ["tags", job.tags.join(", ")],
      ["note", job.info],
    ];
    const given = rows.filter(([, value]) => value !== "" && value !== null);
    return h("dl", {}, given.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
  }

  async drawTasks(job) {
    const page = await get(`/jobs/${job.id}/tasks`, { limit: TASKS_SHOWN });
    const squares = page.tasks.map((task) =>
      h("button", {
        class: task.state,
        title: `${job.id}[${task.task}] ${task.state}`,
        "aria-pressed": String(task.task === this.task),
        onclick: () => this.choose(task.task),
      }),
    );
    fill(this.tasks, squares, page.next ? h("small", {}, "…") : null);
    if (this.task === null) this.log.textContent = "Choose a task to see what it writes.";
  }

  choose(task) {
    this.task = this.task === task ? null : task;
    this.read = "";
    this.refresh();
  }

  /** Follow the output of the latest attempt; a new attempt or stream starts afresh. */
  readLog(job) {
    const began = job.attempt > 0 && !["queued", "held", "placed"].includes(job.state);
    const wanted = `${job.id}/${job.task}/${job.attempt}/${this.stream}/${began}`;
    this.drawTabs(job);
    if (wanted === this.read) return;
    this.read = wanted;
    this.reading?.abort();
    this.log.textContent = "";
    if (!began) return;
    this.reading = new AbortController();
    const decoder = new TextDecoder();
    const query = { task: job.task, attempt: job.attempt, stream: this.stream, offset: -TEXT_MAX, follow: 1 };
    const take = (bytes) => this.append(decoder.decode(bytes, { stream: true }));
    follow(`/jobs/${job.id}/log`, query, take, this.reading.signal).catch((error) => {
      if (error.name !== "AbortError") this.append(`\n[${error.message}]`);
    });
  }

  append(text) {
    const { scrollTop, scrollHeight, clientHeight } = this.log;
    const atEnd = scrollTop + clientHeight >= scrollHeight - 20;
    this.log.textContent = (this.log.textContent + text).slice(-TEXT_MAX);
    if (atEnd) this.log.scrollTop = this.log.scrollHeight;
  }

  drawTabs(job) {
    const tab = (stream) =>
      h(
        "button",
        {
          "aria-selected": String(stream === this.stream),
          onclick: () => {
            this.stream = stream;
            this.readLog(job);
          },
        },
        stream,
      );
    fill(this.tabs, tab("stdout"), tab("stderr"));
  }
}

function local(instant) {
  return instant ? new Date(instant).toLocaleString() : "";
}

function attempts(job) {
  const told = job.attempts.map((one) => `#${one.n} ${one.node}${one.reason ? `: ${one.reason.text}` : ""}`);
  return told.slice(-5).join("; ");
}

function used(usage) {
  const told = [];
  if (usage.cpu_s !== undefined) told.push(`${duration(usage.cpu_s)} cpu`);
  if (usage.max_rss) told.push(`${size(usage.max_rss)} at most`);
  return told.join(", ");
}

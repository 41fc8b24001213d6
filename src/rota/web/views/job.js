// One job, or one task of an array: how it goes, why it waits, what it writes and uses.

import { ask, get } from "../api.js";
import { fill, h, panel, soon, turns } from "../dom.js";
import { act, label, progress, ran, state, VERBS } from "../jobs.js";
import { Log } from "../log.js";
import { complain, confirm, toast } from "../say.js";
import { exactSize, exactTime, plain } from "../words.js";
import { ErrorPanel } from "./job-errors.js";
import { asked, environment, historyTable, lifeline, story } from "./job-facts.js";
import { FilesPanel } from "./job-files.js";
import { TaskMap } from "./job-tasks.js";
import { UsePanel } from "./job-use.js";
import { whyPanel } from "./job-why.js";

const ENDED = new Set(["done", "failed", "cancelled"]);
const HISTORY = 200;

/** The page at #/jobs/12 and #/jobs/12/7. */
export class JobPage {
  constructor(_, id, task) {
    this.id = Number(id);
    this.task = task === null ? null : Number(task);
    this.log = new Log();
    this.use = new UsePanel();
    this.errors = new ErrorPanel(this.id);
    this.files = new FilesPanel();
    this.environment = environment(this.id);
    this.tasks = new TaskMap({ job: this.id, task: this.task });
    this.turn = turns();
    this.again = soon(() => this.refresh(), 250);
  }

  mount(place) {
    this.title = h("div", { class: "title" });
    this.life = h("div");
    this.why = h("div");
    this.facts = h("div");
    this.past = h("div");
    fill(place, h("div", { class: "page job" }, this.title, this.life, h("div", { class: "columns" },
      h("div", {}, this.why, this.tasks.place, this.errors.place, panel("Output", this.log.place), this.use.place, this.files.place),
      h("div", {}, this.facts, this.past))));
    this.timer = setInterval(() => document.hidden || this.tick(), 2000);
    this.refresh();
  }

  unmount() {
    clearInterval(this.timer);
    this.log.stop();
    this.use.stop();
  }

  changed(summary) {
    if (summary.id === this.id) this.again();
  }

  tick() {
    if (this.job && !ENDED.has(this.job.state)) this.refresh();
  }

  async refresh() {
    const isLast = this.turn();
    try {
      const whole = await get(`/jobs/${this.id}`);
      const job = this.task === null ? whole : await get(`/jobs/${this.id}/tasks/${this.task}`);
      const rest = this.task === null && whole.array ? null : { task: this.task };
      const [why, past] = await Promise.all([
        ENDED.has(job.state) ? null : get(`/jobs/${this.id}/why`, { task: this.task }),
        get(`/jobs/${this.id}/history`, { task: this.task, limit: HISTORY }),
      ]);
      if (!isLast()) return;
      this.job = job;
      this.draw(job, whole, { why, past });
      if (rest) {
        this.log.read(job);
        await Promise.all([this.use.read(job), this.files.draw(job)]);
      }
      if (this.task === null) await this.errors.draw(whole);
    } catch (error) {
      fill(this.title, h("p", { class: "notice" }, error.message));
    }
  }

  draw(job, whole, { why, past }) {
    document.title = `${label(job)} ${plain(job.name)} · Rota`;
    const up = this.task === null ? null : h("a", { href: `#/jobs/${this.id}` }, `all of ${this.id}`);
    fill(this.title, h("h1", {}, state(job), " ", label(job), " ", h("span", { class: "name" }, plain(job.name))),
      up, h("span", { class: "spacer" }), this.actions(job));
    fill(this.life, job.progress || job.array ? progress(job) : null, lifeline(job));
    fill(this.why, why ? whyPanel(why, (edit) => this.edit(edit)) : null);
    this.tasks.draw(whole);
    this.log.place.closest("section").hidden = Boolean(whole.array) && this.task === null;
    fill(this.facts, panel("About", story(job, ran(job))), panel("Asked for and used", asked(job)), job.spec ? this.environment : null);
    fill(this.past, panel("History", historyTable(past)));
  }

  actions(job) {
    const target = label(job);
    const can = VERBS[job.state] || [];
    const deed = (verb) => h("button", { type: "button", class: verb === "kill" ? "danger" : "",
      data: { verb }, onclick: () => act(verb, [target]).then((done) => done && this.refresh()) }, verb);
    const edit = ["queued", "held"].includes(job.state) && this.task === null
      ? h("button", { type: "button", data: { verb: "edit" }, onclick: () => this.change(job) }, "edit") : null;
    const again = h("a", { class: "button", href: `#/submit?from=${job.id}` }, "submit again");
    return h("div", { class: "actions" }, can.map(deed), edit, job.spec ? again : null);
  }

  // A few keys by hand; whatever a job file can say may be typed as key: value.
  async change(job) {
    const { request } = job;
    const box = h("textarea", { rows: 6, spellcheck: false, "aria-label": "what to change" });
    box.value = [`priority: ${job.priority}`, `cores: ${request.cores}`, `queue: ${job.queue}`,
      request.time ? `time: ${exactTime(request.time)}` : "# time: 2h", request.memory ? `memory: ${exactSize(request.memory)}` : "# memory: 4GB",
    ].join("\n");
    const told = h("p", { class: "hint" }, "One key a line, as in a job file; lines with # change nothing.");
    if (!(await confirm(`Change job ${job.id}`, { does: "change", more: [told, box] }))) return;
    const set = {};
    for (const line of box.value.split("\n")) {
      const [, key, value] = /^\s*([a-z_]+)\s*:\s*(.+?)\s*$/.exec(line) || [];
      if (key) set[key] = /^-?\d+$/.test(value) ? Number(value) : value;
    }
    await this.edit({ set, text: "changed" }, true);
  }

  async edit(edit, isSure = false) {
    const sure = isSure || (await confirm(`Change job ${this.id}: ${edit.text}?`, { does: "change" }));
    if (!sure) return;
    try {
      await ask("edit", [String(this.id)], { set: edit.set });
      toast(`job ${this.id} changed`);
      await this.refresh();
    } catch (error) {
      complain(error);
    }
  }
}

// The tasks of an array as a map of squares, a page at a time, filtered by state.

import { get } from "../api.js";
import { fill, h, panel } from "../dom.js";
import { count } from "../words.js";

const PAGE = 600;

/** Squares, each a link to its task. */
export class TaskMap {
  constructor({ job, task }) {
    Object.assign(this, { job, task, state: "", cursor: "", before: [] });
    this.squares = h("div", { class: "tasks" });
    this.filter = h("div", { class: "tabs", role: "tablist", "aria-label": "tasks by state" });
    this.pages = h("div", { class: "actions" });
    this.place = h("div", { hidden: true }, panel("Tasks", this.filter, this.squares, this.pages));
  }

  /** Draw the tasks of *job*, when it is an array. */
  async draw(job) {
    this.place.hidden = !job.array;
    if (!job.array) return;
    const states = ["", ...Object.keys(job.array.counts)];
    fill(this.filter, states.map((name) => h("button", { type: "button", role: "tab",
      "aria-selected": String(name === this.state), onclick: () => this.only(name, job) },
    name ? `${count(job.array.counts[name])} ${name}` : `${count(job.array.tasks)} tasks`)));
    const page = await get(`/jobs/${this.job}/tasks`, { state: this.state, limit: PAGE, cursor: this.cursor });
    fill(this.squares, page.tasks.map((task) => h("a", {
      class: task.state,
      href: `#/jobs/${this.job}/${task.task}`,
      title: `${task.task} ${task.state}${task.reason ? `: ${task.reason.text}` : ""}`,
      "aria-label": `task ${task.task} ${task.state}`,
      "aria-current": task.task === this.task ? "true" : null,
    })));
    const turn = (name, cursor) => h("button", { type: "button", onclick: () => {
      if (name === "next") this.before.push(this.cursor);
      this.cursor = cursor;
      this.draw(job);
    } }, name);
    fill(this.pages, this.cursor ? turn("previous", this.before.pop() || "") : null,
      page.next ? turn("next", page.next) : null);
  }

  only(state, job) {
    Object.assign(this, { state, cursor: "", before: [] });
    this.draw(job);
  }
}

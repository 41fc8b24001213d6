// The queue: every job there is, filtered, grouped, chosen and acted on.

import { get } from "../api.js";
import { fill, grid, h, pill, soon, splitBar, turns } from "../dom.js";
import { act, progress, ran, state, VERBS, where } from "../jobs.js";
import { parse, withWord } from "../search.js";
import { Table } from "../table.js";
import { count, plain, plural, when } from "../words.js";

const SHOWS = {
  live: { live: 1 },
  waiting: { state: "queued,held" },
  running: { state: "running,placed,suspended" },
  failed: { failed: 1 },
  done: { state: "done" },
  all: {},
};
const GROUPS = ["", "user", "state", "queue", "name"];
const COLUMNS = [
  ["Job", "num"], ["Name", "name"], ["User", "user"], ["State", "state"], ["Progress", "how"],
  ["Time", "num time"], ["Submitted", "num date"], ["Where or why", "why"],
];
const BATCH_MS = 300;
const REST = 10; // asking which jobs there are takes at most one part in so many of the time

/** The page at #/ ; *params* are its filters. */
export class QueuePage {
  constructor(params) {
    this.show = params.get("show") in SHOWS ? params.get("show") : "live";
    this.by = GROUPS.includes(params.get("by")) ? params.get("by") : "";
    this.text = params.get("q") || "";
    this.changedIds = new Set();
    this.cost = 0;
    this.loaded = 0;
    this.turn = turns();
    this.table = new Table({
      columns: COLUMNS,
      label: "jobs",
      empty: "Nothing here. Try “rota submit -- hostname”, or another filter.",
      load: async (ids) => (await get("/jobs", { ids, limit: ids.length })).jobs,
      open: (id) => { location.hash = `#/jobs/${id}`; },
      marked: (chosen) => this.drawBulk(chosen),
      cells: (job) => [String(job.id), plain(job.name), job.user, state(job), progress(job), ran(job),
        when(job.submitted_at), where(job)],
    });
  }

  mount(place) {
    this.box = h("input", { type: "search", id: "find", value: this.text, spellcheck: false,
      autocomplete: "off", "aria-label": "filter jobs",
      placeholder: "name or id, user:ada state:failed tag:paper queue:long since:2h" });
    this.box.addEventListener("input", soon(() => this.typed(), 200));
    this.shown = h("span", { class: "shown", role: "status" });
    this.bulk = h("div", { class: "bulk", hidden: true });
    this.groups = h("div", { class: "groups" });
    this.tabs = h("div", { class: "tabs", role: "tablist", "aria-label": "which jobs" });
    const by = h("select", { "aria-label": "group by", onchange: () => this.go({ by: by.value }) },
      GROUPS.map((name) => h("option", { value: name, selected: name === this.by }, name || "no groups")));
    fill(place, h("div", { class: "page queue" },
      h("form", { class: "filters", onsubmit: (event) => event.preventDefault() },
        this.tabs, this.box, by, this.shown),
      this.bulk, this.by ? this.groups : this.table.place));
    this.drawTabs();
    this.timer = setInterval(() => document.hidden || this.tick(), 1000);
    this.load();
  }

  unmount() {
    clearInterval(this.timer);
    clearTimeout(this.soon);
    clearTimeout(this.again);
    this.table.watch.disconnect();
  }

  /** The focus of the page's own keys. */
  focus() {
    this.table.place.focus({ preventScroll: true });
  }

  keys(event) {
    if (event.key !== "/") return false;
    this.box.focus();
    return true;
  }

  typed() {
    this.text = this.box.value.trim();
    history.replaceState(null, "", this.link({}));
    this.load();
  }

  go(change) {
    location.hash = this.link(change);
  }

  link(change) {
    const now = { show: this.show, by: this.by, q: this.text, ...change };
    const told = Object.entries(now).filter(([key, v]) => v && !(key === "show" && v === "live"));
    return `#/${told.length ? `?${new URLSearchParams(told)}` : ""}`;
  }

  query() {
    const { query, wrong } = parse(this.text);
    this.wrong = wrong;
    return { ...SHOWS[this.show], ...query };
  }

  async load() {
    const began = performance.now();
    const isLast = this.turn();
    try {
      if (this.by) await this.loadGroups(isLast);
      else {
        const found = await get("/jobs/ranges", this.query());
        if (!isLast()) return;
        this.table.show(found.ranges);
        const hint = this.wrong.length ? ` · not understood: ${this.wrong.join(" ")}` : "";
        this.shown.textContent = plural(found.jobs, "job") + hint;
      }
    } catch (error) {
      this.shown.textContent = error.message;
    }
    this.loaded = performance.now();
    this.cost = this.loaded - began;
  }

  async loadGroups(isLast) {
    const { groups } = await get("/jobs/groups", { ...this.query(), by: this.by });
    if (!isLast()) return;
    const rows = groups.map((one) => [
      h("a", { href: this.open(one.key) }, plain(one.key) || "(none)"), count(one.jobs),
      splitBar(one.states), Object.entries(one.states).map(([name, n]) => [pill(name, n), " "]),
    ]);
    fill(this.groups, grid([this.by, "#jobs", "", "states of jobs"], rows, "No job is so."));
    this.shown.textContent = plural(groups.length, "group");
  }

  open(key) {
    if (this.by === "name") return this.link({ by: "", q: withWord(this.text, "name", key) });
    return this.link({ by: "", q: withWord(this.text, this.by, key) });
  }

  drawTabs() {
    fill(this.tabs, Object.keys(SHOWS).map((name) =>
      h("button", { type: "button", role: "tab", data: { show: name },
        "aria-selected": String(name === this.show), onclick: () => this.go({ show: name }) }, name)));
  }

  drawBulk(chosen) {
    this.bulk.hidden = !chosen.size;
    const verbs = ["hold", "release", "rerun", "kill"];
    const able = (verb) => [...chosen].filter((id) => {
      const job = this.table.jobs.get(id);
      return !job || (VERBS[job.state] || []).includes(verb);
    });
    fill(this.bulk, h("strong", {}, `${plural(chosen.size, "job")} chosen`), verbs.map((verb) => {
      const ids = able(verb);
      return h("button", { type: "button", class: verb === "kill" ? "danger" : "", disabled: !ids.length,
        onclick: () => act(verb, ids).then((done) => done && this.table.clear()) },
        ids.length < chosen.size && ids.length ? `${verb} ${ids.length}` : verb);
    }), h("button", { type: "button", class: "quiet", onclick: () => this.table.clear() }, "choose none"));
  }

  /** A job changed: those in sight are asked for again, and the list when it may be another. */
  changed(summary) {
    this.changedIds.add(summary.id);
    this.soon ||= setTimeout(() => {
      this.soon = null;
      const ids = [...this.changedIds];
      this.changedIds.clear();
      this.table.stale(ids);
      const mayMove = this.show !== "all" || this.by || ids.some((id) => this.table.ranges.row(id) < 0);
      // Rows in sight follow at once; which rows there are costs more, with many jobs.
      if (mayMove) this.again ||= setTimeout(() => {
        this.again = null;
        this.load();
      }, Math.max(0, this.loaded + REST * this.cost - performance.now()));
    }, BATCH_MS);
  }

  // Times and progress of what runs move on without anything having happened.
  tick() {
    this.table.stale(this.table.inSight((job) => job.state === "running").slice(0, 60));
  }
}


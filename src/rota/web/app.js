// The page: asks once, then listens; redraws what changed, at most a few times a second.

import { get, listen } from "./api.js";
import { Detail } from "./detail.js";
import { fill, h, pill, soon } from "./dom.js";
import { showNodes } from "./nodes.js";
import { Queue } from "./queue.js";

const PAGE = 100;
const ROWS_MAX = 1000;
const REFRESH_MS = 400;
const NODES_MS = 2000;

const at = (id) => document.getElementById(id);
const state = { show: "live", limit: PAGE, changed: new Set() };

const queue = new Queue({
  body: at("jobs"),
  empty: at("empty"),
  shown: at("shown"),
  choose: (id) => {
    location.hash = `#/jobs/${id}`;
  },
});
const detail = new Detail({
  place: at("detail"),
  close: () => {
    location.hash = "#/";
  },
});

function query() {
  return {
    limit: state.limit,
    live: state.show === "live" ? 1 : "",
    failed: state.show === "failed" ? 1 : "",
    name: at("name").value.trim(),
    user: at("user").value.trim(),
  };
}

async function loadQueue() {
  const page = await get("/jobs", query());
  queue.show(page.jobs, { more: page.next !== null });
  queue.mark(detail.id);
  at("more").hidden = page.next === null || state.limit >= ROWS_MAX;
  return page;
}

async function loadAround() {
  const [stat, nodes] = await Promise.all([get("/stat"), get("/nodes")]);
  fill(at("counts"), Object.entries(stat.counts).map(([name, count]) => pill(name, count)));
  showNodes(at("nodes"), nodes.nodes);
}

// Jobs that changed are asked for together; one that is new to the table reloads it.
const refresh = soon(async () => {
  const ids = [...state.changed];
  state.changed.clear();
  try {
    const unknown = ids.some((id) => !queue.jobs.has(id));
    const ending = state.show === "live";
    if (unknown || ending || ids.length > PAGE) await loadQueue();
    else for (const job of (await get("/jobs", { ids, limit: PAGE })).jobs) queue.update(job);
    if (ids.includes(detail.id)) await detail.refresh();
  } catch (error) {
    say("is-lost", error.message);
  }
}, REFRESH_MS);

const around = soon(() => loadAround().catch((error) => say("is-lost", error.message)), NODES_MS);

function changed(summary) {
  state.changed.add(summary.id);
  refresh();
  around();
}

function say(kind, text) {
  at("link").className = `link ${kind}`;
  at("link").textContent = text;
}

function route() {
  const found = /^#\/jobs\/(\d+)$/.exec(location.hash);
  const id = found ? Number(found[1]) : null;
  document.querySelector("main").classList.toggle("has-detail", id !== null);
  queue.mark(id);
  if (id !== detail.id) detail.show(id);
}

function choose(show) {
  state.show = show;
  state.limit = PAGE;
  for (const tab of document.querySelectorAll("[data-show]")) {
    tab.setAttribute("aria-selected", String(tab.dataset.show === show));
  }
  loadQueue().catch((error) => say("is-lost", error.message));
}

function wire() {
  for (const tab of document.querySelectorAll("[data-show]")) {
    tab.addEventListener("click", () => choose(tab.dataset.show));
  }
  at("filters").addEventListener("submit", (event) => event.preventDefault());
  at("filters").addEventListener("input", soon(() => choose(state.show), 200));
  at("more").addEventListener("click", () => {
    state.limit = Math.min(ROWS_MAX, state.limit + PAGE);
    loadQueue();
  });
  window.addEventListener("hashchange", route);
  window.addEventListener("keydown", (event) => {
    if (event.key === "Escape") location.hash = "#/";
  });
  setInterval(() => document.hidden || tick(), 1000);
}

// Times and progress of what runs move on without anything having happened.
async function tick() {
  const running = [...queue.jobs.values()].filter((job) => job.state === "running");
  const ids = running.slice(0, PAGE).map((job) => job.id);
  if (!ids.length) return;
  const page = await get("/jobs", { ids, limit: PAGE }).catch(() => null);
  for (const job of page ? page.jobs : []) queue.update(job);
}

async function start() {
  wire();
  try {
    const server = await get("");
    at("server").textContent = `${server.user} · ${server.version}`;
    const { seq } = await loadQueue();
    await loadAround();
    const live = () => say("is-live", "live");
    const lost = () => say("is-lost", "no word from the server");
    listen(seq, { changed, live, lost });
    choose(state.show);
    route();
  } catch (error) {
    if (error.status === 401) needToken();
    else say("is-lost", error.message);
  }
}

function needToken() {
  const told = "This page is for whoever has the token: open the address that “rota up” printed.";
  fill(document.querySelector("main"), h("p", { class: "notice" }, told));
  say("is-lost", "no token");
}

start();

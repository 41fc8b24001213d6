// The page: one address for each thing to see, one stream of what changes.
//
//   #/?show=failed&q=user:ada   #/jobs/12   #/jobs/12/7   #/nodes   #/submit   …
//        ╰─ a view: mount(place), changed(summary), unmount()

import { get, listen } from "./api.js";
import { fill, h, pill, soon } from "./dom.js";
import { JobPage } from "./views/job.js";
import { LicencesPage } from "./views/licences.js";
import { NodesPage } from "./views/nodes.js";
import { TimelinePage } from "./views/timeline.js";
import { WhatIfPage } from "./views/what-if.js";
import { PoolsPage } from "./views/pools.js";
import { QueuePage } from "./views/queue.js";
import { SharesPage } from "./views/shares.js";
import { SubmitPage } from "./views/submit.js";

const PAGES = [
  // [pattern, view, name in the navigation, its key after g]
  [/^\/$/, QueuePage, "Queue", "q"],
  [/^\/jobs\/(\d+)(?:\/(\d+))?$/, JobPage],
  [/^\/nodes(?:\/(.+))?$/, NodesPage, "Nodes", "n"],
  [/^\/pools$/, PoolsPage, "Pools", "o"],
  [/^\/timeline$/, TimelinePage, "Timeline", "t"],
  [/^\/licences$/, LicencesPage, "Licences", "l"],
  [/^\/shares$/, SharesPage, "Shares", "u"],
  [/^\/submit$/, SubmitPage, "Submit", "s"],
  [/^\/what-if$/, WhatIfPage, "What if", "w"],
];
const AROUND_MS = 1000;
const THEMES = ["light dark", "dark", "light"];

const address = (name) => (name === "Queue" ? "#/" : `#/${name.toLowerCase().replace(" ", "-")}`);
const at = (id) => document.getElementById(id);
let view = null;
let path = null;

function route() {
  const [where, query = ""] = (location.hash.slice(1) || "/").split("?");
  for (const [pattern, View, name] of PAGES) {
    const found = pattern.exec(where);
    if (!found) continue;
    const parts = found.slice(1).map((part) => (part === undefined ? null : decodeURIComponent(part)));
    const next = new View(new URLSearchParams(query), ...parts);
    view?.unmount?.();
    view = next;
    if (path !== where) scrollTo(0, 0);
    path = where;
    for (const link of at("nav").children) {
      if (link.textContent !== name) link.removeAttribute("aria-current");
      else {
        link.setAttribute("aria-current", "page");
        // On a phone the names stand in a line that is wider than the screen.
        link.scrollIntoView({ block: "nearest", inline: "nearest" });
      }
    }
    view.mount(at("page"));
    return;
  }
  fill(at("page"), h("p", { class: "notice" }, "There is no such page. ", h("a", { href: "#/" }, "The queue")));
}

const around = soon(async () => {
  try {
    const stat = await get("/stat");
    fill(at("counts"), Object.entries(stat.counts).map(([name, n]) => pill(name, n)));
  } catch (error) {
    say("is-lost", error.message);
  }
}, AROUND_MS);

function changed(summary) {
  view?.changed?.(summary);
  around();
}

function say(kind, text) {
  at("link").className = `link ${kind}`;
  at("link").textContent = text;
}

let pending = "";

function keys(event) {
  const { target, key } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || at("ask").open) return;
  if (target.matches("input, textarea, select, [contenteditable]") && target.type !== "checkbox") {
    if (key === "Escape") target.blur();
    return;
  }
  const jump = pending === "g" && PAGES.find(([, , , letter]) => letter === key);
  pending = key === "g" ? "g" : "";
  if (jump) location.hash = address(jump[2]);
  else if (view?.keys?.(event)) event.preventDefault();
  else if (key === "Escape" && path !== "/") history.back();
}

function theme(step) {
  const stored = Number(localStorage.getItem("rota-theme") || 0);
  const now = (stored + step) % THEMES.length;
  localStorage.setItem("rota-theme", String(now));
  document.documentElement.style.colorScheme = THEMES[now];
  window.dispatchEvent(new Event("themechange"));
}

async function start() {
  theme(0);
  at("theme").addEventListener("click", () => theme(1));
  fill(at("nav"), PAGES.filter(([, , name]) => name).map(([, , name, letter]) =>
    h("a", { href: address(name), title: `keys g ${letter}` }, name)));
  try {
    const server = await get("");
    at("server").textContent = `${server.user} · ${server.version}`;
    const live = () => say("is-live", "live");
    const lost = () => say("is-lost", "no word from the server");
    listen(server.seq, { changed, live, lost });
    window.addEventListener("hashchange", route);
    window.addEventListener("keydown", keys);
    route();
    around();
  } catch (error) {
    if (error.status === 401) needToken();
    else say("is-lost", error.message);
  }
}

function needToken() {
  const told = "This page is for whoever has the token: open the address that “rota up” printed.";
  fill(at("page"), h("p", { class: "notice" }, told));
  say("is-lost", "no token");
}

start();

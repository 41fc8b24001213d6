// What runs until when and who starts when: a lane for each node, and one for what has no node yet.

import { get } from "../api.js";
import { fill, grid, h } from "../dom.js";
import { Page } from "../page.js";
import { ago, exactTime, plain, plural, when } from "../words.js";

const LANES = 60;
const TICKS = 4;
const STEPS = [10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 28800, 43200, 86400, 172800, 604800];
const SPAN_MIN = 60_000;
const SPAN_MAX = 30 * 86_400_000;

/** The page at #/timeline. */
export class TimelinePage extends Page {
  async show() {
    this.draw(await get("/timeline"));
  }

  draw(found) {
    const now = Date.parse(found.at);
    const ends = [...found.running.map((one) => one.ends_by || one.ends_about), ...found.windows.map((one) => one.end),
      ...found.coming.map((one) => one.starts_by && new Date(Date.parse(one.starts_by) + 1000 * (one.lasts || 0)))];
    const last = Math.max(0, ...ends.filter(Boolean).map((end) => new Date(end) - now).filter((span) => span < SPAN_MAX));
    const span = Math.max(SPAN_MIN, last * 1.05);
    const lanes = new Map();
    const lane = (name) => {
      if (!lanes.has(name)) lanes.set(name, []);
      return lanes.get(name);
    };
    for (const one of found.running) for (const { host, cores } of one.nodes) {
      lane(host).push({ kind: "running", from: now, to: Date.parse(one.ends_by || one.ends_about || "") || now + span,
        open: !one.ends_by, text: `${one.id} ${one.name}`, says: `${one.user}, ${plural(cores, "core")}, since ${when(one.started_at)}, until ${one.ends_by ? when(one.ends_by) : "it ends"}`, id: one.id });
    }
    for (const one of found.coming) if (one.starts_by) for (const host of one.nodes.length ? one.nodes : ["—"]) {
      const from = Date.parse(one.starts_by);
      lane(host).push({ kind: "queued", from, to: one.lasts ? from + 1000 * one.lasts : now + span, open: !one.lasts,
        text: `${one.id} ${one.name}`, says: `${one.user}, ${plural(one.cores, "core")}, starts by ${when(one.starts_by)}`, id: one.id });
    }
    const names = [...lanes.keys()].sort();
    for (const one of found.windows) for (const host of one.nodes || (names.length ? names : ["all nodes"])) {
      lane(host).unshift({ kind: "window", from: Date.parse(one.start), to: Date.parse(one.end), text: one.name,
        says: `${one.kind} ${when(one.start)} to ${when(one.end)}` });
    }
    fill(this.body, this.axis(now, span), h("div", { class: "lanes" }, [...lanes].slice(0, LANES).map(([name, bars]) =>
      h("div", { class: "lane" }, h("span", { class: "name", title: name }, name),
        track(stacked(bars), now, span)))),
    lanes.size ? null : h("p", { class: "empty" }, "Nothing runs, nothing is planned."),
    lanes.size > LANES ? h("p", { class: "hint" }, `and ${lanes.size - LANES} more nodes`) : null,
    h("h2", {}, "Who starts next"), grid(["#Job", "Name", "User", "#Cores", "Starts by", "On"], found.coming.map((one) => [
      h("a", { href: `#/jobs/${one.id}` }, String(one.id)), plain(one.name), one.user, String(one.cores),
      one.starts_by ? `${ago(one.starts_by)}, ${when(one.starts_by)}` : "unknown: a job ahead has no time limit", one.nodes.slice(0, 4).join(", "),
    ]), "Nobody waits for room."));
  }

  axis(now, span) {
    const step = STEPS.find((one) => span / (1000 * one) <= TICKS) || STEPS.at(-1);
    const ticks = Array.from({ length: Math.floor(span / (1000 * step)) + 1 }, (_, n) => {
      const tick = h("span", { title: when(now + 1000 * n * step) }, n ? `+${exactTime(n * step)}` : "now");
      tick.style.left = `${(100 * n * step * 1000) / span}%`;
      return tick;
    });
    return h("div", { class: "lane axis" }, h("span", { class: "name" }), h("div", { class: "track" }, ticks));
  }
}

function track(bars, now, span) {
  const made = h("div", { class: "track" }, bars.map((one) => block(one, now, span)));
  made.style.height = `${(Math.max(0, ...bars.map((one) => one.row)) + 1) * 22 + 4}px`;
  return made;
}

// Bars that overlap stand in rows below each other.
function stacked(bars) {
  const rows = [];
  for (const one of bars.sort((a, b) => a.from - b.from)) {
    let row = rows.findIndex((end) => end <= one.from);
    if (row < 0) row = rows.push(0) - 1;
    rows[row] = one.to;
    one.row = row;
  }
  return bars;
}

function block({ kind, from, to, open, text, says, id, row }, now, span) {
  const part = (at) => 100 * Math.min(1, Math.max(0, (at - now) / span));
  const made = h(id ? "a" : "span", { class: `${kind}${open ? " is-open" : ""}`, href: id && `#/jobs/${id}`,
    title: `${text}: ${says}`, "aria-label": `${text}: ${says}` }, plain(text));
  made.style.left = `${part(from)}%`;
  made.style.width = `${Math.max(0.3, part(to) - part(from))}%`;
  made.style.top = `${row * 22 + 2}px`;
  return made;
}

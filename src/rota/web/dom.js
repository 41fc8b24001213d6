// Elements, without markup: whatever a job is called, it stays text.

import { count } from "./words.js";

/** Return an element; *props* are properties, `class` and `data`; children are text or nodes. */
export function h(tag, props = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") made.className = value;
    else if (name === "data") Object.assign(made.dataset, value);
    else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name in made && name !== "list" && name !== "form") made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return made;
}

/** Show *children* in *place* and nothing else. */
export function fill(place, ...children) {
  const shown = children.flat(Infinity).filter((child) => child !== null && child !== undefined);
  place.replaceChildren(...shown);
  return place;
}

/** A bar that is *part* (0 … 1) full; *says* is its name for who cannot see it. */
export function bar(part, { kind = "", says = "" } = {}) {
  const full = Math.min(1, Math.max(0, part || 0));
  const inside = h("i", { class: kind });
  inside.style.width = `${Math.round(1000 * full) / 10}%`;
  const now = String(Math.round(100 * full));
  return h("div", { class: "bar", role: "meter", "aria-valuenow": now, "aria-valuemin": "0",
    "aria-valuemax": "100", "aria-label": says || "part" }, inside);
}

const STATES = ["done", "failed", "cancelled", "running", "suspended", "placed", "queued", "held"];

/** A bar with a part for each state, by how many tasks are in it. */
export function splitBar(counts) {
  const total = Object.values(counts).reduce((sum, n) => sum + n, 0) || 1;
  const told = [];
  const parts = STATES.filter((state) => counts[state]).map((state) => {
    const inside = h("i", { class: state });
    inside.style.width = `${(100 * counts[state]) / total}%`;
    told.push(`${counts[state]} ${state}`);
    return inside;
  });
  const says = told.join(", ");
  return h("div", { class: "bar split", role: "img", title: says, "aria-label": says }, parts);
}

/** A state as a coloured word. */
export function pill(state, number) {
  return h("span", { class: `pill ${state}` }, number === undefined ? state : `${count(number)} ${state}`);
}

/** A titled panel. */
export function panel(title, ...children) {
  return h("section", { class: "panel", "aria-label": title }, h("h2", {}, title), children);
}

/** A table of *rows*: each a list of cells; *columns*: names, a leading "#" for numbers. */
export function grid(columns, rows, empty = "Nothing.") {
  if (!rows.length) return h("p", { class: "empty" }, empty);
  const kinds = columns.map((name) => (name.startsWith("#") ? "num" : ""));
  const cells = (row) => row.map((cell, at) => h("td", { class: kinds[at] }, cell));
  return h("div", { class: "scroll" }, h("table", {},
    h("thead", {}, h("tr", {}, columns.map((name, at) =>
      h("th", { class: kinds[at], scope: "col" }, name.replace(/^#/, ""))))),
    h("tbody", {}, rows.map((row) => h("tr", {}, cells(row))))));
}

/** Names and what they are; pairs without a value are left out. */
export function facts(pairs) {
  const given = pairs.filter(([, value]) => value !== "" && value !== null && value !== undefined);
  return h("dl", {}, given.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}

/** Answers overtake each other: ask *turn()* when asking, and its result when answered. */
export function turns() {
  let last = 0;
  return () => {
    const mine = (last += 1);
    return () => mine === last;
  };
}

/** Call *work* soon, once, however often it is asked for meanwhile. */
export function soon(work, wait) {
  let timer = null;
  return () => {
    if (timer === null) {
      timer = setTimeout(() => {
        timer = null;
        work();
      }, wait);
    }
  };
}

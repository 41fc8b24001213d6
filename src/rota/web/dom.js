// Elements, without markup: whatever a job is called, it stays text.

/** Return an element; *props* are properties, `class` and `data`; children are text or nodes. */
export function h(tag, props = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") made.className = value;
    else if (name === "data") Object.assign(made.dataset, value);
    else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name in made) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return made;
}

/** Show *children* in *place* and nothing else. */
export function fill(place, ...children) {
  place.replaceChildren(...children.flat(Infinity).filter((child) => child !== null));
}

/** A bar that is *part* (0 … 1) full. */
export function bar(part, kind = "") {
  const inside = h("i", { class: kind });
  inside.style.width = `${Math.round(1000 * Math.min(1, Math.max(0, part || 0))) / 10}%`;
  return h("div", { class: "bar" }, inside);
}

/** A bar with a part for each state, by how many tasks are in it. */
export function splitBar(counts) {
  const order = ["done", "failed", "cancelled", "running", "placed", "queued", "held"];
  const total = Object.values(counts).reduce((sum, n) => sum + n, 0) || 1;
  const parts = order.filter((state) => counts[state]).map((state) => {
    const inside = h("i", { class: state, title: `${counts[state]} ${state}` });
    inside.style.width = `${(100 * counts[state]) / total}%`;
    return inside;
  });
  return h("div", { class: "bar split" }, parts);
}

/** A state as a coloured word. */
export function pill(state, count) {
  return h("span", { class: `pill ${state}` }, count === undefined ? state : `${count} ${state}`);
}

/** Seconds for people: 12ms, 4.2s, 3m05s, 2h07m, 5d03h. */
export function duration(seconds) {
  const two = (n) => String(Math.floor(n)).padStart(2, "0");
  if (seconds > 0 && seconds < 0.1) return `${Math.max(1, Math.round(seconds * 1000))}ms`;
  if (seconds < 60) return `${Math.max(0, seconds).toFixed(seconds < 10 ? 1 : 0)}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${two(seconds % 60)}s`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)}h${two((seconds / 60) % 60)}m`;
  return `${Math.floor(seconds / 86400)}d${two((seconds / 3600) % 24)}h`;
}

/** Bytes for people. */
export function size(bytes) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let at = 0;
  for (; value >= 1024 && at < units.length - 1; at += 1) value /= 1024;
  return `${at && value < 100 ? value.toFixed(1) : Math.round(value)} ${units[at]}`;
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

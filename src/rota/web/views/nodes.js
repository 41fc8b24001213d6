// The nodes: how full, how well, what runs there; drained and opened from here.

import { get, post } from "../api.js";
import { bar, facts, fill, grid, h, panel, pill, soon } from "../dom.js";
import { complain, confirm, toast } from "../say.js";
import { Page } from "../page.js";
import { ago, count, duration, plain, plural, size } from "../words.js";

const SHOWN = 400;

/** The page at #/nodes and #/nodes/NAME. */
export class NodesPage extends Page {
  constructor(params, name) {
    super();
    this.name = name;
    this.text = params.get("q") || "";
  }

  mount(place) {
    this.box = h("input", { type: "search", value: this.text, placeholder: "name, label, state or job of a pool",
      "aria-label": "filter nodes", oninput: soon(() => this.draw(), 150) });
    this.shown = h("span", { class: "shown", role: "status" });
    super.mount(place);
    if (!this.name) {
      const filters = h("form", { class: "filters", onsubmit: (event) => event.preventDefault() }, this.box, this.shown);
      const body = h("div");
      fill(this.body, filters, body);
      this.body = body;
    }
  }

  async show() {
    this.nodes = (await get("/nodes")).nodes;
    this.draw();
  }

  draw() {
    if (!this.nodes) return;
    if (this.name) this.drawOne(this.nodes.find((node) => node.name === this.name));
    else this.drawAll();
  }

  drawAll() {
    const word = this.box.value.trim().toLowerCase();
    const fits = (node) => [node.name, node.state, pilot(node), ...node.labels].some((text) => text.toLowerCase().includes(word));
    const found = this.nodes.filter(fits);
    const sum = (key) => found.reduce((total, node) => total + node[key], 0);
    this.shown.textContent = `${plural(found.length, "node")}, ${count(sum("cores_used"))} of ${count(sum("cores"))} cores used`;
    if (!this.nodes.length) {
      fill(this.body, h("p", { class: "empty" }, "No node yet. “rota up” starts one here; “rota invite” lets another machine join."));
      return;
    }
    fill(this.body, h("div", { class: "nodes" }, found.slice(0, SHOWN).map(card)),
      found.length > SHOWN ? h("p", { class: "hint" }, `and ${count(found.length - SHOWN)} more: filter them`) : null);
  }

  drawOne(node) {
    if (!node) {
      fill(this.body, h("p", { class: "notice" }, `There is no node ${this.name}. `, h("a", { href: "#/nodes" }, "All nodes")));
      return;
    }
    const verb = node.state === "drained" ? "undrain" : "drain";
    const jobs = node.running.map((one) => [
      h("a", { href: `#/jobs/${one.id}${one.task === null ? "" : `/${one.task}`}` }, `${one.id}${one.task === null ? "" : `[${one.task}]`}`),
      plain(one.name), one.user, pill(one.state), one.cores.join(","),
    ]);
    fill(this.body,
      h("div", { class: "title" }, h("h1", {}, pill(node.state), " ", node.name), h("span", { class: "spacer" }),
        h("div", { class: "actions" }, h("button", { type: "button", data: { verb }, onclick: () => this.ask(verb) }, verb))),
      h("div", { class: "columns" },
        h("div", {}, panel("What runs here", grid(["#Job", "Name", "User", "State", "Cores"], jobs, "Nothing."))),
        h("div", {}, panel("About", meters(node), about(node)))));
  }

  async ask(verb) {
    const why = h("input", { type: "text", maxLength: 1000, placeholder: "why, for those who wonder", "aria-label": "why" });
    const more = verb === "drain" ? [h("p", {}, "What runs ends in peace; nothing new starts."), why] : [];
    if (!(await confirm(`${verb} ${this.name}?`, { does: verb, more }))) return;
    try {
      await post(`/nodes/${verb}`, { nodes: [this.name], why: why.value.trim() });
      toast(`${this.name}: ${verb}ed`);
      await this.load();
    } catch (error) {
      complain(error);
    }
  }
}

function card(node) {
  return h("a", { class: `node is-${node.state}`, href: `#/nodes/${encodeURIComponent(node.name)}` },
    h("h3", {}, h("span", { class: "name" }, node.name), pill(node.state)),
    meters(node),
    node.labels.length ? h("p", { class: "labels" }, node.labels.slice(0, 8).map((label) => h("span", { class: "tag" }, plain(label)))) : null,
    node.pilot ? h("p", { class: "hint" }, pilot(node)) : null,
    node.reason && node.state !== "up" ? h("p", { class: "why" }, plain(node.reason.text)) : null);
}

function meters(node) {
  return [
    meter("cores", node.cores_used, node.cores, String),
    node.memory ? meter("memory", node.memory_used, node.memory, size) : null,
    node.gpus ? meter("gpus", node.gpus_used, node.gpus, String) : null,
    Object.entries(node.resources).map(([name, n]) => meter(name, node.resources_used[name] || 0, n, String)),
  ];
}

function meter(name, used, total, show) {
  const told = `${show(used)} / ${show(total)}`;
  return h("div", { class: "meter" }, name, bar(total ? used / total : 0, { says: `${name} ${told}` }), h("span", {}, told));
}

/** What the pool's system calls the allocation that the node is part of: "slurm job 1234". */
function pilot(node) {
  return node.pilot ? plain(`${node.pilot.kind} job ${node.pilot.id || "?"}`) : "";
}

function about(node) {
  return facts([
    ["why", node.reason ? plain(node.reason.text) : ""],
    ["pilot", node.pilot ? h("a", { href: "#/pools" }, `${pilot(node)}, ${node.pilot.n} of pool ${plain(node.pilot.pool)}`) : ""],
    ["labels", plain(node.labels.join(", "))],
    ["load", node.load === null ? "" : node.load.toFixed(2)],
    ["memory free", node.memory_free === null ? "" : size(node.memory_free)],
    ["disk free", node.disk_free === null ? "" : size(node.disk_free)],
    ["seen", node.seen_at ? ago(node.seen_at) : ""],
    ...Object.entries(node.facts).map(([name, value]) =>
      (name === "clock_off_s" ? ["clock off by", duration(Math.abs(value))] : [name.replaceAll("_", " "), plain(value)])),
  ]);
}

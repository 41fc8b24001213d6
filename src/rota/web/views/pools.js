// Pools: agents in other people's clusters; each pilot with its number there, and every launch.

import { get, post } from "../api.js";
import { bar, facts, fill, grid, h, panel, pill } from "../dom.js";
import { Page } from "../page.js";
import { complain, confirm, toast } from "../say.js";
import { plain, plural, when } from "../words.js";

/** The page at #/pools. */
export class PoolsPage extends Page {
  logs = new Map();

  async show() {
    const { pools } = await get("/pools");
    if (pools.length) fill(this.body, pools.map((pool) => this.draw(pool)));
    else fill(this.body, h("p", { class: "empty" }, "No pool yet. “rota pool add NAME --kind slurm” starts agents in a cluster when work waits."));
  }

  draw(pool) {
    const verbs = [pool.state === "drained" ? "undrain" : "drain", "remove"];
    const deeds = verbs.map((verb) => h("button", { type: "button", class: verb === "remove" ? "danger" : "",
      onclick: () => this.ask(verb, pool.name) }, verb));
    const log = this.logs.get(pool.name) || h("div");
    this.logs.set(pool.name, log);
    const told = h("button", { type: "button", onclick: () => this.tell(pool.name, log) }, "log");
    const pilots = pool.pilots.map((one) => [String(one.n), one.id || "", pill(one.state), plain(one.word),
      one.nodes.map((node) => h("a", { href: `#/nodes/${encodeURIComponent(node)}` }, node)), when(one.asked_at), when(one.ends_at)]);
    return panel(`${pool.name}, ${pool.kind}`,
      h("div", { class: "title" }, h("span", { class: `pill ${pool.state === "open" ? "up" : pool.state}` }, pool.state),
        h("span", {}, `${plural(pool.up, "pilot")} up, ${pool.busy} busy, ${pool.starting} starting; at least ${pool.min}, at most ${pool.max}`),
        h("span", { class: "spacer" }), h("div", { class: "actions" }, told, deeds)),
      bar(pool.max ? pool.up / pool.max : 0, { says: `${pool.up} of ${pool.max} pilots` }),
      pool.reason ? h("p", { class: "complaint" }, plain(pool.reason.text)) : null,
      grid(["#Pilot", "Id there", "State", "It says", "Node", "Asked for", "Ends"], pilots, "No pilot now."),
      h("details", {}, h("summary", {}, `Settings, ${pool.source === "added" ? "as it was added" : `from ${pool.source}`}`),
        facts(Object.entries(pool.keys).map(([key, value]) => [key, plain(typeof value === "object" ? JSON.stringify(value) : value)]))),
      log);
  }

  async tell(name, log) {
    try {
      const { lines } = await get("/pools/log", { name });
      const rows = lines.slice(-40).reverse().map((line) => Object.values(line).map((value) => plain(value ?? "")).join("  "));
      fill(log, h("pre", { class: "log" }, rows.join("\n") || "Nothing was run yet."));
    } catch (error) {
      complain(error);
    }
  }

  async ask(verb, name) {
    const says = verb === "remove" ? "Its pilots are cancelled and their tasks go back to the queue." : "";
    if (!(await confirm(`${verb} pool ${name}?`, { does: verb, danger: verb === "remove", more: [h("p", {}, says)] }))) return;
    try {
      await post(`/pools/${verb}`, { name });
      toast(`pool ${name}: ${verb}`);
      await this.load();
    } catch (error) {
      complain(error);
    }
  }
}

// What if: this queue's past, replayed under other policies or with more nodes, side by side.

import { post } from "../api.js";
import { bar, fill, grid, h, panel } from "../dom.js";
import { complain } from "../say.js";
import { count, duration, plain } from "../words.js";

const POLICIES = ["default", "easy", "fcfs", "sjf:easy", "saf:easy", "fcfs:cons"];
const PASTS = { "all of it": "", "a day": "1d", "a week": "7d", "a month": "30d" };

/** The page at #/what-if. */
export class WhatIfPage {
  mount(place) {
    const boxes = POLICIES.map((name) => h("label", {}, h("input", { type: "checkbox", value: name,
      checked: name === "default" || name === "easy" }), ` ${name} `));
    const nodes = h("input", { type: "text", placeholder: "+2x16: two nodes of 16 cores", "aria-label": "more nodes" });
    const past = h("select", { "aria-label": "how much of the past" },
      Object.entries(PASTS).map(([name, value]) => h("option", { value }, name)));
    this.button = h("button", { type: "submit", class: "full" }, "Replay");
    this.result = h("div", { "aria-live": "polite" });
    const form = h("form", { class: "whatif", onsubmit: (event) => {
      event.preventDefault();
      const policies = boxes.map((box) => box.firstChild).filter((box) => box.checked).map((box) => box.value);
      this.replay({ policies, with_nodes: nodes.value.trim() || null, since: past.value || null });
    } }, h("p", {}, "What this queue has done, once more, by the very scheduler that runs it, under"),
    h("div", { class: "actions" }, boxes), h("div", { class: "actions" }, past, nodes, this.button));
    fill(place, h("div", { class: "page" }, panel("What if", form), this.result));
  }

  async replay(asked) {
    this.button.disabled = true;
    fill(this.result, h("p", { class: "hint" }, "Replaying …"));
    try {
      const { runs } = await post("/what-if", asked);
      this.draw(runs);
    } catch (error) {
      fill(this.result, h("p", { class: "complaint", role: "alert" }, plain(error.message)));
      complain(error);
    }
    this.button.disabled = false;
  }

  draw(runs) {
    const worst = Math.max(1e-9, ...runs.map((run) => run.avg_wait));
    fill(this.result, panel(`${count(runs[0].jobs)} tasks`, grid(
      ["Policy", "#Cores", "#Mean wait", "", "#Longest wait", "#Mean slowdown", "#Longest", "#Busy", "#Ended after"],
      runs.map((run) => [plain(run.policy), count(run.procs), duration(run.avg_wait),
        bar(run.avg_wait / worst, { says: `mean wait ${duration(run.avg_wait)}` }), duration(run.max_wait),
        run.avg_bsld.toFixed(2), run.max_bsld.toFixed(1), `${(100 * run.utilisation).toFixed(1)} %`, duration(run.makespan)]))),
    h("p", { class: "hint" }, "Slowdown: wait and run together, by the run, of at least 10 s. “rota simulate --history --report out.html” draws pictures."));
  }
}

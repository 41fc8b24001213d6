// What failed of a job, by kind: how often, where, the last words; and running a kind again.

import { ask, get } from "../api.js";
import { fill, h, panel } from "../dom.js";
import { complain, confirm, toast } from "../say.js";
import { plain, plural } from "../words.js";

/** The failures of an array, or of a job that failed; nothing when nothing failed. */
export class ErrorPanel {
  constructor(job) {
    this.job = job;
    this.place = h("div");
    this.failed = 0;
  }

  /** Ask for the kinds when more has failed than before. */
  async draw(job) {
    const failed = job.array ? job.array.counts.failed || 0 : Number(job.state === "failed");
    if (failed === this.failed) return;
    this.failed = failed;
    if (!failed) {
      fill(this.place);
      return;
    }
    const { groups } = await get(`/jobs/${this.job}/errors`);
    fill(this.place, panel(`What failed (${failed})`, groups.map((group) => this.group(group))));
  }

  group(group) {
    const { first } = group;
    const nodes = Object.entries(group.nodes).map(([name, n]) => h("a", { class: "tag", href: `#/nodes/${encodeURIComponent(name)}` }, `${name} ${n}`));
    const where = first.task === null ? `#/jobs/${this.job}` : `#/jobs/${this.job}/${first.task}`;
    return h("article", { class: "kind" },
      h("p", {}, h("strong", {}, `${group.count} ×`), ` ${plain(group.text)} `, nodes),
      first.said ? h("pre", {}, plain(first.said)) : null,
      h("div", { class: "actions" }, h("a", { class: "button", href: where }, "the first of them"),
        h("button", { type: "button", onclick: () => this.again(group) }, `rerun ${plural(group.count, "task")}`)));
  }

  async again(group) {
    const memory = h("input", { type: "text", placeholder: "memory, for example x2", "aria-label": "more memory" });
    const time = h("input", { type: "text", placeholder: "time, for example x1.5", "aria-label": "more time" });
    const title = `Rerun ${plural(group.count, "task")} that failed so?`;
    if (!(await confirm(title, { does: "rerun", more: [h("p", {}, plain(group.text)), memory, time] }))) return;
    try {
      const more = { memory: memory.value.trim() || null, time: time.value.trim() || null };
      await ask("rerun", [String(this.job)], { signature: group.signature, ...more });
      toast(`job ${this.job}: what failed so runs again`);
    } catch (error) {
      complain(error);
    }
  }
}

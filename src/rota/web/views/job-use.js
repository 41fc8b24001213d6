// What an attempt used over time: cores, memory, input and output.

import { get } from "../api.js";
import { Chart } from "../chart.js";
import { fill, h, panel } from "../dom.js";
import { size } from "../words.js";

const EVERY_MS = 4000;

/** Charts of the latest attempt; nothing when nothing was measured. */
export class UsePanel {
  constructor() {
    this.charts = [];
    this.key = "";
    this.box = h("div", { class: "charts" });
    this.place = panel("Use over time", this.box);
    this.place.hidden = true;
    this.readAt = 0;
  }

  /** Read the series of *job*'s latest attempt, not too often. */
  async read(job) {
    const key = `${job.id}/${job.task}/${job.attempt}`;
    const isOver = Boolean(job.ended_at);
    if (!job.attempt || (key + isOver === this.key && (isOver || Date.now() - this.readAt < EVERY_MS))) return;
    this.key = key + isOver;
    this.readAt = Date.now();
    const { samples } = await get(`/jobs/${job.id}/series`, { task: job.task, attempt: job.attempt });
    this.place.hidden = samples.length < 2;
    if (samples.length > 1) this.draw(samples, job.request);
  }

  draw(samples, request) {
    if (!this.charts.length) this.make(request);
    const at = samples.map((one) => Date.parse(one.at) / 1000);
    const pace = (of) => samples.map((one, i) => (i ? Math.max(0, of(one) - of(samples[i - 1])) / Math.max(1e-3, at[i] - at[i - 1]) : null));
    const flat = (value) => at.map(() => value);
    this.charts[0].set([at, pace((one) => one.cpu_s), flat(request.cores)]);
    this.charts[1].set([at, samples.map((one) => one.rss), ...(request.memory ? [flat(request.memory)] : [])]);
    this.charts[2].set([at, pace((one) => one.read_bytes), pace((one) => one.written_bytes)]);
  }

  make(request) {
    const cores = (n) => (n === null ? "" : n.toFixed(n < 10 ? 1 : 0));
    const bytes = (n) => size(n);
    const asked = { name: "asked", colour: "--quiet", dash: [4, 4] };
    this.charts = [
      new Chart({ title: "cores busy", ceiling: request.cores,
        series: [{ name: "busy", colour: "--running", show: cores }, { ...asked, show: cores }] }),
      new Chart({ title: "memory", series: [{ name: "resident", colour: "--done", show: bytes },
        ...(request.memory ? [{ ...asked, show: bytes }] : [])] }),
      new Chart({ title: "input and output a second", series: [
        { name: "read", colour: "--waiting", show: bytes }, { name: "written", colour: "--accent", show: bytes }] }),
    ];
    fill(this.box, this.charts.map((chart) => chart.place));
  }

  /** Let the charts go. */
  stop() {
    for (const chart of this.charts) chart.stop();
  }
}

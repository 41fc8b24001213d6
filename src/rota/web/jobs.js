// What all pages say of a job in the same words: how far, how long, where or why; its verbs.

import { ask } from "./api.js";
import { bar, h, pill, splitBar } from "./dom.js";
import { complain, confirm, toast } from "./say.js";
import { count, duration, plain, plural } from "./words.js";

const LIVE = new Set(["running", "placed", "suspended"]);

/** What may be asked of a job in each state. */
export const VERBS = {
  queued: ["hold", "kill"],
  held: ["release", "kill"],
  placed: ["kill"],
  running: ["suspend", "kill"],
  suspended: ["resume", "kill"],
  done: ["rerun"],
  failed: ["rerun"],
  cancelled: ["rerun"],
};

/** "12", or "12[7]". */
export function label(job) {
  return job.task === null || job.task === undefined ? String(job.id) : `${job.id}[${job.task}]`;
}

/** How far a job is, as a bar and in numbers. */
export function progress(job) {
  if (job.array) {
    const { counts, tasks } = job.array;
    const ended = (counts.done || 0) + (counts.failed || 0) + (counts.cancelled || 0);
    return h("div", { class: "progress" }, splitBar(counts), h("small", {}, `${count(ended)}/${count(tasks)}`));
  }
  if (!job.progress) return "";
  const { percent, done, total } = job.progress;
  const told = total ? `${done}/${total}` : String(done);
  const says = percent === null ? told : `${percent} %`;
  return h("div", { class: "progress" }, bar((percent || 0) / 100, { says }), h("small", {}, told));
}

/** How long it ran, or has run. */
export function ran(job) {
  if (!job.started_at) return "";
  const end = job.ended_at ? Date.parse(job.ended_at) : Date.now();
  return duration(Math.max(0, end - Date.parse(job.started_at)) / 1000);
}

/** Where it runs, or why it does not. */
export function where(job) {
  if (LIVE.has(job.state)) return job.nodes.map((node) => node.host).join(", ");
  if (job.state === "done") return "";
  return job.reason ? plain(job.reason.text) : "";
}

/** Its state, with what else is true of it. */
export function state(job) {
  return [pill(job.state), job.flags.map((flag) => h("small", { class: "flag" }, ` ${flag}`))];
}

/** Ask once, then do *verb* to *targets*; return whether it was done. */
export async function act(verb, targets, options = {}) {
  const whom = targets.length === 1 ? `job ${targets[0]}` : plural(targets.length, "job");
  const yes = await confirm(`${verb[0].toUpperCase()}${verb.slice(1)} ${whom}?`, {
    does: verb,
    danger: verb === "kill",
  });
  if (!yes) return false;
  try {
    const done = await ask(verb, targets.map(String), options);
    const results = [...new Set(done.jobs.map((one) => one.result))].join(", ");
    toast(`${whom}: ${results}`);
    return true;
  } catch (error) {
    complain(error);
    return false;
  }
}

// What is known of a job, as names and values; its life as a line; its history as a table.

import { get } from "../api.js";
import { facts, fill, grid, h } from "../dom.js";
import { duration, plain, size, when } from "../words.js";

/** Who, what, where, when. */
export function story(job, ranFor) {
  const spec = job.spec || {};
  const what = spec.argv ? spec.argv.join(" ") : spec.command || spec.script || "";
  return facts([
    ["reason", job.reason ? plain(job.reason.text) : ""],
    ["runs", what ? h("code", { class: "what" }, plain(what.slice(0, 4000))) : ""],
    ["in", spec.cwd ? h("code", {}, plain(spec.cwd)) : ""],
    ["on", job.nodes.map((node) => h("a", { href: `#/nodes/${encodeURIComponent(node.host)}` },
      `${node.host} cores ${node.cores.join(",")}${node.gpus.length ? ` gpus ${node.gpus.join(",")}` : ""} `))],
    ["user", [job.user, job.account !== job.user && job.account].filter(Boolean).join(" / ")],
    ["queue", `${job.queue}, priority ${job.priority}`],
    ["after", job.after.map((one) => h("a", { href: `#/jobs/${one.replace(/\D*(\d+).*/, "$1")}` }, `${one} `))],
    ["submitted", when(job.submitted_at)],
    ["not before", when(job.begin_at)],
    ["started", when(job.started_at)],
    ["ended", when(job.ended_at)],
    ["ran", ranFor],
    ["exit code", job.exit_code === null ? "" : String(job.exit_code)],
    ["signal", job.signal === null ? "" : String(job.signal)],
    ["attempts", job.attempts.length > 1 ? attempts(job) : ""],
    ["tags", job.tags.map((tag) => h("a", { class: "tag", href: `#/?show=all&q=tag:${encodeURIComponent(tag)}` }, plain(tag)))],
    ["key", job.key ? h("code", {}, plain(job.key)) : ""],
    ["note", job.info ? plain(job.info) : ""],
  ].filter(([, value]) => !Array.isArray(value) || value.length));
}

function attempts(job) {
  return h("ol", { class: "tries" }, job.attempts.slice(-10).map((one) =>
    h("li", { value: one.n }, `${one.node}${one.reason ? `: ${plain(one.reason.text)}` : ""}`)));
}

/** What was asked for beside what was used, and what would have done. */
export function asked(job) {
  const { request, usage } = job;
  const seconds = (Date.parse(job.ended_at || new Date()) - Date.parse(job.started_at)) / 1000;
  const busy = usage.cpu_s !== undefined && seconds > 0.5 ? usage.cpu_s / seconds : null;
  const rows = [
    ["cores", String(request.cores), busy === null ? "" : `${busy.toFixed(2)} busy`],
    ["memory", request.memory ? size(request.memory) : "", usage.max_rss ? `${size(usage.max_rss)} at most` : ""],
    ["time", request.time === null ? "" : duration(request.time), job.started_at ? duration(Math.max(0, seconds)) : ""],
    ["gpus", request.gpus ? String(request.gpus) : "", ""],
    ["cpu time", "", usage.cpu_s === undefined ? "" : duration(usage.cpu_s)],
    ["read", "", usage.read_bytes ? size(usage.read_bytes) : ""],
    ["written", "", usage.written_bytes ? size(usage.written_bytes) : ""],
    ["placement", request.mode === "bycore1" ? "" : `${request.mode} ${request.n}`, ""],
    ...Object.entries({ ...request.resources, ...request.licences }).map(([name, n]) => [name, String(n), ""]),
    ["nodes", [request.host, ...request.group, ...request.not_group.map((g) => `not ${g}`), ...request.require]
      .filter(Boolean).join(" "), ""],
  ];
  return grid(["", "#asked", "#used"], rows.filter(([, was, is]) => was || is));
}

/** Its life as a line: waiting, each attempt, the end. */
export function lifeline(job) {
  const start = Date.parse(job.submitted_at);
  const now = Date.parse(job.ended_at || new Date());
  const whole = Math.max(1, now - start);
  const parts = [];
  const add = (kind, from, to, says) => {
    const part = h("i", { class: kind, title: `${says}: ${duration((to - from) / 1000)}` });
    part.style.flexGrow = String(Math.max(to - from, whole / 200));
    parts.push(part);
  };
  let at = start;
  const tries = job.attempts.length ? job.attempts : job.started_at
    ? [{ n: 1, started_at: job.started_at, ended_at: job.ended_at, node: "", reason: job.reason }] : [];
  for (const one of tries.slice(-30)) {
    const from = Date.parse(one.started_at || one.ended_at || job.ended_at || new Date());
    const to = Date.parse(one.ended_at || new Date());
    if (from > at) add("queued", at, from, "waited");
    const good = one.reason && one.reason.code === "ok";
    add(one.ended_at ? (good ? "done" : "failed") : "running", from, to, `attempt ${one.n} ${one.node}`);
    at = to;
  }
  if (!job.ended_at && at < now - 1) add(job.state, at, now, job.state);
  const says = parts.map((part) => part.title).join("; ");
  return h("div", { class: "life", role: "img", "aria-label": says }, parts);
}

/** What happened, newest first. */
export function historyTable(page) {
  const rows = [...page.history].reverse().map((line) => [
    when(line.at), line.task === null ? "" : `${line.task}${line.attempt ? `#${line.attempt}` : ""}`,
    line.move, line.after, plain(line.source), line.reason ? plain(line.reason.text) : "",
  ]);
  const more = page.next ? h("p", { class: "hint" }, "Only the first lines; rota history has them all.") : null;
  return h("div", { class: "past" }, grid(["When", "#Task", "What", "State", "By", "Why"], rows), more);
}

/** Its environment, asked for when it is opened; the server hides what is secret. */
export function environment(id) {
  const body = h("div");
  const box = h("details", { class: "panel" }, h("summary", {}, "Environment"), body);
  box.addEventListener("toggle", async () => {
    if (!box.open || body.firstChild) return;
    const { env } = await get(`/jobs/${id}/environment`);
    const rows = Object.entries(env).map(([name, value]) => [name, h("code", {}, plain(value))]);
    fill(body, rows.length ? facts(rows) : h("p", { class: "hint" }, "Nothing but Rota's own."));
  });
  return box;
}

// Handing in a job: the usual keys as a form, all of them as a job file; checked while one types.

import { get, post } from "../api.js";
import { fill, grid, h, panel, soon } from "../dom.js";
import { toast } from "../say.js";
import { ago, exactSize, exactTime, plain, plural } from "../words.js";

const USUAL = ["command", "name", "cwd", "cores", "memory", "gpus", "time", "array", "queue", "priority",
  "retries", "after", "tags", "env"];
const LONG = new Set(["command", "env"]);
const LISTS = new Set(["after", "tags"]);

/** The page at #/submit; ?from=12 begins with what job 12 said. */
export class SubmitPage {
  constructor(params) {
    this.from = params.get("from");
    this.mode = "form";
    this.check = soon(() => this.look(), 350);
    this.asked = 0;
  }

  async mount(place) {
    this.fields = h("div", { class: "fields" });
    this.verdict = h("div", { "aria-live": "polite" });
    this.send = h("button", { type: "submit", class: "full", disabled: true }, "Submit");
    const form = h("form", { class: "submit", oninput: () => this.check(), onsubmit: (event) => {
      event.preventDefault();
      this.submit();
    } }, this.fields, h("div", { class: "actions" }, this.send));
    this.paste = h("textarea", { rows: 3, spellcheck: false, "aria-label": "a job file or script",
      placeholder: "paste a job file or a script of sbatch, qsub, wq …: it fills the form" });
    this.lost = h("div", { "aria-live": "polite" });
    this.dialect = h("select", { "aria-label": "the other system", onchange: () => this.convert() },
      h("option", { value: "" }, "as it looks"));
    this.paste.addEventListener("input", soon(() => this.convert(), 300));
    fill(place, h("div", { class: "page" }, h("div", { class: "columns" },
      h("div", {}, panel("From another system", this.paste, h("div", { class: "actions" }, "read it as ", this.dialect), this.lost), panel("A new job", form)), h("div", {}, panel("What would happen", this.verdict)))));
    const schema = await (await fetch("/api/job-schema.json")).json();
    this.keys = schema.properties || {};
    this.offerDialects();
    const start = this.from ? await this.before() : { cwd: "fresh", cores: 1 };
    this.draw(start);
    this.look();
  }

  // Which systems there are comes with every answer; who may only look gets none, and needs none.
  async offerDialects() {
    const { dialects } = await post("/convert", { text: "command: true" }).catch(() => ({ dialects: {} }));
    this.dialect.append(...Object.entries(dialects).map(([name, about]) => h("option", { value: name }, about)));
  }

  async before() {
    const job = await get(`/jobs/${this.from}`);
    const { spec, request } = job;
    const said = { name: job.name, queue: job.queue, priority: job.priority, tags: job.tags, cores: request.cores,
      command: spec?.command || (spec?.argv || []).map(quoted).join(" ") || "", cwd: spec?.cwd || "fresh" };
    if (spec?.script) said.script = spec.script;
    if (request.memory) said.memory = exactSize(request.memory);
    if (request.gpus) said.gpus = request.gpus;
    if (request.time) said.time = exactTime(request.time);
    if (job.array) said.array = job.array.indexes;
    return said;
  }

  // What another system's job says, in our keys; what is lost on the way is told.
  async convert() {
    const text = this.paste.value;
    if (!text.trim()) return;
    try {
      const { dialect, dialects, jobs } = await post("/convert", { text, dialect: this.dialect.value || null });
      const [{ job, notices }] = jobs;
      // Only a program that submits from somewhere knows where here is, or one's home.
      this.draw({ ...job, cwd: job.cwd?.startsWith("/") ? job.cwd : "fresh" });
      const more = jobs.length > 1 ? ` This is the first of ${jobs.length}.` : "";
      fill(this.lost, h("p", { class: "hint" }, `Read as ${dialects[dialect]}.${more}`),
        notices.map((one) => h("p", { class: "hint" }, plain(`${one.where}: ${one.what}: ${one.fate}`))));
      this.look();
    } catch (error) {
      const told = (error.complaints || []).map((one) => plain(`${one.where || ""} ${one.field}: ${one.problem}; ${one.remedy}`));
      fill(this.lost, h("p", { class: "complaint", role: "alert" }, plain(error.message)), told.map((line) => h("p", { class: "hint" }, line)));
    }
  }

  draw(values) {
    const more = Object.keys(this.keys).filter((key) => !USUAL.includes(key)).sort();
    this.inputs = new Map();
    const rest = h("details", { class: "more", open: more.some((key) => key in values) },
      h("summary", {}, `${more.length} more keys`), more.map((key) => this.field(key, values[key])));
    fill(this.fields, USUAL.map((key) => this.field(key, values[key])), rest);
  }

  field(key, value) {
    const about = this.keys[key]?.description || "";
    const isLong = LONG.has(key) || key === "script";
    const text = value === undefined ? "" : said(key, value);
    const box = h(isLong ? "textarea" : "input", { id: `key-${key}`, spellcheck: false, autocomplete: "off",
      "aria-describedby": `says-${key}`, value: text, rows: key === "command" || key === "script" ? 4 : 2,
      placeholder: key === "env" ? "NAME=value, one a line" : "" });
    this.inputs.set(key, box);
    return h("div", { class: "field" }, h("label", { for: `key-${key}`, htmlFor: `key-${key}` }, key),
      box, h("small", { id: `says-${key}` }, about), h("small", { class: "wrong", data: { wrong: key } }));
  }

  document() {
    const doc = {};
    for (const [key, box] of this.inputs) {
      const text = box.value.trim();
      if (text) doc[key] = read(key, text);
    }
    return doc;
  }

  async look() {
    const asked = (this.asked += 1);
    const doc = this.document();
    const isEmpty = !doc.command && !doc.script && !doc.argv;
    // What is on its way to be looked at is not handed in.
    this.send.disabled = true;
    for (const place of this.fields.querySelectorAll("[data-wrong]")) place.textContent = "";
    if (isEmpty) {
      fill(this.verdict, h("p", { class: "hint" }, "Say what to run."));
      return;
    }
    try {
      const { jobs } = await post("/jobs", { jobs: [doc], dry_run: true, explain: true });
      if (asked === this.asked) this.good(jobs[0]);
    } catch (error) {
      if (asked === this.asked) this.bad(error);
    }
  }

  good(job) {
    this.send.disabled = false;
    const { waits } = job;
    const start = !waits ? "" : waits.starts ? "It would start at once." : waits.reasons.map((one) => plain(one.text)).join("; ")
      || (waits.start.earliest ? `It would start ${ago(waits.start.earliest)} at the earliest.` : "It would wait.");
    const rows = Object.entries(job.resolved).map(([key, value]) => [key,
      h("code", {}, plain(typeof value === "string" ? value : JSON.stringify(value)).slice(0, 300)), job.sources[key] || ""]);
    fill(this.verdict, h("p", {}, h("strong", {}, plain(job.name)), `, ${plural(job.tasks, "task")}. ${start}`),
      grid(["Key", "Value", "From"], rows));
  }

  bad(error) {
    this.send.disabled = true;
    const left = [];
    for (const one of error.complaints || []) {
      const key = (one.field || "").replace(/^jobs\[0\]\.?/, "").split(/[.[]/)[0];
      const place = this.fields.querySelector(`[data-wrong="${CSS.escape(key)}"]`);
      const told = [one.problem, one.remedy].filter(Boolean).join("; ");
      if (place) place.textContent = told;
      else left.push(`${one.field}: ${told}`);
    }
    fill(this.verdict, h("p", { class: "complaint", role: "alert" }, plain(error.message)),
      left.map((text) => h("p", { class: "complaint" }, plain(text))));
  }

  async submit() {
    this.send.disabled = true;
    try {
      const { jobs } = await post("/jobs", { jobs: [this.document()] });
      toast(`job ${jobs[0].id} submitted`);
      location.hash = `#/jobs/${jobs[0].id}`;
    } catch (error) {
      this.bad(error);
    }
  }
}

// A value as it is typed; the reverse of read.
function said(key, value) {
  if (key === "env") return Object.entries(value).map(([name, text]) => `${name}=${text}`).join("\n");
  if (LISTS.has(key) && Array.isArray(value)) return value.join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

// What is typed, as JSON has it: numbers, lists by commas, YAML-like words stay texts.
function read(key, text) {
  if (key === "env") {
    const lines = text.split("\n").map((line) => line.split("="));
    return Object.fromEntries(lines.map(([name, ...value]) => [name.trim(), value.join("=")]));
  }
  if (LISTS.has(key)) return text.split(/\s*,\s*/).filter(Boolean);
  if (/^[[{"]/.test(text) && key !== "command" && key !== "script") {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  }
  if (/^-?\d+$/.test(text) && !["command", "script", "array", "name", "time", "memory"].includes(key)) return Number(text);
  if (text === "true" || text === "false") return text === "true";
  return text;
}

function quoted(word) {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

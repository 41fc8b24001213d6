// Why a job waits: every reason, node class by node class, who is ahead, when, what would help.

import { grid, h, panel } from "../dom.js";
import { ago, plain, plural, when } from "../words.js";

/** A panel of the answer of /why; *edit*({set, text}) carries out what would help. */
export function whyPanel(why, edit) {
  const { waits } = why;
  if (!waits) return why.state === "running" || why.state === "placed" ? null : panel("Why it waits", h("p", {}, plain(why.text)));
  const said = [...new Set([...(why.reason ? [why.reason.text] : []), ...waits.reasons.map((one) => one.text)])];
  return panel("Why it waits",
    h("ul", { class: "reasons" }, said.map((text) => h("li", {}, plain(text)))),
    start(waits),
    waits.classes.length ? grid(["#Nodes", "Such as", "Offer", "Lack"], waits.classes.map((row) => [
      String(row.nodes), plain(row.names.slice(0, 3).join(", ")), plain(row.offers),
      row.missing.length ? plain(row.missing.join(", ")) : "nothing: there is room",
    ])) : null,
    waits.edits.length ? h("div", {}, h("h3", {}, "Each of these alone would start it now"),
      h("div", { class: "actions" }, waits.edits.map((one) =>
        h("button", { type: "button", onclick: () => edit(one) }, plain(one.text))))) : null);
}

function start({ starts, start: expected, ahead }) {
  const before = ahead.jobs ? [plural(ahead.jobs, "job"), " ahead: ",
    ahead.first.map((id) => [h("a", { href: `#/jobs/${id}` }, String(id)), " "])] : null;
  const told = starts ? "The next round starts it." : interval(expected);
  return h("p", {}, told, " ", before);
}

function interval({ earliest, latest, unknown }) {
  if (!earliest) return unknown ? `When is unknown: ${plain(unknown)}.` : "";
  if (latest && Date.parse(latest) - Date.parse(earliest) < 1000) return `Starts ${ago(earliest)}, at ${when(earliest)}.`;
  const end = latest ? `, and ${when(latest)} at the latest` : unknown ? ` (${plain(unknown)})` : "";
  return `Starts ${ago(earliest)} at the earliest, at ${when(earliest)}${end}.`;
}
